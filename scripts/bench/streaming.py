"""CPU a streamed token costs: 100 chats over the whole gate and socket path, beside a bare SSE stream.

    python scripts/bench/streaming.py [--sessions 100] [--tokens 400]

Two servers, one after the other, in processes of their own, send the same tokens at the same pace to as many readers.
Measured is the CPU time of the server's process while they stream, as the slope over
tokens, so that what a turn costs anyway stands apart; the model is left out.
Both run on uvloop, as the product does.
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
from pathlib import Path
from typing import Any

import uvloop

sys.path.insert(0, str(Path(__file__).parents[2]))

GAP = 0.01  # seconds between two tokens of one stream, as a quick model sends them
WORD = "token "
LIMIT = 1.5


class Scripted:
    """Behind the Assistant's interface: words at a pace, from no model."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def run_turn(self, scope: Any, conversation_id: str, text: str, **_: Any) -> AsyncIterator[Any]:
        from graphs.events import AgentEvent, DoneEvent, MessageView, TokenEvent, TurnDocument

        yield AgentEvent(agent="ppc-specialist")
        async for word in words(int(text)):
            yield TokenEvent(text=word)
        message = MessageView(id="none", agent="ppc-specialist", text=WORD * int(text), language="en")
        yield DoneEvent(document=TurnDocument(message=message, route=["ppc-specialist"], trace_id="none"))


async def words(count: int) -> AsyncIterator[str]:
    for _ in range(count):
        await asyncio.sleep(GAP)
        yield WORD


def sse_app() -> Any:
    from starlette.applications import Starlette
    from starlette.responses import StreamingResponse
    from starlette.routing import Route

    async def stream(request: Any) -> StreamingResponse:
        async def body() -> AsyncIterator[str]:
            async for word in words(int(request.query_params["tokens"])):
                yield f'event: token\ndata: {{"text": "{word}"}}\n\n'

        return StreamingResponse(body(), media_type="text/event-stream")

    return Starlette(routes=[Route("/stream", stream)])


async def chat_app(data: Path) -> Any:
    from camarad.migrate import upgrade
    from camarad.settings import load_settings
    from web.app import build_app, wrap
    from web.demo import seed
    from web.services import build_services

    settings = load_settings(_env_file=None, camarad_data_dir=data, camarad_demo_password="bench-password")
    await asyncio.to_thread(upgrade, settings.resolved_database_url)
    services = build_services(settings)
    await seed(services.database, services.clock, services.passwords, settings, None)
    scripted: Any = Scripted()
    return wrap(build_app(dataclasses.replace(services, assistant=scripted)))


async def serve(kind: str, port: int, data: Path) -> None:
    import uvicorn

    from camarad.log import configure_logs

    configure_logs("error")
    app = sse_app() if kind == "sse" else await chat_app(data)
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


@dataclasses.dataclass(frozen=True)
class Cost:
    """CPU: microseconds of one more token, milliseconds of a turn apart from its tokens; `took` is in seconds."""

    token_us: float
    turn_ms: float
    took: float


async def measure(kind: str, read: Reader, sessions: int, tokens: int, data: Path) -> Cost:
    """Short streams, then long ones, on one server: the difference is what tokens cost, the rest what a turn costs."""
    port = free_port()
    command = [sys.executable, __file__, "--serve", kind, "--port", str(port), "--data", str(data)]
    server = subprocess.Popen(command)  # noqa: ASYNC220 - returns at once
    try:
        base = f"http://127.0.0.1:{port}"
        await answers(port)
        cookies = await signed_in(base) if kind == "chat" else {}
        few = tokens // 5
        await stream(server.pid, base, read, sessions, few, cookies)  # warm
        short, _ = await stream(server.pid, base, read, sessions, few, cookies)
        long, took = await stream(server.pid, base, read, sessions, tokens, cookies)
    finally:
        server.terminate()
        server.wait(20)
    token = (long - short) / (sessions * (tokens - few))
    return Cost(token * 1e6, (short / sessions - token * few) * 1e3, took)


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


async def compare(sessions: int, tokens: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        sse = await measure("sse", read_sse, sessions, tokens, Path(folder))
        chat = await measure("chat", read_chat, sessions, tokens, Path(folder))
    print(f"{sessions} streams of {tokens} tokens, {GAP * 1000:.0f} ms apart ({tokens * GAP:.1f} s at best)")
    for name, cost in (("bare SSE", sse), ("chat", chat)):
        print(
            f"  {name:<9}{cost.token_us:6.1f} µs a token, {cost.turn_ms:5.1f} ms a turn, done after {cost.took:.2f} s"
        )
    ratio = chat.token_us / sse.token_us
    print(f"  ratio    {ratio:6.2f} a token (at most {LIMIT})")
    return 0 if ratio <= LIMIT else 1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--tokens", type=int, default=400)
    parser.add_argument("--serve", choices=["sse", "chat"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        uvloop.run(serve(given.serve, given.port, given.data))
        return 0
    return asyncio.run(compare(given.sessions, given.tokens))


if __name__ == "__main__":
    raise SystemExit(main())
