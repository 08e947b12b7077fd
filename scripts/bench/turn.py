"""CPU of one full turn beside plain LangGraph and litellm, in one run: `python scripts/bench/turn.py`.

The turn: the Personal Assistant routes, the PPC Specialist calls two tools at once, then answers in some 70 words. The
product stores the message and the answer, checkpoints every step, and meters all three model calls. The plain side is
the usual way: a StateGraph over MessagesState and a ToolNode, with nodes that call `litellm.acompletion(stream=True)`
and pass words on through the stream writer; with LangGraph's SQLite checkpointer, storing and metering nothing.

Both sides ask the same scripted model (a litellm custom provider, so no network is measured), with the same prompts and
tool schemas, and get the same tool results. They take turns in one process, so that a busy machine hurts them alike.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import gc
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import uvloop  # noqa: E402
from langchain_core.messages import (  # noqa: E402
    AIMessage,
    AnyMessage,
    HumanMessage,
    ToolMessage,
    convert_to_openai_messages,
)
from langchain_core.tools import StructuredTool  # noqa: E402
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver  # noqa: E402
from langgraph.config import get_stream_writer  # noqa: E402
from langgraph.graph import START, MessagesState, StateGraph  # noqa: E402
from langgraph.prebuilt import ToolNode, tools_condition  # noqa: E402

from agents.llm import build_door, engine  # noqa: E402
from agents.roster import PERSONAL_ASSISTANT, agent  # noqa: E402
from billing.audit import audit  # noqa: E402
from billing.wallet import open_wallet  # noqa: E402
from camarad.clock import SystemClock  # noqa: E402
from camarad.database import Database  # noqa: E402
from camarad.ids import new_id  # noqa: E402
from camarad.log import configure_logs  # noqa: E402
from camarad.migrate import upgrade  # noqa: E402
from camarad.models import Client, User, Workspace  # noqa: E402
from camarad.scope import Scope  # noqa: E402
from camarad.settings import Settings, load_settings  # noqa: E402
from graphs import conversations  # noqa: E402
from graphs.events import DoneEvent  # noqa: E402
from graphs.handoff import ROUTE_TOOL, route_schema  # noqa: E402
from graphs.turn import Assistant  # noqa: E402
from prompts.loader import load_prompt  # noqa: E402
from tools import registry  # noqa: E402
from tools.blocks import Column  # noqa: E402
from tools.connectors.connection import ConnectionView  # noqa: E402
from tools.result import Meta, Period, ToolResult  # noqa: E402

MODEL = "camarad/scripted"
QUESTION = "How did our Google Ads do in the last 28 days, and where are we wasting money?"
SPECIALIST = "ppc-specialist"
CALLS = (("ads_overview", {"range": "28days", "compare": "previous"}), ("ads_wasted_spend", {"range": "28days"}))
ANSWER = (
    "In the last 28 days the account spent 1234.56 EUR for 321 conversions, at 3.85 EUR each. " * 4
    + "Pause the search terms that brought nothing and move their budget to the campaign that sells."
)
SCOPE = Scope("bench-user", "bench-workspace", "bench-client")
Turn = Callable[[], Awaitable[str]]


def scripted_provider(litellm: Any) -> Any:
    """A model that routes, then calls both tools, then answers: as little work as a provider can do."""
    from litellm.types.utils import ChatCompletionDeltaToolCall as CallDelta
    from litellm.types.utils import (
        ChatCompletionMessageToolCall,
        Choices,
        Delta,
        Function,
        Message,
        ModelResponse,
        ModelResponseStream,
        StreamingChoices,
        Usage,
    )

    def decide(messages: list[dict[str, Any]], options: dict[str, Any]) -> tuple[str, tuple[tuple[str, Any], ...]]:
        offered = {tool["function"]["name"] for tool in options.get("tools") or ()}
        if ROUTE_TOOL in offered and "ads_overview" not in offered:
            return "", ((ROUTE_TOOL, {"agent": SPECIALIST, "note": QUESTION}),)
        answered = any(m["role"] == "tool" and '"columns"' in str(m["content"]) for m in messages)
        return (ANSWER, ()) if answered else ("", CALLS)

    def usage() -> Any:
        return Usage(prompt_tokens=1800, completion_tokens=90, total_tokens=1890)

    class Scripted(litellm.CustomLLM):  # type: ignore[misc]
        async def acompletion(self, *args: Any, **kwargs: Any) -> Any:
            text, calls = decide(kwargs["messages"], kwargs["optional_params"])
            made = [
                ChatCompletionMessageToolCall(
                    id=f"call_{n}_{name}", function=Function(name=name, arguments=json.dumps(a))
                )
                for n, (name, a) in enumerate(calls)
            ]
            message = Message(role="assistant", content=text or None, tool_calls=made or None)
            choice = Choices(index=0, finish_reason="tool_calls" if calls else "stop", message=message)
            response = kwargs.get("model_response") or ModelResponse()
            response.choices, response.model, response.usage = [choice], MODEL, usage()
            return response

        async def astreaming(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            text, calls = decide(kwargs["messages"], kwargs["optional_params"])
            words = text.split(" ")
            deltas = [Delta(content=" ".join(words[i : i + 5]) + " ") for i in range(0, len(words), 5) if text]
            for n, (name, a) in enumerate(calls):
                function = Function(name=name, arguments=json.dumps(a))
                call = CallDelta(index=n, id=f"call_{n}_{name}", type="function", function=function)
                deltas.append(Delta(role="assistant", tool_calls=[call]))
            for delta in deltas:
                chunk = ModelResponseStream(model=MODEL, choices=[StreamingChoices(index=0, delta=delta)])
                if delta is deltas[-1]:
                    chunk.usage = usage()
                yield chunk
            finish = "tool_calls" if calls else "stop"
            yield ModelResponseStream(
                model=MODEL, choices=[StreamingChoices(index=0, delta=Delta(), finish_reason=finish)]
            )

    return Scripted()


def fixed_result() -> ToolResult:
    columns = [Column(name="campaign", type="text", label="Campaign"), Column(name="cost", type="money", label="Cost")]
    return ToolResult(
        title="Google Ads, last 28 days",
        meta=Meta(
            source="demo", as_of=datetime(2026, 11, 20, 6, tzinfo=UTC), currency="EUR", timezone="Europe/Bucharest",
            range=Period(start="2026-10-23", end="2026-11-19"),
        ),
        columns=columns,
        rows=[[f"Campaign {n}", 1234.56 + n] for n in range(8)],
        totals={"cost": 1234.56, "conversions": 321, "cost_per_conversion": 3.85},
    )  # fmt: skip


async def _fixed(context: Any, arguments: Any) -> ToolResult:
    return fixed_result()


class FixedConnectors:
    """Both accounts connected; the tools are fixed, so nothing is asked of Google."""

    async def states(self, scope: Scope) -> dict[str, ConnectionView]:
        named = {"state": "connected", "source": "demo", "account_id": "1", "account_name": "Shop"}
        return {p: ConnectionView(provider=p, **named) for p in ("ga4", "google-ads")}


async def product(settings: Settings, stack: AsyncExitStack, conversations_needed: int) -> tuple[Turn, Database]:
    """The real thing, tools and Google left out."""
    for name, _ in CALLS:
        registry._BY_NAME[name] = dataclasses.replace(registry.tool(name), run=_fixed)
    await asyncio.to_thread(upgrade, settings.resolved_database_url)
    database, clock = Database(settings.resolved_database_url), SystemClock()
    stack.push_async_callback(database.close)
    await _seed(database)
    door = build_door(settings, database, clock)
    await door.start()
    stack.push_async_callback(door.close)
    assistant = Assistant(settings, database, door, FixedConnectors(), clock)  # type: ignore[arg-type]
    await assistant.start()
    stack.push_async_callback(assistant.close)

    fresh = [(await conversations.create(database, SCOPE, clock)).id for _ in range(conversations_needed)]

    async def turn() -> str:
        events = assistant.run_turn(SCOPE, fresh.pop(), QUESTION, request_id=new_id())
        last = [event async for event in events][-1]
        assert isinstance(last, DoneEvent) and last.document.status == "complete", last
        assert len(last.document.tool_calls) == 2 and last.document.usage.requests == 3
        return last.document.message.text

    return turn, database


async def _seed(database: Database) -> None:
    now = datetime.now(UTC)
    async with database.unscoped("a benchmark makes its own workspace") as session:
        session.add(User(id=SCOPE.user_id, email="bench@example.com", display_name="Bench", created_at=now))
        session.add(Workspace(id=SCOPE.workspace_id, name="Bench", created_at=now))
        await session.flush()
        session.add(Client(id=SCOPE.client_id, workspace_id=SCOPE.workspace_id, name="Shop", created_at=now))
    await open_wallet(database, SCOPE.workspace_id, 10_000_000)


class Plain:
    """The same turn by hand on LangGraph and litellm."""

    def __init__(self, litellm: Any) -> None:
        self.litellm = litellm
        assistant, specialist = agent(PERSONAL_ASSISTANT), agent(SPECIALIST)
        self.route_tools = [*_schemas(assistant.tools), route_schema(assistant)]
        self.work_tools = _schemas(specialist.tools)
        self.tools = ToolNode([_plain_tool(name) for name, _ in CALLS])

    async def ask(self, slug: str, tools: list[Any], messages: list[AnyMessage]) -> AIMessage:
        """One streamed model call; words go to the stream writer as they come."""
        write = get_stream_writer()
        stream = await self.litellm.acompletion(
            model=MODEL,
            messages=[_system(slug), *convert_to_openai_messages(messages)],
            tools=tools,
            stream=True,
            stream_options={"include_usage": True},
            _skip_mcp_handler=True,
        )
        text, calls = [], {}
        async for chunk in stream:
            delta = chunk.choices[0].delta
            if delta.content:
                text.append(delta.content)
                write({"token": delta.content})
            for call in delta.tool_calls or ():
                made = calls.setdefault(call.index, {"id": call.id, "name": call.function.name, "args": ""})
                made["args"] += call.function.arguments
        made_calls = [{**call, "args": json.loads(call["args"])} for call in calls.values()]
        return AIMessage(content="".join(text), tool_calls=made_calls)

    async def router(self, state: MessagesState) -> dict[str, Any]:
        reply = await self.ask(PERSONAL_ASSISTANT, self.route_tools, state["messages"])
        done = ToolMessage(f"Handed over to {SPECIALIST}.", tool_call_id=reply.tool_calls[0]["id"])
        return {"messages": [reply, done]}

    async def worker(self, state: MessagesState) -> dict[str, Any]:
        return {"messages": [await self.ask(SPECIALIST, self.work_tools, state["messages"])]}

    async def turn(self, folder: Path, stack: AsyncExitStack, *, checkpoints: bool) -> Turn:
        graph = StateGraph(MessagesState)
        graph.add_node("router", self.router)
        graph.add_node("worker", self.worker)
        graph.add_node("tools", self.tools)
        graph.add_edge(START, "router")
        graph.add_edge("router", "worker")
        graph.add_conditional_edges("worker", tools_condition)
        graph.add_edge("tools", "worker")
        saver = None
        if checkpoints:
            saver = await stack.enter_async_context(AsyncSqliteSaver.from_conn_string(str(folder / "plain.db")))
            await saver.setup()
            await saver.conn.execute("PRAGMA synchronous=NORMAL")
        compiled = graph.compile(checkpointer=saver)

        async def turn() -> str:
            inside = engine._in_the_door.set(True)  # this side is unmetered on purpose
            try:
                config: Any = {"configurable": {"thread_id": new_id()}}
                first: Any = {"messages": [HumanMessage(QUESTION)]}
                words = [part["token"] async for part in compiled.astream(first, config, stream_mode="custom")]
            finally:
                engine._in_the_door.reset(inside)
            return "".join(words)

        return turn


def _schemas(names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [tool.schema() for tool in registry.tools_for(names)]


@cache
def _system(slug: str) -> dict[str, Any]:
    facts = {"client": "Shop", "currency": "EUR", "timezone": "UTC", "agents": "-", "connections": "-"}
    facts |= {"today": "2026-11-20", "language": "en"}
    speaker = agent(slug)
    prompt = load_prompt(speaker.prompt)
    return {"role": "system", "content": prompt.render({**facts, "agent": slug, "agent_name": speaker.name})}


def _plain_tool(name: str) -> StructuredTool:
    async def run(**arguments: Any) -> str:
        return fixed_result().for_model()

    found = registry.tool(name)
    return StructuredTool.from_function(
        coroutine=run, name=name, description=found.description, args_schema=found.arguments
    )


async def measure(turn: Turn, count: int) -> float:
    """CPU milliseconds a turn of the whole process, background work included."""
    gc.collect()
    began = time.process_time()
    for _ in range(count):
        words = await turn()
        assert words.split() == ANSWER.split(), words
    await asyncio.sleep(0.05)
    return (time.process_time() - began) / count * 1000


async def run(rounds: int, turns: int) -> int:
    configure_logs("error")
    litellm = engine.load()
    litellm.custom_provider_map = [{"provider": "camarad", "custom_handler": scripted_provider(litellm)}]
    litellm.utils.custom_llm_setup()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = load_settings(
            _env_file=None,
            camarad_data_dir=folder,
            camarad_demo=False,
            camarad_model=MODEL,
            max_daily_ct_per_workspace=10**9,
            camarad_model_prices={MODEL: {"input": 150_000, "output": 600_000}},
        )
        ours, database = await product(settings, stack, rounds * turns + 5)
        sides: dict[str, Turn] = {
            "plain, SQLite checkpoints": await Plain(litellm).turn(folder, stack, checkpoints=True),
            "plain, no checkpoints": await Plain(litellm).turn(folder, stack, checkpoints=False),
            "camarad, all on": ours,
        }
        for side in sides.values():
            await measure(side, 5)
        figures: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(rounds):
            for name, side in sides.items():
                figures[name].append(await measure(side, turns))
        findings = await audit(database)
    report(figures)
    print("books:", findings or "balanced")
    return 0 if not findings else 1


def report(figures: dict[str, list[float]]) -> None:
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; median CPU ms a turn (lowest – highest round)")
    ours = statistics.median(figures["camarad, all on"])
    for name, rounds in figures.items():
        middle = statistics.median(rounds)
        print(f"{name:28s}{middle:8.2f}  ({min(rounds):.2f} – {max(rounds):.2f})   camarad / this {ours / middle:5.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turns", type=int, default=40, help="turns a round and side")
    arguments = parser.parse_args()
    return uvloop.run(run(arguments.rounds, arguments.turns))


if __name__ == "__main__":
    sys.exit(main())
