"""Thousands of odd requests made from the OpenAPI document: every answer is a declared one, and none is a crash."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.product import EMAIL, PASSWORD, running_product

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
LEFT_OUT = "erase|logout|/api/keys/"  # they would end the very sign-in that the requests are made with
SECONDS = 50


def key_of(url: str) -> str:
    """An API key that may do what keys may."""
    with httpx.Client(base_url=url) as http:
        signed_in = http.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD}).json()
        made = http.post(
            "/api/keys",
            json={"name": "fuzz", "scopes": ["read", "chat", "manage"]},
            headers={"X-CSRF-Token": signed_in["csrf_token"]},
        )
        assert made.status_code == 201, made.text
        return str(made.json()["secret"])


def test_every_answer_is_declared_and_none_is_a_crash(tmp_path: Path) -> None:
    plenty = dict.fromkeys(("REQUESTS_PER_MINUTE_USER", "REQUESTS_PER_MINUTE_WORKSPACE"), "1000000")
    settings = {"INTERNAL_TOKEN": "internal", "REQUESTS_PER_MINUTE_KEY": "1000000", **plenty}
    with running_product(tmp_path / "product", **settings) as product:
        headers = {
            "Authorization": f"Bearer {key_of(product.url)}",
            "X-Client-ID": "demo-lampadar",
            "X-Internal-Token": "internal",
        }
        named = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        command = [str(SCHEMATHESIS), "run", f"{product.url}/openapi.json", *named]
        command += ["--checks", "status_code_conformance,content_type_conformance", "--exclude-path-regex", LEFT_OUT]
        command += ["--phases", "coverage,fuzzing", "-n", "4", "--seed", "7", "--max-time", str(SECONDS), "--no-color"]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=SECONDS * 4, check=False)
        assert ran.returncode == 0, ran.stdout[-6000:]
        generated = re.search(r"(\d+) generated", ran.stdout)
        assert generated and int(generated[1]) > 1_000, ran.stdout[-2000:]
        logs = (product.data / "logs" / "camarad.jsonl").read_text()
        assert '"event": "crashed"' not in logs and '"status": 500' not in logs
