"""One turn on the page: TurnEvents in, packets out. Holds no logic of the conversation; it only shows what
happened.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from agents import roster
from graphs.events import (
    AgentEvent,
    ApprovalEvent,
    BlockEvent,
    DoneEvent,
    ErrorEvent,
    SuggestionsEvent,
    TokenEvent,
    ToolFinished,
    ToolStarted,
    TurnEvent,
    UsageEvent,
)
from tools.result import Meta
from web.chat import packets
from web.chat.foot import Foot
from web.chat.visit import Language
from web.chat.words import source_label, tool_label, words

Send = Callable[[str, Any], Awaitable[None]]
Metas = Callable[[str], Awaitable[list[Meta]]]  # of an answer by its id


class TurnView:
    """Draws one turn under the message that asked for it; `metas` tells, once at the end, what its numbers rest on."""

    def __init__(
        self,
        send: Send,
        thread_id: str,
        message_id: str,
        language: Language,
        now: Callable[[], datetime],
        metas: Metas,
    ) -> None:
        self._send = send
        self._thread = thread_id
        self._message = message_id
        self._language = language
        self._agent = ""  # named by the first event
        self._now = now
        self._metas = metas
        self._foot = Foot(language)
        self._started: dict[str, tuple[ToolStarted, datetime]] = {}
        self._text = ""
        self._number = 0
        self._open = False
        self._speaking = False
        self._hand_offs = 0
        self._handled: dict[type, Callable[[Any], Awaitable[None]]] = {
            AgentEvent: self._hand_over,
            TokenEvent: self._token,
            ToolStarted: self._tool_started,
            ToolFinished: self._tool_finished,
            BlockEvent: self._block,
            SuggestionsEvent: self._suggestions,
            UsageEvent: self._usage,
            ErrorEvent: self._error,
            DoneEvent: self._done,
        }

    async def begin(self) -> None:
        await self._send("task_start", {})
        await self._send("new_message", packets.run(self._thread, self._message, self._now(), ended=False))
        await self._state("answering")

    async def show(self, event: TurnEvent) -> None:
        if isinstance(event, ApprovalEvent):
            return  # no tool of this release writes, so that no turn asks for one
        await self._handled[type(event)](event)

    async def end(self, state: str) -> None:
        """Whatever happened, the page must not stay waiting."""
        await self._finish_text()
        await self._send("update_message", packets.run(self._thread, self._message, self._now(), ended=True))
        await self._send("task_end", {})
        await self._state(state)

    async def _state(self, state: str) -> None:
        await self._send("window_message", {"camarad": "state", "state": state, "text": words(self._language)[state]})

    # who speaks

    async def _hand_over(self, event: AgentEvent) -> None:
        before, self._agent = self._agent, event.agent
        if before in ("", event.agent):
            return
        if self._text:
            await self._finish_text()
            self._number, self._text, self._open = self._number + 1, "", False
        name = hand_off_name(before, event.agent, self._language)
        self._hand_offs += 1
        await self._send(
            "new_message",
            packets.step(
                self._thread,
                self._message,
                f"to-{self._hand_offs}",
                name,
                event.agent,
                self._now(),
                kind="undefined",
                output=event.note or "",
            ),
        )

    # what it says

    async def _token(self, event: TokenEvent) -> None:
        if not self._open:
            self._open, self._speaking, self._text = True, True, event.text
            await self._send("stream_start", self._answer(streaming=True))
            return
        self._text += event.text
        answer_id = packets.answer_id(self._message, self._number)
        packet = {"id": answer_id, "token": event.text, "isSequence": False, "isInput": False}
        await self._send("stream_token", packet)

    def _answer(self, *, streaming: bool = False) -> dict[str, Any]:
        name = agent_name(self._agent)
        return packets.answer(
            self._thread,
            self._message,
            name,
            self._agent,
            self._text,
            self._now(),
            number=self._number,
            streaming=streaming,
        )

    async def _finish_text(self) -> None:
        if self._speaking:
            self._speaking = False
            await self._send("update_message", self._answer())

    # what it does

    async def _tool_started(self, event: ToolStarted) -> None:
        self._started[event.call_id] = (event, self._now())
        name = tool_label(event.name, self._language)
        await self._send("new_message", self._step(event, name, self._now(), ended=False))

    async def _tool_finished(self, event: ToolFinished) -> None:
        started, at = self._started.pop(event.call_id, (None, self._now()))
        self._foot.note_source(event.source if event.ok else None)
        begun = started or ToolStarted(call_id=event.call_id, name=event.name, agent=self._agent, args={})
        name = tool_line(event.name, event.source, event.duration_ms, self._language)
        packet = self._step(begun, name, at, ended=True, output=event.error or event.summary, failed=not event.ok)
        await self._send("update_message", packet)

    def _step(self, event: ToolStarted, name: str, at: datetime, **more: Any) -> dict[str, Any]:
        return packets.step(self._thread, self._message, event.call_id, name, event.agent, at, args=event.args, **more)

    async def _block(self, event: BlockEvent) -> None:
        self._foot.blocks.append(event.block)
        if self._open:
            await self._draw_foot()

    # what stands under it

    async def _suggestions(self, event: SuggestionsEvent) -> None:
        items = [s.model_dump() for s in event.suggestions]
        await self._send("window_message", {"camarad": "suggestions", "items": items})

    async def _usage(self, event: UsageEvent) -> None:
        self._foot.usage = event.usage

    async def _error(self, event: ErrorEvent) -> None:
        self._foot.problem = problem(event.message, event.hint, event.code, event.retry_after)

    async def _done(self, event: DoneEvent) -> None:
        document = event.document
        self._agent = document.message.agent
        self._text = document.message.text if self._number == 0 else self._text
        self._foot.language = "ro" if document.message.language == "ro" else "en"
        self._foot.usage = document.usage
        self._foot.untraced = document.grounding.untraced
        self._foot.blocks = document.message.blocks or self._foot.blocks
        self._foot.stopped = document.status == "stopped"
        await self._finish_text()
        if not self._open:
            self._open = True
            await self._send("new_message", self._answer())
        for meta in await self._metas(document.message.id):
            self._foot.note_meta(meta)
        await self._draw_foot()

    async def draw_problem(self) -> None:
        """An early end without a document: the error still stands where the answer would."""
        if self._foot.problem is None:
            return
        if not self._open:
            self._open = True
            await self._send("new_message", self._answer())
        await self._draw_foot()

    async def _draw_foot(self) -> None:
        if not self._foot.empty:
            for_id = packets.answer_id(self._message, self._number)
            await self._send("element", packets.element(self._thread, for_id, self._foot.props()))


def problem(message: str, hint: str, code: str, retry_after: float | None = None) -> dict[str, Any]:
    return {"message": message, "hint": hint, "code": code, "retryAfter": retry_after, "link": _link_for(code)}


def _link_for(code: str) -> str:
    """Where a person can do what the hint says."""
    if code in ("insufficient_ct", "max_daily_ct_per_workspace"):
        return "/settings/billing"
    if code.startswith("ga4_"):
        return "/connectors/ga4"
    if code.startswith("google_ads_"):
        return "/connectors/google-ads"
    return ""


def agent_name(slug: str) -> str:
    return next((a.name for a in roster.AGENTS if a.slug == slug), slug or "Camarad")


def hand_off_name(before: str, after: str, language: Language) -> str:
    return words(language)["handed_over"].format(before=agent_name(before), after=agent_name(after))


def tool_line(name: str, source: str | None, duration_ms: int, language: Language) -> str:
    """A step's title: what was read, from where, how long it took."""
    parts = [tool_label(name, language)]
    if source:
        parts.append(source_label(source, language))
    parts.append(f"{duration_ms} ms" if duration_ms < 1000 else f"{duration_ms / 1000:.1f} s")
    return " · ".join(parts)
