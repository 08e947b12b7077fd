"""What a page may send over its socket; anything else ends it.

Socket.IO's server decodes binary attachments, other namespaces, acknowledgements and any event's arguments before a
handler is asked, and what it does not expect ends in a logged fault. The page needs very little of that protocol, so
little is let through: the answer to a ping, one CONNECT, the page's events and DISCONNECT (Engine.IO protocol 4,
Socket.IO protocol 5).
"""

from __future__ import annotations

import json
from typing import Final

from starlette.types import Message, Receive, Send

from camarad.log import get_logger

log = get_logger(__name__)

ARGUMENTS: Final = {  # of each event, by its name
    "connection_successful": 0,
    "client_message": 1,
    "window_message": 1,
    "stop": 0,
    "clear_session": 0,
    "fetch_favorites": 0,  # Chainlit's page asks at every connection; nobody listens
}
PONG, ENGINE_CLOSE, CONNECT, DISCONNECT, EVENT = "3", "1", "40", "41", "42"
POLICY_VIOLATION: Final = 1008  # RFC 6455, 7.4.1


class Frames:
    """One socket's frames, in order."""

    def __init__(self) -> None:
        self._connected = False
        self._left = False

    def accepts(self, text: str | None) -> bool:
        """Whether the page may send this now; None is a binary frame."""
        if text is None or self._left:
            return False
        if text in (PONG, ENGINE_CLOSE):
            return True
        if not self._connected:
            self._connected = text.startswith(CONNECT) and _is_object(text.removeprefix(CONNECT))
            return self._connected
        if text == DISCONNECT:
            self._left = True
            return True
        return text.startswith(EVENT) and _is_ours(text.removeprefix(EVENT))


def _is_object(text: str) -> bool:
    return isinstance(_read(text), dict)


def _is_ours(text: str) -> bool:
    sent = _read(text)
    if not isinstance(sent, list) or not sent or not isinstance(sent[0], str):
        return False
    return ARGUMENTS.get(sent[0]) == len(sent) - 1


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def only_ours(receive: Receive, send: Send) -> Receive:
    """What the page sends, until it sends what it may not: then it has gone."""
    frames, ended = Frames(), False

    async def checked() -> Message:
        nonlocal ended
        message = await receive()
        if ended or message["type"] != "websocket.receive" or frames.accepts(message.get("text")):
            return message
        ended = True
        log.info("chat.frame_refused")
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}

    return checked
