"""A model provider on loopback that speaks OpenAI's chat API, with scripted answers and faults.

    model_server.script(calls(("ads_overview", {"range": "28days"})), text("CPC was 1.20."))
    model_server.script(failure(429, retry_after=2), text("hello"))
    model_server.otherwise = calls(("ga4_report", "{nonsense"))      # for every call after the script: an endless loop

It runs in its own thread and loop, so tests on any loop, and other processes, reach it over a real socket.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

USAGE = {
    "prompt_tokens": 111,
    "completion_tokens": 22,
    "total_tokens": 133,
    "prompt_tokens_details": {"cached_tokens": 64},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(frozen=True)
class Answer:
    """What to say and how to misbehave. `drop_after` and `hang_after` count streamed pieces; `delay` is in seconds;
    `gate` holds the answer back until it is set."""

    pieces: tuple[str, ...] = ()
    tool_calls: tuple[tuple[str | None, str], ...] = ()
    usage: dict[str, Any] | None = field(default_factory=lambda: dict(USAGE))
    finish_reason: str | None = None
    status: int = 200
    error: dict[str, Any] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    piece_delay: float = 0.0
    drop_after: int | None = None
    hang_after: int | None = None
    gate: threading.Event | None = None

    @property
    def finish(self) -> str:
        return self.finish_reason or ("tool_calls" if self.tool_calls else "stop")


@dataclass(frozen=True)
class Request:
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def streamed(self) -> bool:
        return bool(self.body.get("stream"))


def text(words: str, **faults: Any) -> Answer:
    """An answer in words, one word a piece."""
    return Answer(pieces=tuple(word + " " for word in words.split(" ")), **faults)


def calls(*tool_calls: tuple[str | None, dict[str, Any] | str], **faults: Any) -> Answer:
    """An answer of tool calls; arguments given as a string go out as they are, nonsense included."""
    pairs = tuple((name, args if isinstance(args, str) else json.dumps(args)) for name, args in tool_calls)
    return Answer(tool_calls=pairs, **faults)


def failure(
    status: int, *, retry_after: float | None = None, code: str = "", message: str = "scripted failure"
) -> Answer:
    headers = (("Retry-After", f"{retry_after:g}"),) if retry_after is not None else ()
    return Answer(status=status, headers=headers, error={"message": message, "type": code or "error", "code": code})


def quiet(seconds: float) -> Answer:
    """An answer that takes longer to begin than anyone should wait."""
    return text("too late", delay=seconds)


class ModelServer:
    """`base` is the URL for CAMARAD_MODEL_BASES; `requests` is what came in; `otherwise` answers after the script."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.disconnects = 0
        self.completed = 0
        self.otherwise = text("one two three four five six seven eight")
        self.base = ""
        self._script: deque[Answer] = deque()
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._numbers = itertools.count(1)
        self._connections: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="model-server", daemon=True)

    def start(self) -> None:
        ready = threading.Event()
        self._loop.call_soon_threadsafe(lambda: self._loop.create_task(self._listen(ready)))
        self._thread.start()
        ready.wait(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def reset(self) -> None:
        self.requests, self.disconnects, self.completed = [], 0, 0
        self._script.clear()
        self.otherwise = text("one two three four five six seven eight")

    def script(self, *answers: Answer) -> None:
        """Answer the next calls with these, in order."""
        self._script.extend(answers)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [request.body for request in self.requests]

    def wait_for_disconnects(self, count: int = 1, timeout: float = 5.0) -> bool:
        """True once `count` callers hung up mid-answer. Blocks: in a coroutine, call it with asyncio.to_thread."""
        return self._wait(lambda: self.disconnects >= count, timeout)

    def wait_for_requests(self, count: int = 1, timeout: float = 5.0) -> bool:
        return self._wait(lambda: len(self.requests) >= count, timeout)

    def _wait(self, happened: Any, timeout: float) -> bool:
        with self._changed:
            return bool(self._changed.wait_for(happened, timeout))

    def _note(self, name: str) -> None:
        with self._changed:
            setattr(self, name, getattr(self, name) + 1)
            self._changed.notify_all()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self, ready: threading.Event) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.base = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        ready.set()

    async def _close(self) -> None:
        self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while request := await _read_request(reader):
                    await self._serve(request, reader, writer)
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = self._script.popleft() if self._script else self.otherwise
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
        answering = asyncio.ensure_future(self._answer(answer, request, writer))
        leaving = asyncio.ensure_future(_left(reader))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                self._note("disconnects")
                raise ConnectionResetError
            answering.result()
        finally:
            for task in (answering, leaving):
                task.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)

    async def _answer(self, answer: Answer, request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(answer.delay)
        if answer.gate is not None:
            await asyncio.to_thread(answer.gate.wait, 20)
        head = {
            "id": f"chatcmpl-{next(self._numbers)}",
            "created": int(time.time()),
            "model": request.body.get("model"),
        }
        if answer.status != 200:
            _write_json(writer, answer.status, {"error": answer.error}, answer.headers)
        elif request.streamed:
            await self._stream(answer, head, request, writer)
        else:
            if answer.drop_after is not None:
                writer.transport.abort()
                raise ConnectionResetError
            _write_json(writer, 200, _completion(answer, head), answer.headers)
        await writer.drain()
        self._note("completed")

    async def _stream(
        self, answer: Answer, head: dict[str, Any], request: Request, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        wants_usage = bool((request.body.get("stream_options") or {}).get("include_usage"))
        number = 0
        async for event in _events(answer, head, wants_usage):
            if answer.hang_after == number:
                await asyncio.sleep(3600)
            if answer.drop_after == number:
                writer.transport.abort()
                raise ConnectionResetError
            await asyncio.sleep(answer.piece_delay)
            data = b"data: " + event.encode() + b"\n\n"
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await writer.drain()
            number += 1
        writer.write(b"0\r\n\r\n")


async def _left(reader: asyncio.StreamReader) -> None:
    """Return when the caller hangs up. A caller never sends the next request before this one is answered."""
    while not reader.at_eof():
        if reader._buffer or not await _more(reader):  # type: ignore[attr-defined]
            return


async def _more(reader: asyncio.StreamReader) -> bool:
    with suppress(ConnectionError):
        await reader._wait_for_data("left")  # type: ignore[attr-defined]
        return not reader.at_eof()
    return False


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    if not await reader.readline():
        return None
    headers: dict[str, str] = {}
    while line := (await reader.readline()).decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(json.loads(body or b"{}"), headers)


def _write_json(writer: asyncio.StreamWriter, status: int, body: Any, headers: tuple[tuple[str, str], ...]) -> None:
    data = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Server Error')}", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(data)}", *(f"{name}: {value}" for name, value in headers)]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)


def _completion(answer: Answer, head: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": "".join(answer.pieces) or None}
    if answer.tool_calls:
        message["tool_calls"] = [
            {"id": f"call_{head['id'][9:]}_{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for n, (name, arguments) in enumerate(answer.tool_calls)
        ]
    choice = {"index": 0, "message": message, "finish_reason": answer.finish}
    body = {**head, "object": "chat.completion", "choices": [choice]}
    return body if answer.usage is None else {**body, "usage": answer.usage}


async def _events(answer: Answer, head: dict[str, Any], wants_usage: bool) -> AsyncIterator[str]:
    base = {**head, "object": "chat.completion.chunk"}
    for delta in _deltas(answer, head["id"][9:]):
        yield json.dumps({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield json.dumps({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": answer.finish}]})
    if wants_usage and answer.usage is not None:
        yield json.dumps({**base, "choices": [], "usage": answer.usage})
    yield "[DONE]"


def _deltas(answer: Answer, number: str) -> Iterator[dict[str, Any]]:
    for n, piece in enumerate(answer.pieces):
        yield {"role": "assistant", "content": piece} if n == 0 else {"content": piece}
    for n, (name, arguments) in enumerate(answer.tool_calls):
        head = {"index": n, "id": f"call_{number}_{n}", "type": "function"}
        yield {"tool_calls": [{**head, "function": {"name": name, "arguments": ""}}]}
        half = len(arguments) // 2
        for part in (arguments[:half], arguments[half:]):
            yield {"tool_calls": [{"index": n, "function": {"arguments": part}}]}


@pytest.fixture(scope="session")
def model_server_process() -> Iterator[ModelServer]:
    server = ModelServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def model_server(model_server_process: ModelServer) -> ModelServer:
    """The provider, with an empty script and nothing seen yet."""
    model_server_process.reset()
    return model_server_process
