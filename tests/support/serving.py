"""`python -m camarad serve` as a process: started, asked over its socket, told to stop."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.product import EMAIL, PASSWORD, ROOT, Product

PATIENCE = 100.0


def environment(**settings: str) -> dict[str, str]:
    """The shell's without its settings of Camarad, then `settings`."""
    own = ("CAMARAD_", "CHAINLIT_", "DATABASE_", "OPENAI_", "ANTHROPIC_", "STRIPE_", "BILLING_", "GOOGLE_", "GATEWAY_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(own)}
    return kept | {"CAMARAD_DEMO_PASSWORD": PASSWORD, "CAMARAD_TODAY": "2026-11-20", **settings}


def launch(data: Path, *arguments: str, **settings: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "camarad", "serve", "--port", "0", "--data", str(data), *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass(frozen=True)
class Refusal:
    """How a start ended that had to fail."""

    code: int
    said: str
    error: str


def refused(data: Path, *arguments: str, **settings: str) -> Refusal:
    process = launch(data, *arguments, **settings)
    try:
        said, error = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate(timeout=10)
        raise
    return Refusal(process.returncode, said, error)


def until(process: subprocess.Popen[str], start: str) -> list[str]:
    """The lines said until one begins so, that one included."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(start):
            return lines
    raise AssertionError("It ended before saying so:\n" + "".join(lines))


def children(pid: int) -> list[int]:
    """Of any of its threads."""
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def address(lines: list[str]) -> str:
    found = re.fullmatch(r"READY (http://\S+)\n", lines[-1])
    assert found, lines
    return found[1]


class Caller:
    """Signed in to the demo workspace, using the client with both connections."""

    def __init__(self, product: Product) -> None:
        self.http = httpx.Client(base_url=product.url, timeout=60, trust_env=False)
        signed_in = self.http.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD})
        assert signed_in.status_code == 200, signed_in.text
        self.http.headers["X-CSRF-Token"] = signed_in.json()["csrf_token"]
        clients: list[dict[str, Any]] = self.get("/api/clients")["clients"]
        self.http.headers["X-Client-ID"] = clients[0]["id"]

    def get(self, path: str) -> dict[str, Any]:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def new_conversation(self) -> str:
        answer = self.http.post("/api/conversations/new", json={})
        assert answer.status_code == 201, answer.text
        return f"/api/conversations/{answer.json()['conversation']['id']}"
