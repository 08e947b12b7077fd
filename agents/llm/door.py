"""The one metered door to models: reserve, call, settle, whatever happens in between.

One request id is one hold and one settlement, however many attempts, fallbacks and failures lie between them:

    answered                     settled    the provider's usage (or our count, marked estimated)
    stopped, disconnected        cancelled  what was sent and received so far
    failed before any answer     failed     nothing
    failed in the middle         failed     what was sent and received so far

A settlement is queued the moment it is asked for, so stopping a turn twice cannot stop the books.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

from agents.llm import builtin, engine
from agents.llm.books import Books, Call
from agents.llm.call import CallContext, Chunk, Reply, Request
from agents.llm.faults import Fault, read_fault
from agents.llm.keys import KeyRing, providers_of
from agents.llm.plan import Candidate, Planner, Tries
from agents.llm.reading import Gathered
from agents.llm.reply_stream import ReplyStream
from billing.catalog import Catalog
from billing.meter import Meter
from camarad.log import get_logger
from camarad.settings import Settings

T = TypeVar("T")
Messages = list[dict[str, Any]]
Tools = list[dict[str, Any]] | None
ToolChoice = str | dict[str, Any] | None
Start = Callable[[Call, Candidate], Awaitable[T]]

logger = get_logger(__name__)


class ModelDoor:
    """Calls models for agents. `pause` is how it waits between two attempts."""

    def __init__(self, settings: Settings, meter: Meter, catalog: Catalog, keys: KeyRing | None = None) -> None:
        self._settings = settings
        self._meter, self._books = meter, Books(settings, meter)
        self._keys = keys or KeyRing.collect(settings, providers_of(settings))
        self._planner = Planner(settings, catalog, self._keys)
        self._retries = settings.camarad_model_retries
        self._timeout = float(settings.camarad_model_timeout)
        self._closed = False
        self.pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def complete(
        self,
        context: CallContext,
        messages: Messages,
        tools: Tools = None,
        tool_choice: ToolChoice = None,
        max_tokens: int | None = None,
    ) -> Reply:
        """The whole reply at once: a fraction of the CPU of a streamed one, so right wherever nobody reads along."""
        call = await self._reserve(context, self._request(messages, tools, tool_choice, max_tokens))
        try:
            await self._attempt(call, self._whole)
        except BaseException as error:
            await self._books.failed(call, error)
            raise
        return await self._books.answered(call)

    def stream(
        self,
        context: CallContext,
        messages: Messages,
        tools: Tools = None,
        tool_choice: ToolChoice = None,
        max_tokens: int | None = None,
    ) -> ReplyStream:
        """The reply in pieces: words as they come, then one chunk with the whole reply and its charge."""
        return ReplyStream(self._stream(context, self._request(messages, tools, tool_choice, max_tokens)))

    async def start(self) -> None:
        """Load what the first call would otherwise wait for."""
        await asyncio.to_thread(builtin.load if self._planner.uses_embedded() else engine.load)
        await self._meter.start()

    async def written(self) -> None:
        """Until calls that ended before this are in the database: see `Meter.written`."""
        await self._meter.written()

    async def warm(self, tools: Sequence[dict[str, Any]]) -> None:
        """Let the built-in model see the tools it will be offered, in a thread; nothing to do for hosted models."""
        if self._planner.uses_embedded():
            await asyncio.to_thread(builtin.warm, tools, self._settings.camarad_data_dir)

    def ready(self) -> dict[str, Any]:
        """For /readyz: which models answer, what keeps one from answering, and how the built-in one is loaded."""
        problems = self._planner.problems()
        state: dict[str, Any] = {"ok": not problems, "models": list(self._planner.every_model()), "problems": problems}
        if self._planner.uses_embedded():
            state["embedded"] = builtin.state()
            state["ok"] = not problems and state["embedded"]["loaded"]
        return state

    async def close(self) -> None:
        """Write the books, then hang up every kept connection. Closing twice does no harm."""
        if self._closed:
            return
        self._closed = True
        await self._meter.close()
        await engine.close()

    async def _stream(self, context: CallContext, request: Request) -> AsyncGenerator[Chunk, None]:
        call = await self._reserve(context, request)
        chunks: engine.ChunkStream | None = None
        words: str | None
        try:
            opened, first = await self._attempt(call, self._first_words)
            chunks, words = opened, first
            while words is not None:
                if words:
                    yield Chunk(words)
                words = await self._next_words(call, opened)
        except BaseException as error:
            await self._books.failed(call, error, chunks)
            raise
        yield Chunk(reply=await self._books.answered(call))

    async def _next_words(self, call: Call, chunks: engine.ChunkStream) -> str | None:
        """The words of the next piece, None at the end. Not tried again: part of the answer has been read."""
        try:
            async with asyncio.timeout_at(call.deadline):
                piece = await anext(chunks.pieces, None)
        except Exception as error:
            raise self._fault(call, error).error from error
        return None if piece is None else call.gathered.add(piece)

    async def _whole(self, call: Call, candidate: Candidate) -> None:
        reply = await engine.complete(candidate.model, call.request, candidate.access, self._timeout)
        call.gathered.add_whole(reply)

    async def _first_words(self, call: Call, candidate: Candidate) -> tuple[engine.ChunkStream, str]:
        """Open a stream and read to its first words, or to its end when it has none."""
        chunks = await engine.stream(candidate.model, call.request, candidate.access, self._timeout)
        try:
            async for piece in chunks.pieces:
                if words := call.gathered.add(piece):
                    return chunks, words
        except BaseException:
            await chunks.aclose()
            raise
        return chunks, ""

    async def _attempt(self, call: Call, start: Start[T]) -> T:
        """Try until one attempt begins to answer. Before that nobody has read a word, so trying again is safe."""
        tries = Tries(call.candidates, self._retries)
        while True:
            call.model, call.gathered = tries.candidate.model, Gathered()
            call.deadline = asyncio.get_running_loop().time() + self._timeout
            try:
                async with asyncio.timeout_at(call.deadline):
                    call.sent = True
                    answer = await start(call, tries.candidate)
            except Exception as error:
                fault = self._fault(call, error)
                call.sent = False
                wait = tries.after(fault)
                if wait is None:
                    call.gathered = Gathered()
                    raise fault.error from error
                if wait:
                    await self.pause(wait)
            else:
                return answer

    def _fault(self, call: Call, error: Exception) -> Fault:
        fault = read_fault(error, call.model, engine.provider_of(call.model), engine.load())
        call.attempts.append({"model": call.model, "outcome": fault.kind})
        logger.warning("model_attempt_failed", model=call.model, kind=fault.kind, reason=self._keys.hide(_short(error)))
        return fault

    def _request(self, messages: Messages, tools: Tools, tool_choice: ToolChoice, max_tokens: int | None) -> Request:
        most = self._settings.camarad_max_output_tokens
        return Request(messages, tools or None, tool_choice, min(max_tokens or most, most))

    async def _reserve(self, context: CallContext, request: Request) -> Call:
        """Nothing is sent before the hold stands."""
        return await self._books.open(Call(context, request, self._planner.candidates(context.agent)))


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
