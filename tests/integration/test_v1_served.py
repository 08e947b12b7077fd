"""The official OpenAI client against the product as people run it: demo data, the built-in model, a real socket."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI

from tests.support.model_server import ModelServer, text
from tests.support.product import EMAIL, PASSWORD, ROOT, running_product
from tests.support.serving import Caller

pytestmark = pytest.mark.slow

QUESTION = "How much did our Google Ads cost in the last 28 days?"


@dataclass
class Served:
    caller: Caller
    http: httpx.Client
    key: str
    url: str

    def openai(self, **more: Any) -> OpenAI:
        more.setdefault("default_headers", {"X-Client-ID": self.caller.http.headers["X-Client-ID"]})
        return OpenAI(api_key=self.key, base_url=f"{self.url}/v1", http_client=self.http, timeout=60, **more)

    def totals(self) -> dict[str, Any]:
        found: dict[str, Any] = self.caller.get("/api/usage?window=24")["totals"]
        return found


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[Served]:
    with running_product(data, **settings) as product, httpx.Client(trust_env=False) as http:
        caller = Caller(product)
        made = caller.http.post("/api/keys", json={"name": "Official client"})
        yield Served(caller, http, made.json()["secret"], product.url)
        caller.http.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("v1")) as made:
        yield made


def test_list_create_and_stream_with_usage_equal_to_the_ledger(served: Served) -> None:
    client = served.openai()
    assert "ppc-specialist" in [model.id for model in client.models.list()]
    before = served.totals()
    answer = client.chat.completions.create(
        model="personal-assistant", messages=[{"role": "user", "content": QUESTION}], temperature=0
    )
    assert "€" in (answer.choices[0].message.content or "") and answer.usage is not None
    assert answer.model_extra is not None
    assert [call["source"] for call in answer.model_extra["camarad"]["tool_calls"]] == ["demo"]
    middle = served.totals()
    assert answer.usage.prompt_tokens == middle["tokens_in"] - before["tokens_in"]
    assert answer.usage.completion_tokens == middle["tokens_out"] - before["tokens_out"]
    chunks = list(
        client.chat.completions.create(
            model="personal-assistant",
            messages=[
                {"role": "system", "content": "You are a helpful assistant."},
                {"role": "user", "content": QUESTION},
            ],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said.strip() == (answer.choices[0].message.content or "").strip()
    last = chunks[-1].usage
    assert last is not None and last.total_tokens == sum(
        served.totals()[name] - middle[name] for name in ("tokens_in", "tokens_out")
    )


@pytest.mark.parametrize("name", ["api-keys.md", "openai-compatible.md"])
def test_the_commands_of_the_documents_work(served: Served, name: str, tmp_path: Path) -> None:
    known = {"BASE": served.url, "EMAIL": EMAIL, "PASSWORD": PASSWORD, "KEY": served.key, "NO_PROXY": "*"}
    environment = {**os.environ, **known, "CLIENT": served.caller.http.headers["X-Client-ID"]}
    blocks = re.findall(r"```(sh|python)\n(.*?)```", (ROOT / "docs" / name).read_text(), re.DOTALL)
    assert blocks
    for language, source in blocks:
        command = [sys.executable, "-c", source] if language == "python" else ["bash", "-euo", "pipefail", "-c", source]
        ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100)
        assert ran.returncode == 0 and ran.stdout, (name, ran.stdout, ran.stderr)


def test_errors_raise_what_the_official_client_knows(served: Served) -> None:
    ask: Any = {"model": "personal-assistant", "messages": [{"role": "user", "content": "Hello"}]}
    wrong = {
        openai.AuthenticationError: served.openai().with_options(api_key="ck_wrong"),
        openai.BadRequestError: served.openai(default_headers={}),
    }
    for raised, client in wrong.items():
        with pytest.raises(raised):
            client.chat.completions.create(**ask)
        with pytest.raises(raised):
            client.chat.completions.create(**ask, stream=True)
    with pytest.raises(openai.NotFoundError):
        served.openai().chat.completions.create(**{**ask, "model": "gpt-5"})


def test_hanging_up_stops_the_turn_and_pays_what_was_used(tmp_path: Path, model_server: ModelServer) -> None:
    hosted = {
        "CAMARAD_MODEL": "openai/gpt-5-mini",
        "CAMARAD_MODEL_BASES": f'{{"openai": "{model_server.base}"}}',
        "CAMARAD_MODEL_KEYS": '{"openai": "sk-test"}',
    }
    with serving(tmp_path, **hosted) as served:
        client = served.openai(max_retries=0)
        model_server.otherwise = text(" ".join(["word"] * 400), piece_delay=0.05)
        ask: Any = {"model": "seo-strategist", "messages": [{"role": "user", "content": "Write a lot about SEO"}]}
        stream = client.chat.completions.create(**ask, stream=True)
        for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        stream.close()
        assert model_server.wait_for_disconnects(1, timeout=20)
        with pytest.raises(openai.APITimeoutError):
            client.with_options(timeout=1).chat.completions.create(**ask)
        assert model_server.wait_for_disconnects(2, timeout=20)
        _until(lambda: served.caller.get("/api/user/snapshot")["held_ct"] == 0)
        rows = served.caller.get("/api/usage?window=24")["rows"]
        assert len(rows) == 2 and all(row["tokens_in"] > 0 and row["tokens_out"] < 300 for row in rows)
        assert model_server.completed == 0


def _until(done: Any) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
