"""One browser tab at the chat: what happens when it opens, resumes, asks, and stops.

The run of a turn lives with the Assistant; a tab only reads it. Closing, reloading or losing a tab ends its
reading, never the run, and the next tab of the same conversation reads on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

from camarad.errors import CamaradError, LimitReached, NotFound
from camarad.log import bind_scope, get_logger
from graphs import conversations
from graphs.events import ErrorEvent, TurnEvent
from graphs.intake import accepted
from tools.result import Meta
from web.chat import packets, threads, turns, welcome
from web.chat.render import TurnView
from web.chat.visit import Visit

if TYPE_CHECKING:
    from chainlit.session import WebsocketSession

log = get_logger(__name__)
Post = Callable[[Any, str, Any], Awaitable[None]]  # how a packet reaches a session's page
PACE = 0.08  # seconds whose words share a packet: one packet a word costs four times the CPU, here and in the page
GONE = NotFound("This conversation is not here any more.", hint="Start a new one.")


class Tab:
    """Bound to Chainlit's session of the tab, which outlives a short loss of its socket."""

    def __init__(self, session: WebsocketSession, visit: Visit, post: Post) -> None:
        self._session = session
        self._post = post
        self.visit = visit
        self._agent: str | None = None  # chosen on the welcome screen
        self._reading: asyncio.Task[None] | None = None

    async def send(self, event: str, data: Any) -> None:
        await self._post(self._session, event, data)

    async def window(self, kind: str, **facts: Any) -> None:
        await self.send("window_message", {"camarad": kind, **facts})

    # opening

    def count(self) -> None:
        """A frame costs what a request costs. Raises LimitReached."""
        self.visit.services.throttle.member(self.visit.scope.user_id, self.visit.scope.workspace_id)

    async def open(self) -> None:
        """A fresh tab, one that comes back to its conversation, or one whose socket was lost for a moment."""
        await self.send("task_end", {})
        await self.send("clear_ask", {})
        thread_id = self._session.thread_id_to_resume
        if thread_id is None and self._session.has_first_interaction:
            thread_id = self._session.thread_id
        if thread_id is not None:
            await self._resume(thread_id)
        else:
            await self.window("ready", **await welcome.facts(self.visit))

    async def _resume(self, thread_id: str) -> None:
        visit = self.visit
        await self._stop_reading()
        running = await turns.running(visit, thread_id)
        try:
            thread = await threads.read(visit, thread_id, running)
        except NotFound:
            await self.send("resume_thread_error", GONE.message)
            return
        self._session.has_first_interaction = True
        self._session.thread_id = thread_id
        await self.send("first_interaction", {"interaction": "resume", "thread_id": thread_id})
        await self.send("resume_thread", thread)
        await self.window("ready", **await welcome.facts(visit, thread_id))
        if running is not None:
            events = visit.services.assistant.subscribe(visit.scope, thread_id, PACE)
            self._read(events, thread_id, running)

    # asking

    def choose(self, agent: str) -> None:
        """Who answers this new conversation; an unknown name is left to the turn to refuse."""
        self._agent = agent or None

    async def counted(self, message_id: str) -> bool:
        """Count a message before anything is looked up for it; one too many is refused on the page."""
        try:
            self.count()
        except LimitReached as error:
            await self._refuse(self._session.thread_id, message_id, error)
            return False
        return True

    async def say(self, message_id: str, text: str) -> None:
        """One message of the person. Returns when its turn is being read."""
        visit = self.visit
        bind_scope(visit.scope)
        try:
            thread_id = await self._conversation(text)
        except CamaradError as error:
            await self._refuse(self._session.thread_id, message_id, error)
            return
        events = visit.services.assistant.run_turn(
            visit.scope, thread_id, text, request_id=packets.request_id(message_id), pace=PACE
        )
        self._read(events, thread_id, message_id)

    async def _conversation(self, text: str) -> str:
        """The conversation of this tab, made with its first message."""
        if self._session.has_first_interaction:
            return str(self._session.thread_id)
        visit = self.visit
        accepted(text, visit.services.settings.max_message_chars)  # a refused message leaves no empty conversation
        made = await conversations.create(visit.services.database, visit.scope, visit.services.clock, self._agent)
        self._session.thread_id = made.id
        self._session.has_first_interaction = True
        await self.send("first_interaction", {"interaction": text[:200], "thread_id": made.id})
        await self.window("thread", id=made.id)
        return made.id

    async def stop(self) -> None:
        if self._session.has_first_interaction:
            await self.visit.services.assistant.stop(self.visit.scope, self._session.thread_id)

    # reading

    def _read(self, events: AsyncIterator[TurnEvent], thread_id: str, message_id: str) -> None:
        self._reading = asyncio.create_task(self._show(events, thread_id, message_id))

    async def _show(self, events: AsyncIterator[TurnEvent], thread_id: str, message_id: str) -> None:
        view = self._view(thread_id, message_id)
        state = "failed"
        await view.begin()
        try:
            state = await _draw(view, events)
        except asyncio.CancelledError:
            return  # the tab is gone or reads anew; the run goes on
        except CamaradError as error:
            await view.show(_as_event(error))
        except Exception:
            log.exception("chat_turn_not_shown", conversation_id=thread_id)
            await view.show(_as_event(CamaradError("Something went wrong on our side.")))
        await view.draw_problem()
        await view.end(state)

    def _view(self, thread_id: str, message_id: str) -> TurnView:
        async def metas(answer_id: str) -> list[Meta]:
            return await turns.metas(self.visit, answer_id)

        return TurnView(self.send, thread_id, message_id, self.visit.language, self.visit.services.clock.now, metas)

    async def _refuse(self, thread_id: str, message_id: str, error: CamaradError) -> None:
        view = self._view(thread_id, message_id)
        await view.begin()
        await view.show(_as_event(error))
        await view.draw_problem()
        await view.end("failed")

    async def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            self._reading = None

    async def close(self) -> None:
        await self._stop_reading()


async def _draw(view: TurnView, events: AsyncIterator[TurnEvent]) -> str:
    """Show all events; gives the state to announce."""
    state = "answered"
    async for event in events:
        await view.show(event)
        if event.type == "error":
            state = "failed"
        elif event.type == "done" and event.document.status != "complete":
            state = event.document.status
    return state


def _as_event(error: CamaradError) -> ErrorEvent:
    return ErrorEvent(
        code=error.code, message=error.message, hint=error.hint, status=error.status, retry_after=error.retry_after
    )
