"""A reply as it comes, with an end that settles."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from types import TracebackType
from typing import Any, Self

from agents.llm.call import Chunk


class ReplyStream(AsyncIterator[Chunk]):
    """A reply in pieces. Leave it with `async with` or `aclose()`: that hangs up at the provider and settles."""

    def __init__(self, chunks: AsyncGenerator[Chunk, None]) -> None:
        self._chunks = chunks

    def __anext__(self) -> Coroutine[Any, Any, Chunk]:
        return self._chunks.__anext__()

    async def aclose(self) -> None:
        await self._chunks.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
