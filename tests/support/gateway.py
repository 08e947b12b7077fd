"""A small gateway of our own: it passes gRPC on byte for byte, over a real socket, and fails when it is told to.

`fault` is None or one of FAULTS. `seen` has the metadata of each call. `HttpAnswers` is what stands there when a proxy
answers in the gateway's place.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import grpc

TOKEN = "gateway-token-canary"
UPSTREAM_TOKEN = "demo"
Fault = Literal["unavailable", "deadline", "internal", "slow", "garbage", "empty", "refused"]
FAULTS: dict[str, grpc.StatusCode] = {
    "unavailable": grpc.StatusCode.UNAVAILABLE,
    "deadline": grpc.StatusCode.DEADLINE_EXCEEDED,
    "internal": grpc.StatusCode.INTERNAL,
    "refused": grpc.StatusCode.UNAUTHENTICATED,
}


class Gateway(grpc.GenericRpcHandler):
    """Every method of the services behind it, none of which it knows."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._server: Any = None
        self._channel: Any = None
        self.port = 0
        self.fault: Fault | None = None
        self.seen: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"grpc://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._channel = grpc.aio.insecure_channel(self._upstream)
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers((self,))
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self._server.start()

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop(0)
            await self._channel.close()
            self._server = None

    def service(self, call: Any) -> Any:
        given = dict(call.invocation_metadata)
        self.seen.append({"method": call.method, **given})

        async def handle(request: bytes, context: Any) -> bytes:
            if given.get("authorization") != f"Bearer {TOKEN}":
                await context.abort(grpc.StatusCode.UNAUTHENTICATED, "This token is not known here.")
            if self.fault is not None:
                return await self._fail(context)
            return await self._pass_on(call.method, given, request, context)

        return grpc.unary_unary_rpc_method_handler(handle)

    async def _pass_on(self, method: str, given: dict[str, Any], request: bytes, context: Any) -> bytes:
        kept = ("login-customer-id", "x-goog-request-params")
        metadata = [(name, given[name]) for name in kept if name in given]
        metadata.append(("authorization", f"Bearer {UPSTREAM_TOKEN}"))
        try:
            answer: bytes = await self._channel.unary_unary(method)(
                request, metadata=metadata, timeout=context.time_remaining()
            )
        except grpc.aio.AioRpcError as error:
            await context.abort(error.code(), error.details(), tuple(error.trailing_metadata() or ()))
        return answer

    async def _fail(self, context: Any) -> bytes:
        if self.fault == "slow":
            await asyncio.sleep(30)
        if self.fault in FAULTS:
            await context.abort(FAULTS[self.fault], "The gateway cannot serve this now.")
        return b"" if self.fault == "empty" else b"\xff\xfe<html>Bad Gateway</html>"


@asynccontextmanager
async def running_gateway(upstream: str) -> AsyncIterator[Gateway]:
    made = Gateway(upstream)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@asynccontextmanager
async def http_answers(status: int, *, version: Literal[1, 2]) -> AsyncIterator[str]:
    """A server that answers everything with an HTTP status and no gRPC; gives its grpc:// address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await (_answer_1 if version == 1 else _answer_2)(reader, writer, status)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    handler: Callable[..., Awaitable[None]] = serve
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    try:
        yield f"grpc://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _answer_1(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
    await reader.read(24)
    writer.write(f"HTTP/1.1 {status} Nope\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nnope".encode())
    await writer.drain()


async def _answer_2(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
    """HTTP/2 as far as it is needed (RFC 9113): settings, then one header frame with `:status` for each request."""
    await reader.readexactly(24)
    writer.write(b"\0\0\0\x04\0\0\0\0\0")
    while True:
        head = await reader.readexactly(9)
        length, kind, flags, stream = int.from_bytes(head[:3]), head[3], head[4], head[5:]
        await reader.readexactly(length)
        if kind == 4 and not flags & 1:
            writer.write(b"\0\0\0\x04\x01\0\0\0\0")
        if kind == 1:
            header = b"\x08\x03" + str(status).encode()  # literal, the name is entry 8 of the static table
            writer.write(len(header).to_bytes(3) + b"\x01\x05" + stream + header)
        await writer.drain()
