"""A conversation as a file to keep: Markdown for people, JSON for programs. Each number keeps its source and time."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.roster import AGENTS

if TYPE_CHECKING:
    from graphs.conversations import ConversationView, StoredCall, StoredMessage

FORMAT = "camarad.conversation/1"
NAMES = {agent.slug: agent.name for agent in AGENTS}


def as_json(view: ConversationView, stored: list[StoredMessage], client_id: str) -> str:
    body = {
        "format": FORMAT,
        "client_id": client_id,
        "conversation": asdict(view),
        "messages": [asdict(message) for message in stored],
    }
    return json.dumps(body, ensure_ascii=False, indent=2, default=_plain)


def as_markdown(view: ConversationView, stored: list[StoredMessage]) -> str:
    parts = [f"# {view.title or 'Conversation'}", f"Started {_minute(view.created_at)}."]
    for message in stored:
        who = "You" if message.role == "user" else NAMES.get(message.agent or "", "Camarad")
        state = "" if message.status == "complete" else f" ({message.status})"
        parts.append(f"## {who}{state} · {_minute(message.created_at)}")
        parts.append(message.text or "(no text)")
        parts.extend(_call_line(call) for call in message.tool_calls)
        usage = message.document.get("usage")
        if usage:
            parts.append(f"_{usage['ct_actual']} CT, {usage['model']}_")
    return "\n\n".join(parts) + "\n"


def _call_line(call: StoredCall) -> str:
    arguments = ", ".join(f"{key}={value}" for key, value in call.args.items())
    outcome = f"source {call.source}" if call.ok else f"error: {call.error}"
    meta = (call.result or {}).get("meta", {})
    period = meta.get("range")
    days = f", {period['start']} to {period['end']}" if period else ""
    read = f", read {meta['as_of']}" if call.ok and meta.get("as_of") else ""
    return f"> `{call.name}({arguments})` {outcome}{days}{read}"


def _minute(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be exported")
