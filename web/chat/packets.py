"""What Chainlit's page is told, as plain dictionaries: one shape for the live turn and for a stored conversation.

Every id follows from the id of the user's message: live the one the page chose, after a reload the stored one. A
page's id is never a row's, so that what it chooses cannot meet anybody's rows. A turn is a run under the user's
message; tools, hand-offs and the answer are under the run.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

RUN = "on_message"  # the name by which the page knows a run it may ask feedback for


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def run_id(message_id: str) -> str:
    return f"run-{message_id}"


def message_id_of(run: str) -> str:
    """The user's message of a run id, which is what the page gives feedback for."""
    return run.removeprefix("run-")


def request_id(message_id: str) -> str:
    """Of the turn that a page's message asks for: sent twice it is answered once."""
    return f"chat-{message_id}"


def answer_id(message_id: str, number: int = 0) -> str:
    return f"answer-{message_id}-{number}"


def user_message(thread_id: str, message_id: str, text: str, at: datetime, author: str) -> dict[str, Any]:
    return {
        "id": message_id,
        "threadId": thread_id,
        "parentId": None,
        "type": "user_message",
        "name": author,
        "input": "",
        "output": text,
        "createdAt": stamp(at),
        "metadata": {},
    }


def run(
    thread_id: str, message_id: str, at: datetime, *, ended: bool, feedback: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "id": run_id(message_id),
        "threadId": thread_id,
        "parentId": message_id,
        "type": "run",
        "name": RUN,
        "input": "",
        "output": "",
        "createdAt": stamp(at),
        "start": stamp(at),
        "end": stamp(at) if ended else None,
        "isError": False,
        "metadata": {},
        "feedback": feedback,
    }


def answer(
    thread_id: str,
    message_id: str,
    author: str,
    avatar: str,
    text: str,
    at: datetime,
    *,
    number: int = 0,
    streaming: bool = False,
) -> dict[str, Any]:
    return {
        "id": answer_id(message_id, number),
        "threadId": thread_id,
        "parentId": run_id(message_id),
        "type": "assistant_message",
        "name": author,
        "input": "",
        "output": text,
        "createdAt": stamp(at),
        "start": stamp(at),
        "end": stamp(at),
        "streaming": streaming,
        "isError": False,
        "metadata": {"avatarName": avatar},
    }


def step(
    thread_id: str,
    message_id: str,
    key: str,
    name: str,
    avatar: str,
    at: datetime,
    *,
    kind: str = "tool",
    args: dict[str, Any] | None = None,
    output: str = "",
    ended: bool = True,
    failed: bool = False,
) -> dict[str, Any]:
    """A tool call or a hand-off; `key` is unique in the turn. Arguments are shown as JSON."""
    shown = {k: v for k, v in (args or {}).items() if v is not None}
    return {
        "id": f"step-{message_id}-{key}",
        "threadId": thread_id,
        "parentId": run_id(message_id),
        "type": kind,
        "name": name,
        "input": json.dumps(shown, ensure_ascii=False, indent=2) if shown else "",
        "showInput": "json" if shown else False,
        "output": output,
        "createdAt": stamp(at),
        "start": stamp(at),
        "end": stamp(at) if ended else None,
        "isError": failed,
        "defaultOpen": False,
        "metadata": {"avatarName": avatar},
    }


def element(thread_id: str, for_id: str, props: dict[str, Any]) -> dict[str, Any]:
    """What stands under an answer's text: figures, charts, tables, source, cost, problems."""
    return {
        "id": f"element-{for_id}",
        "threadId": thread_id,
        "forId": for_id,
        "type": "custom",
        "name": "Answer",
        "display": "inline",
        "mime": "application/json",
        "props": props,
    }
