"""The socket's events, ours in place of Chainlit's.

Chainlit takes the session id a browser chooses as a path, accepts any origin, never looks again whether a connected
person is still signed in, and listens to events this page does not use. Here the handshake carries UUIDs or is
refused, the visit of the gate goes with the session, and each message first asks whether that visit still stands.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from typing import Any, TypeGuard

from camarad.errors import LimitReached
from camarad.log import get_logger
from web.chat import identity
from web.chat.handover import WAY_OUT
from web.chat.tab import Tab
from web.chat.visit import CURRENT, Visit
from web.chat.words import words

log = get_logger(__name__)

MOST_AGENT_CHARS = 40
MESSAGE = "4"  # the packet type of a message, Engine.IO protocol 4
EVENT = "2"  # the packet type of an event in the default namespace, Socket.IO protocol 5
_connect: Any = None  # Chainlit's own handler, which makes its session


async def never(_: Any) -> None:
    raise AssertionError("Chainlit's own resume is replaced")


def install() -> None:
    """Put our handlers on Chainlit's socket server and take away the events we do not use. Once in a process."""
    global _connect
    from chainlit.server import sio

    handlers = sio.handlers["/"]
    _connect = handlers["connect"]
    handlers.clear()
    handlers |= {
        "connect": connect,
        "connection_successful": ready,
        "client_message": message,
        "window_message": window,
        "stop": stop,
        "clear_session": clear,
        "disconnect": disconnect,
    }


async def post(session: Any, event: str, data: Any) -> None:
    """One packet to one page, straight to its connection; a page that is gone gets nothing.

    Socket.IO's `emit` looks up a room and starts a task for each, and Engine.IO passes it through a queue with a timer:
    together three times the CPU.
    """
    text = json.dumps([event, data], ensure_ascii=False, separators=(",", ":"))
    with contextlib.suppress(OSError, RuntimeError):
        await session.camarad_send({"type": "websocket.send", "text": MESSAGE + EVENT + text})


async def connect(sid: str, environ: dict[str, Any], auth: Any) -> bool:
    visit = CURRENT.get()
    asked = _handshake(auth)
    if visit is None or asked is None:
        raise _refused()("bad handshake")
    thread_id = asked.pop("threadId")
    made: bool = await _connect(sid, environ, {**asked, "threadId": ""})
    session = _session(sid)
    if thread_id:
        session.thread_id_to_resume = thread_id  # looked up within the scope when the page is ready
    session.camarad_send = environ["asgi.scope"][WAY_OUT]
    tab = getattr(session, "camarad_tab", None)
    if tab is None or tab.visit.identifier != visit.identifier:
        session.camarad_tab = Tab(session, visit, post)
    session.camarad_tab.visit = session.camarad_visit = visit
    return made


def _handshake(auth: Any) -> dict[str, str] | None:
    """What the browser may choose: two UUIDs. Everything else of its handshake is dropped."""
    if not isinstance(auth, dict):
        return None
    session_id, thread_id = auth.get("sessionId"), auth.get("threadId") or ""
    if not _is_uuid(session_id) or not (thread_id == "" or _is_uuid(thread_id)):
        return None
    return {"sessionId": session_id, "threadId": thread_id, "userEnv": "{}", "clientType": "webapp", "chatProfile": ""}


def _is_uuid(value: Any) -> TypeGuard[str]:
    if not isinstance(value, str) or len(value) != 36:
        return False
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def _refused() -> type[Exception]:
    from socketio.exceptions import ConnectionRefusedError as Refused

    refused: type[Exception] = Refused
    return refused


def _session(sid: str) -> Any:
    from chainlit.session import WebsocketSession

    return WebsocketSession.get(sid)


def _enter(sid: str) -> Tab | None:
    """The tab of a socket, with Chainlit's context set to its session."""
    from chainlit.context import init_ws_context

    session = _session(sid)
    if session is None:
        return None
    init_ws_context(session)
    tab: Tab | None = getattr(session, "camarad_tab", None)
    return tab


async def still_in(sid: str, tab: Tab) -> bool:
    """Whether the sign-in and the client still stand; when not, the page is told and the socket is cut."""
    if await identity.stands(tab.visit):
        return True
    await cut(sid, tab)
    return False


async def cut(sid: str, tab: Tab) -> None:
    from chainlit.server import sio

    text = words(tab.visit.language)
    await tab.window("gone", message=text["gone_error"], hint=text["gone_hint"], action=text["sign_in"])
    session = _session(sid)
    if session is not None:
        session.to_clear = True
    await sio.disconnect(sid)


async def ready(sid: str) -> None:
    tab = _enter(sid)
    if tab is not None:
        with contextlib.suppress(LimitReached):  # no page asks so often
            tab.count()
            if await still_in(sid, tab):
                await tab.open()


async def message(sid: str, payload: Any) -> None:
    tab = _enter(sid)
    asked = _asked(payload)
    if tab is not None and asked is not None and await tab.counted(asked[0]) and await still_in(sid, tab):
        await tab.say(*asked)


def _asked(payload: Any) -> tuple[str, str] | None:
    """The id and the text of a person's message; None for what no page of ours sends."""
    sent = payload.get("message") if isinstance(payload, dict) else None
    if not isinstance(sent, dict):
        return None
    message_id, text = sent.get("id"), sent.get("output")
    return (message_id, text) if _is_uuid(message_id) and isinstance(text, str) else None


async def window(sid: str, data: Any) -> None:
    """From our own script: which agent was chosen."""
    tab = _enter(sid)
    if tab is None or not isinstance(data, dict):
        return
    agent = data.get("camaradAgent")
    if isinstance(agent, str):
        tab.choose(agent[:MOST_AGENT_CHARS])


async def stop(sid: str) -> None:
    tab = _enter(sid)
    if tab is not None:
        with contextlib.suppress(LimitReached):  # as with the others: nobody presses it so often
            tab.count()
            if await still_in(sid, tab):
                await tab.stop()


async def clear(sid: str) -> None:
    """The page leaves this conversation for a new one."""
    session = _session(sid)
    if session is not None:
        session.to_clear = True


async def disconnect(sid: str, *_: Any) -> None:
    session = _session(sid)
    if session is None:
        return
    if session.to_clear:
        await _forget(session)
    else:
        asyncio.get_running_loop().call_later(_patience(), lambda: asyncio.ensure_future(_forget_if_gone(session, sid)))


def _patience() -> float:
    from chainlit.config import config

    return float(config.project.session_timeout)


async def _forget_if_gone(session: Any, sid: str) -> None:
    if session.socket_id == sid:  # or it came back on another socket
        await _forget(session)


async def _forget(session: Any) -> None:
    tab: Tab | None = getattr(session, "camarad_tab", None)
    if tab is not None:
        await tab.close()
    await session.delete()


async def recheck(only: Visit | None = None) -> int:
    """Cut every socket whose sign-in or client is gone; gives how many. Run after changes and every few seconds."""
    from chainlit.session import ws_sessions_sid

    tabs = {sid: tab for sid, each in ws_sessions_sid.items() if (tab := getattr(each, "camarad_tab", None))}
    if only is not None:
        tabs = {sid: tab for sid, tab in tabs.items() if tab.visit.session_id == only.session_id}
    if not tabs:
        return 0
    visits = [tab.visit for tab in tabs.values()]
    standing = await identity.standing(visits[0].services, visits)
    gone = [(sid, tab) for sid, tab in tabs.items() if tab.visit.key not in standing]
    for sid, tab in gone:
        await cut(sid, tab)
    return len(gone)


async def close_all() -> None:
    """For the end of the process: no reader stays behind; the runs end with the Assistant."""
    from chainlit.session import ws_sessions_sid

    for session in list(ws_sessions_sid.values()):
        await _forget(session)
