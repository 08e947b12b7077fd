"""CPU a streamed token costs: 100 chats over the whole gate and socket path, beside a bare SSE stream.

    python scripts/bench/streaming.py [--sessions 100] [--tokens 250] [--gap-ms 20] [--rounds 3]

Two servers in processes of their own send the same tokens at the same pace to as many readers, by turns. Measured is
the CPU time of the server's process while they stream, as the slope over tokens, so that what a turn costs anyway
stands apart. The model is left out; the run that a turn lives in (graphs.runs) is not. Both run on uvloop, as the
product does. The pace leaves the machine idle at times: packets grow on a busy one, which would flatter the chat.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import uvloop

sys.path.insert(0, str(Path(__file__).parents[2]))

WORD = "token "
LIMIT = 1.5


@dataclasses.dataclass(frozen=True)
class Load:
    """`gap` is in seconds, between two tokens of one stream."""

    sessions: int
    tokens: int
    gap: float
    rounds: int

    @property
    def few(self) -> int:
        return self.tokens // 5


class Scripted:
    """Behind the Assistant's interface: words at a pace, from no model, in a run like a turn's."""

    def __init__(self, gap: float) -> None:
        from graphs.runs import Runs

        self._runs, self._gap = Runs(), gap

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def run_turn(self, scope: Any, conversation_id: str, text: str, pace: float, **_: Any) -> AsyncIterator[Any]:
        from graphs.runs import Run

        run = Run(scope, conversation_id, uuid.uuid4().hex, "none")
        self._runs.start(run, lambda run: speak(run, int(text), self._gap))
        async for event in run.follow(pace):
            yield event


async def speak(run: Any, count: int, gap: float) -> None:
    from graphs.events import AgentEvent, DoneEvent, MessageView, TokenEvent, TurnDocument

    run.emit(AgentEvent(agent="ppc-specialist"))
    async for word in words(count, gap):
        run.emit(TokenEvent(text=word))
    message = MessageView(id="none", agent="ppc-specialist", text=WORD * count, language="en")
    run.emit(DoneEvent(document=TurnDocument(message=message, route=["ppc-specialist"], trace_id="none")))


async def words(count: int, gap: float) -> AsyncIterator[str]:
    for _ in range(count):
        await asyncio.sleep(gap)
        yield WORD


def sse_app(gap: float) -> Any:
    from starlette.applications import Starlette
    from starlette.responses import StreamingResponse
    from starlette.routing import Route

    async def stream(request: Any) -> StreamingResponse:
        async def body() -> AsyncIterator[str]:
            async for word in words(int(request.query_params["tokens"]), gap):
                yield f'event: token\ndata: {{"text": "{word}"}}\n\n'

        return StreamingResponse(body(), media_type="text/event-stream")

    return Starlette(routes=[Route("/stream", stream)])


async def chat_app(data: Path, gap: float) -> Any:
    from camarad.migrate import upgrade
    from camarad.settings import load_settings
    from web.app import build_app, wrap
    from web.demo import seed
    from web.services import build_services

    settings = load_settings(_env_file=None, camarad_data_dir=data, camarad_demo_password="bench-password")
    await asyncio.to_thread(upgrade, settings.resolved_database_url)
    services = build_services(settings)
    await seed(services.database, services.clock, services.passwords, settings, None)
    scripted: Any = Scripted(gap)
    return wrap(build_app(dataclasses.replace(services, assistant=scripted)))


async def serve(kind: str, port: int, data: Path, gap: float) -> None:
    import uvicorn

    from camarad.log import configure_logs

    configure_logs("error")
    app = sse_app(gap) if kind == "sse" else await chat_app(data, gap)
    config = uvicorn.Config(
        app, port=port, log_config=None, access_log=False, lifespan="off", ws_per_message_deflate=False
    )
    await uvicorn.Server(config).serve()


async def read_sse(base: str, ready: asyncio.Barrier, _: Any, tokens: int) -> int:
    import httpx

    async with httpx.AsyncClient(base_url=base, timeout=120) as client:
        await ready.wait()
        async with client.stream("GET", f"/stream?tokens={tokens}") as answer:
            return sum([line.startswith("data:") async for line in answer.aiter_lines()])


async def read_chat(base: str, ready: asyncio.Barrier, cookies: dict[str, str], tokens: int) -> int:
    import socketio

    client = socketio.AsyncClient(reconnection=False)
    opened, ended, got = asyncio.Event(), asyncio.Event(), [0]

    def heard(event: str, data: Any = None) -> None:
        if event == "stream_start":
            got[0] += data["output"].count(WORD)
        elif event == "stream_token":
            got[0] += data["token"].count(WORD)
        elif event == "window_message" and data["camarad"] == "ready":
            opened.set()
        elif event == "window_message" and data.get("state") in ("answered", "failed"):
            ended.set()

    client.on("*", heard)
    await client.connect(
        base,
        headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items()), "Origin": base},
        auth={"sessionId": str(uuid.uuid4()), "threadId": ""},
        transports=["websocket"],
        socketio_path="/c/demo-lampadar/chat/ws/socket.io",
    )
    await client.emit("connection_successful")
    await opened.wait()
    await ready.wait()
    await client.emit("client_message", {"message": {"id": str(uuid.uuid4()), "output": str(tokens)}})
    await asyncio.wait_for(ended.wait(), 120)
    await client.disconnect()
    return got[0]


async def signed_in(base: str) -> dict[str, str]:
    import httpx

    async with httpx.AsyncClient(base_url=base) as client:
        body = {"email": "demo@camarad.example", "password": "bench-password"}
        (await client.post("/api/auth/login", json=body)).raise_for_status()
        return dict(client.cookies)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


Reader = Callable[[str, asyncio.Barrier, Any, int], Awaitable[int]]


@dataclasses.dataclass
class Spent:
    """CPU of one server over all rounds, in seconds, for short and for long streams; `took` is its slowest long one."""

    short: float = 0.0
    long: float = 0.0
    took: float = 0.0


@dataclasses.dataclass(frozen=True)
class Contender:
    name: str
    kind: str
    read: Reader
    spent: Spent = dataclasses.field(default_factory=Spent)


@asynccontextmanager
async def serving(kind: str, load: Load, data: Path) -> AsyncIterator[tuple[int, str, dict[str, str]]]:
    port = free_port()
    command = [sys.executable, __file__, "--serve", kind, "--port", str(port), "--data", str(data)]
    server = subprocess.Popen([*command, "--gap-ms", str(load.gap * 1e3)])  # noqa: ASYNC220 - returns at once
    try:
        base = f"http://127.0.0.1:{port}"
        await answers(port)
        yield server.pid, base, await signed_in(base) if kind == "chat" else {}
    finally:
        server.terminate()
        server.wait(20)


async def stream(pid: int, base: str, read: Reader, sessions: int, tokens: int, cookies: Any) -> tuple[float, float]:
    """CPU seconds of the server and seconds until every reader was done."""
    ready = asyncio.Barrier(sessions + 1)
    readers = [asyncio.create_task(read(base, ready, cookies, tokens)) for _ in range(sessions)]
    await ready.wait()
    before, begun = cpu_seconds(pid), time.perf_counter()
    got = await asyncio.gather(*readers)
    took, spent = time.perf_counter() - begun, cpu_seconds(pid) - before
    assert set(got) == {tokens}, f"tokens were lost: {sorted(set(got))}"
    return spent, took


def free_port() -> int:
    import socket

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


async def answers(port: int) -> None:
    async with asyncio.timeout(90):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.2)
            else:
                writer.close()
                return


async def compare(load: Load) -> float:
    """By turns, so that both meet the same machine; gives the ratio."""
    bare, chat = Contender("bare SSE", "sse", read_sse), Contender("chat", "chat", read_chat)
    async with AsyncExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = [(c, await stack.enter_async_context(serving(c.kind, load, data))) for c in (bare, chat)]
        for number in range(-1, load.rounds):
            for contender, (pid, base, cookies) in servers:
                short, _ = await stream(pid, base, contender.read, load.sessions, load.few, cookies)
                if number < 0:
                    continue  # a first, short one warms up
                long, took = await stream(pid, base, contender.read, load.sessions, load.tokens, cookies)
                spent = contender.spent
                spent.short, spent.long, spent.took = spent.short + short, spent.long + long, max(spent.took, took)
    return report(load, bare, chat)


def report(load: Load, bare: Contender, chat: Contender) -> float:
    print(
        f"{load.sessions} streams of {load.few} and of {load.tokens} tokens, {load.gap * 1e3:.0f} ms apart, "
        f"{load.rounds} rounds"
    )
    cost = {}
    for one in (bare, chat):
        token = (one.spent.long - one.spent.short) / (load.sessions * (load.tokens - load.few) * load.rounds)
        turn = one.spent.short / (load.sessions * load.rounds) - token * load.few
        cost[one.kind] = token
        print(f"  {one.name:<9}{token * 1e6:6.1f} µs a token, {turn * 1e3:5.1f} ms a turn, ", end="")
        print(f"done after {one.spent.took:.2f} s of {load.tokens * load.gap:.2f}")
    ratio = cost["chat"] / cost["sse"]
    print(f"  ratio    {ratio:6.2f} a token (at most {LIMIT})")
    return ratio


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--tokens", type=int, default=250)
    parser.add_argument("--gap-ms", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", choices=["sse", "chat"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    load = Load(given.sessions, given.tokens, given.gap_ms / 1e3, given.rounds)
    if given.serve:
        uvloop.run(serve(given.serve, given.port, given.data, load.gap))
        return 0
    return 0 if asyncio.run(compare(load)) <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
