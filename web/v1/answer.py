"""A turn as a chat completion, whole or in chunks. Tools and hand-offs are not part of the words; what they were stands
in `camarad`, a field that OpenAI's clients keep and do not mind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from camarad.errors import CamaradError, NotSignedIn, Upstream
from graphs.events import DoneEvent, ErrorEvent, TokenEvent, TurnDocument, TurnEvent, Usage
from web.v1.errors import error_body

END = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Head:
    """What an answer and each of its chunks begin with. `created` is seconds since 1970."""

    id: str
    created: int
    model: str

    def of(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def completion(head: Head, document: TurnDocument) -> dict[str, Any]:
    message = {"role": "assistant", "content": document.message.text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason(document)}
    return {
        **head.of("chat.completion"),
        "choices": [choice],
        "usage": usage(document.usage),
        "camarad": details(document),
    }


def finish_reason(document: TurnDocument) -> str:
    """`length` says that an answer was cut short, whatever cut it."""
    return "stop" if document.status == "complete" else "length"


def usage(spent: Usage) -> dict[str, Any]:
    """Tokens of all model calls of the turn, as the ledger has them."""
    return {
        "prompt_tokens": spent.tokens_in,
        "completion_tokens": spent.tokens_out,
        "total_tokens": spent.tokens_in + spent.tokens_out,
    }


def details(document: TurnDocument) -> dict[str, Any]:
    return {
        "trace_id": document.trace_id,
        "status": document.status,
        "route": document.route,
        "tool_calls": [
            {"name": call.name, "source": call.source, "ok": call.ok, "error": call.error}
            for call in document.tool_calls
        ],
        "grounding": document.grounding.model_dump(),
        "usage": document.usage.model_dump(),
    }


class Chunks:
    """Turn events as chunks. The first says who speaks, the last of a good answer why it ended; after an error there
    is nothing more, not even the end mark, so that half an answer is never taken for a whole one."""

    def __init__(self, head: Head, request_id: str, *, with_usage: bool) -> None:
        self._head, self._request_id, self._with_usage = head, request_id, with_usage
        self._begun = self._over = False

    def __call__(self, event: TurnEvent) -> bytes:
        if self._over:
            return b""
        begin = b"" if self._begun else self._chunk({"role": "assistant", "content": "", "refusal": None})
        self._begun = True
        if isinstance(event, TokenEvent):
            return begin + self._chunk({"content": event.text})
        if isinstance(event, ErrorEvent):
            self._over = True
            return begin + _data(error_body(_error(event), self._request_id))
        if isinstance(event, DoneEvent):
            self._over = True
            return begin + self._end(event.document)
        return begin

    def _end(self, document: TurnDocument) -> bytes:
        last = self._chunk({}, finish_reason(document), camarad=details(document))
        return last + (self._usage(document) if self._with_usage else b"") + END

    def _chunk(self, delta: dict[str, Any], reason: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        if self._with_usage:
            more["usage"] = None
        return _data({**self._head.of("chat.completion.chunk"), "choices": [choice], **more})

    def _usage(self, document: TurnDocument) -> bytes:
        return _data({**self._head.of("chat.completion.chunk"), "choices": [], "usage": usage(document.usage)})


def _error(event: ErrorEvent) -> CamaradError:
    if event.code == NotSignedIn.code:
        return NotSignedIn(event.message, hint=event.hint)
    return Upstream(event.message, code=event.code, status=event.status, hint=event.hint, retry_after=event.retry_after)


def _data(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
