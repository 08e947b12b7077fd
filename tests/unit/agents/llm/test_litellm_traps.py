"""One contract test for each trap we found in litellm. It releases weekly: these say what an upgrade would break."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from agents.llm import UnmeteredCall, engine
from camarad.errors import CamaradError, Upstream
from tests.support.model_server import failure, quiet, text
from tests.unit.agents.llm.conftest import MODEL, TOOL, USER, Bench, MakeBench

IMPORT_ALONE = """
import os, sys
reached = []
sys.addaudithook(lambda event, args: reached.append(args) if event == "socket.getaddrinfo" else None)
os.environ["CWD_KEY"] = "unset"
import agents.llm
assert "litellm" not in sys.modules, "imported too early"
agents.llm.preload()
import litellm
assert not reached, reached
assert os.environ["CWD_KEY"] == "unset", "litellm loaded .env into the environment"
assert litellm.model_cost
"""


def test_the_version_is_one_whose_tools_work_beside_chainlits_mcp() -> None:
    assert version("litellm") == "1.105.3"


@pytest.mark.slow
def test_importing_it_reaches_no_network_and_leaves_env_files_alone(tmp_path: Any) -> None:
    (tmp_path / ".env").write_text("CWD_KEY=leaked\n")
    checkout = str(Path(engine.__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": checkout}
    for name in ("LITELLM_MODE", "LITELLM_LOCAL_MODEL_COST_MAP", "CWD_KEY"):
        environment.pop(name, None)
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_ALONE], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr


def test_the_tokenizers_of_open_models_are_not_downloaded() -> None:
    assert engine.load().disable_hf_tokenizer_download is True


async def test_an_async_call_round_the_door_is_refused(bench: Bench) -> None:
    with pytest.raises(UnmeteredCall):
        await engine.load().acompletion(model=MODEL, messages=USER, api_base=bench.server.base, api_key="x")
    assert bench.server.requests == []


@pytest.mark.parametrize("name", ["completion", "embedding", "text_completion"])
def test_a_sync_call_round_the_door_is_refused(name: str, model_server: Any) -> None:
    wanted = {"input": ["x"]} if name == "embedding" else {"prompt": "x"} if name == "text_completion" else {}
    arguments = {"messages": USER} if name == "completion" else wanted
    with pytest.raises(CamaradError):
        getattr(engine.load(), name)(model=MODEL, api_base=model_server.base, api_key="x", **arguments)
    assert model_server.requests == []


async def test_the_guard_does_not_outlive_a_call_of_the_door(bench: Bench) -> None:
    await bench.ask(True)
    with pytest.raises(UnmeteredCall):
        await engine.load().acompletion(model=MODEL, messages=USER, api_base=bench.server.base, api_key="x")


async def test_a_stream_asks_for_its_usage_or_there_would_be_none(bench: Bench) -> None:
    reply = await bench.ask(True)
    assert bench.server.bodies[0]["stream_options"] == {"include_usage": True}
    assert (reply.usage.tokens_in, reply.usage.estimated) == (111, False)


@pytest.mark.parametrize("streamed", [False, True])
async def test_nothing_below_the_door_retries(make_bench: MakeBench, streamed: bool) -> None:
    bench = await make_bench(camarad_model_retries=0)
    bench.server.script(failure(429), text("late"))
    with pytest.raises(Upstream):
        await bench.ask(streamed)
    assert len(bench.server.requests) == 1


async def test_a_call_with_tools_does_not_need_another_mcp(bench: Bench) -> None:
    await bench.ask(False, tools=[TOOL])
    assert bench.server.bodies[0]["tools"] == [TOOL]


async def test_closing_a_stream_closes_the_connection_to_the_provider(bench: Bench) -> None:
    bench.server.script(text("one two three four", hang_after=2))
    async with bench.door.stream(bench.context(), USER) as stream:
        await anext(stream)
    assert await asyncio.to_thread(bench.server.wait_for_disconnects)


async def test_cancelling_a_call_that_is_not_streamed_closes_it_too(bench: Bench) -> None:
    bench.server.script(quiet(30))
    task = asyncio.create_task(bench.ask(False))
    await asyncio.to_thread(bench.server.wait_for_requests)
    task.cancel()
    await asyncio.wait({task})
    assert await asyncio.to_thread(bench.server.wait_for_disconnects)


async def test_the_lean_stream_is_the_providers_own_where_its_chunks_are_known(bench: Bench) -> None:
    request = bench.door._request(USER, None, None, None)
    access = {"api_base": bench.server.base, "api_key": "x"}
    chunks = await engine.stream(MODEL, request, access, 10)
    assert type(engine._leanest(chunks._wrapper)).__module__.startswith("openai")
    await chunks.aclose()


def test_the_quiet_logging_object_overrides_what_litellm_still_calls() -> None:
    logging = __import__("litellm.litellm_core_utils.litellm_logging", fromlist=["Logging"]).Logging
    for name in (*engine.SILENT, *engine.SILENT_ASYNC):
        assert callable(getattr(logging, name)), name


@pytest.mark.filterwarnings("ignore")  # pydantic has several about types of litellm's
async def test_a_wrapped_stream_of_another_provider_reads_the_same(bench: Bench, monkeypatch: Any) -> None:
    """The way every provider takes whose chunks we do not know: litellm's acompletion and its stream wrapper."""
    monkeypatch.setattr(engine, "PROVIDERS_THAT_NEVER_BLOCK", frozenset())
    monkeypatch.setattr(engine, "_leanest", lambda wrapper: wrapper)
    bench.server.script(text("one two three"), text("one two three"), failure(500), text("one two three"))
    for streamed in (True, False, True):
        reply = await bench.ask(streamed)
        assert (reply.text.strip(), reply.usage.tokens_in, reply.usage.tokens_out) == ("one two three", 111, 22)
    assert [a["outcome"] for a in reply.attempts] == ["InternalServerError", "answered"]
