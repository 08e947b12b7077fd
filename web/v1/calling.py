"""One call for an answer: its turn, read whole or as chunks, and stopped when nobody waits for it any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from camarad.scope import Scope
from graphs import stateless
from graphs.events import TurnDocument, TurnEvent
from web.api.turns import finished
from web.services import Services
from web.sse import stream
from web.staying import while_let_in
from web.v1.answer import Chunks
from web.v1.readers import Readers, hung_up
from web.v1.told import Told

PACE: Final = 0.02  # seconds whose words share a chunk
READERS: Final = Readers()


@dataclass(frozen=True, slots=True)
class Call:
    services: Services
    scope: Scope
    agent: str
    asked: Told
    request_id: str
    request: Request

    @property
    def conversation_id(self) -> str:
        return stateless.conversation_of(self.scope, self.request_id)

    async def events(self) -> AsyncIterator[TurnEvent]:
        """Raises before the first event what the engine refuses, and later when the caller would not be let in now."""
        async for event in while_let_in(self.request, self._turn(), self._stop):
            yield event

    async def _stop(self) -> None:
        await self.services.assistant.stop(self.scope, self.conversation_id)

    async def _turn(self) -> AsyncIterator[TurnEvent]:
        services, asked = self.services, self.asked
        await stateless.begin(
            services.database,
            self.scope,
            services.clock,
            self.conversation_id,
            self.agent,
            asked.before,
            asked.question,
        )
        turn = services.assistant.run_turn(
            self.scope,
            self.conversation_id,
            asked.question,
            request_id=self.request_id,
            agent=self.agent,
            fingerprint=asked.fingerprint,
            pace=PACE,
        )
        async for event in turn:
            yield event

    async def whole(self) -> TurnDocument | None:
        """The finished turn, or None when the caller hung up first. Raises the error that the turn ended with."""
        answering, leaving = asyncio.ensure_future(self._read()), asyncio.ensure_future(hung_up(self.request))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return answering.result() if answering.done() else None
        finally:
            for task in (answering, leaving):
                task.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)

    async def _read(self) -> TurnDocument:
        events = self.events()
        first = await anext(events)
        with READERS.reading(self.services.assistant, self.scope, self.conversation_id):
            return await finished(first, events)

    async def chunks(self, first: TurnEvent, rest: AsyncIterator[TurnEvent], encoded: Chunks) -> AsyncIterator[bytes]:
        with (
            self.services.metrics.streams.track_inprogress(),
            READERS.reading(self.services.assistant, self.scope, self.conversation_id),
        ):
            async with aclosing(stream(first, rest, encoded=encoded)) as pieces:
                async for piece in pieces:
                    yield piece


class Stream(StreamingResponse):
    """Its pieces end with it, whether they were all sent or the caller hung up between two of them."""

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        async with aclosing(cast("AsyncGenerator[bytes, None]", self.body_iterator)):
            await super().__call__(scope, receive, send)
