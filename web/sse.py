"""Server-sent events of one turn: what is ready goes out in one write, and a comment keeps a silent line open.

The turn does not depend on its reader: when the reader goes, only the reading ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress

from camarad.errors import CamaradError
from camarad.log import get_logger
from graphs.events import ErrorEvent, TurnEvent

log = get_logger(__name__)

HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b": still working\n\n"


def encode(event: TurnEvent) -> bytes:
    """`done` carries the document itself, each other event its fields without the type."""
    data = event.document.model_dump_json() if event.type == "done" else event.model_dump_json(exclude={"type"})
    return f"event: {event.type}\ndata: {data}\n\n".encode()


def as_error(error: CamaradError) -> ErrorEvent:
    return ErrorEvent(
        code=error.code, message=error.message, hint=error.hint, status=error.status, retry_after=error.retry_after
    )


async def stream(
    first: TurnEvent,
    rest: AsyncIterator[TurnEvent],
    heartbeat: float = HEARTBEAT_SECONDS,
    encoded: Callable[[TurnEvent], bytes] = encode,
) -> AsyncGenerator[bytes, None]:
    """The events as bytes. One task reads them into a queue, so that waiting for the next costs no task each."""
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    reader = asyncio.create_task(_fill(queue, first, rest, encoded))
    try:
        while True:
            chunk = await _next(queue, heartbeat)
            if chunk is None:
                return
            if chunk:
                yield chunk
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader


async def _fill(
    queue: asyncio.Queue[bytes | None],
    first: TurnEvent,
    rest: AsyncIterator[TurnEvent],
    encoded: Callable[[TurnEvent], bytes],
) -> None:
    queue.put_nowait(encoded(first))
    try:
        async for event in rest:
            queue.put_nowait(encoded(event))
    except CamaradError as error:
        queue.put_nowait(encoded(as_error(error)))
    except Exception:
        log.exception("turn stream failed")
        queue.put_nowait(encoded(as_error(CamaradError("Something went wrong on our side."))))
    queue.put_nowait(None)


async def _next(queue: asyncio.Queue[bytes | None], heartbeat: float) -> bytes | None:
    """All that is ready, joined; a heartbeat when nothing came in time; None at the end."""
    try:
        async with asyncio.timeout(heartbeat):
            item = await queue.get()
    except TimeoutError:
        return HEARTBEAT
    ready = []
    while item is not None:
        ready.append(item)
        if queue.empty():
            return b"".join(ready)
        item = queue.get_nowait()
    if ready:
        queue.put_nowait(None)
        return b"".join(ready)
    return None
