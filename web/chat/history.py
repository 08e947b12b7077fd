"""A stored conversation as the page's thread: the same packets a live turn sends, made from what was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from graphs.conversations import ConversationView, StoredCall, StoredMessage
from graphs.events import TurnDocument
from web.chat import packets
from web.chat.foot import Foot, metas_of
from web.chat.render import agent_name, hand_off_name, problem, tool_line
from web.chat.visit import Language, Visit
from web.chat.words import tool_label, words

ByAnswer = Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Extras:
    """What is kept beside messages. `running` is the user's message whose turn goes on: the live view draws its
    answer.
    """

    feedback: ByAnswer
    errors: ByAnswer
    running: str | None = None


def thread(
    visit: Visit, conversation: ConversationView, messages: Sequence[StoredMessage], extras: Extras
) -> dict[str, Any]:
    steps: list[dict[str, Any]] = []
    elements: list[dict[str, Any]] = []
    asked: StoredMessage | None = None
    for message in messages:
        if message.role == "user":
            asked = message
            steps.append(_user(visit, conversation.id, message))
        elif asked is not None and asked.id != extras.running:
            made, under = _turn(visit.language, conversation.id, asked, message, extras)
            steps += made
            elements += under
    return {**head(visit, conversation), "steps": steps, "elements": elements}


def head(visit: Visit, conversation: ConversationView) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "createdAt": packets.stamp(conversation.updated_at),
        "name": conversation.title or None,
        "userId": visit.identifier,
        "userIdentifier": visit.identifier,
        "tags": None,
        "metadata": {},
        "steps": [],
        "elements": [],
    }


def _user(visit: Visit, thread_id: str, message: StoredMessage) -> dict[str, Any]:
    return packets.user_message(thread_id, message.id, message.text, message.created_at, visit.email)


def _turn(
    language: Language, thread_id: str, asked: StoredMessage, answer: StoredMessage, extras: Extras
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    slug = answer.agent or "personal-assistant"
    shown = [packets.run(thread_id, asked.id, asked.created_at, ended=True, feedback=extras.feedback.get(answer.id))]
    document = _document(answer)
    shown += _hand_offs(language, thread_id, asked, document)
    shown += [_call(language, thread_id, asked, index, call) for index, call in enumerate(answer.tool_calls)]
    shown.append(packets.answer(thread_id, asked.id, agent_name(slug), slug, answer.text, answer.created_at))
    foot = _foot(language, answer, document, extras.errors.get(answer.id, {}))
    under = [] if foot.empty else [packets.element(thread_id, packets.answer_id(asked.id), foot.props())]
    return shown, under


def _document(answer: StoredMessage) -> TurnDocument | None:
    """What was sent then; None for an answer cut off before it had one, or stored by another version."""
    try:
        return TurnDocument.model_validate(answer.document) if answer.document else None
    except ValidationError:
        return None


def _hand_offs(
    language: Language, thread_id: str, asked: StoredMessage, document: TurnDocument | None
) -> list[dict[str, Any]]:
    if document is None:
        return []
    made = [(before, after, note) for (before, _), (after, note) in pairwise(document.told()) if before != after]
    return [
        packets.step(
            thread_id,
            asked.id,
            f"to-{number}",
            hand_off_name(before, after, language),
            after,
            asked.created_at,
            kind="undefined",
            output=note,
        )
        for number, (before, after, note) in enumerate(made, 1)
    ]


def _call(language: Language, thread_id: str, asked: StoredMessage, index: int, call: StoredCall) -> dict[str, Any]:
    return packets.step(
        thread_id,
        asked.id,
        f"call-{index}",
        tool_line(call.name, call.source, call.duration_ms, language),
        call.agent,
        call.started_at,
        args=call.args,
        output=call.error or str((call.result or {}).get("title") or tool_label(call.name, language)),
        failed=not call.ok,
    )


def _foot(language: Language, answer: StoredMessage, document: TurnDocument | None, error: dict[str, Any]) -> Foot:
    foot = Foot("ro" if answer.language == "ro" else "en")
    for meta in metas_of(call.result for call in answer.tool_calls if call.ok):
        foot.note_meta(meta)
    if document is not None:
        foot.blocks, foot.usage = document.message.blocks, document.usage
        foot.untraced = document.grounding.untraced
    foot.stopped = answer.status == "stopped"
    if answer.status == "failed":
        message = error.get("message") or words(language)["failed"]
        foot.problem = problem(message, error.get("hint") or "", error.get("code") or "failed")
    return foot
