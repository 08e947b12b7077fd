"""Long answers: whoever reads one is looked at again on the way, as when they were let in.

A key that was revoked, a member who was removed, a sign-in that ended, a client that was put away: the answer under way
ends there, in every process, and no further step of it is begun.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request

from camarad.errors import CamaradError
from graphs.events import TokenEvent, TurnEvent
from web.access import let_in_again

LOOK_EVERY: Final = 1.0  # seconds; words come by the dozen a second, every other event is a step


async def while_let_in(
    request: Request, events: AsyncIterator[TurnEvent], stop: Callable[[], Awaitable[Any]] | None = None
) -> AsyncIterator[TurnEvent]:
    """The events for as long as the request would still be let in; then `stop` is called and what refused it is
    raised (NotSignedIn, NotFound, Forbidden)."""
    looked = time.monotonic()
    async for event in events:
        if not isinstance(event, TokenEvent) or time.monotonic() - looked >= LOOK_EVERY:
            await _look(request, stop)
            looked = time.monotonic()
        yield event


async def _look(request: Request, stop: Callable[[], Awaitable[Any]] | None) -> None:
    try:
        await let_in_again(request)
    except CamaradError:
        if stop is not None:
            await stop()
        raise
