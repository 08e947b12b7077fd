"""What goes through the door and what comes back: a call's context, its reply, and the pieces of a streamed one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from billing.call import Charge
from camarad.scope import Scope


@dataclass(frozen=True, slots=True)
class CallContext:
    """Who calls, for whom, under which request id: the id that debits at most once.

    `resumed` says that the server itself runs this call again after a crash, so an id that was already reserved or
    even settled may be used once more; the answer is then free. Never set it from anything a caller sent.
    """

    scope: Scope
    agent: str
    request_id: str
    conversation_id: str | None = None
    turn_id: str | None = None
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one reply. `tokens_cached` and `tokens_cache_write`, read from and written to the provider's cache, are
    part of `tokens_in`; `estimated` says they were counted here."""

    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    estimated: bool = False
    tokens_cache_write: int = 0


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call as the model made it. Arguments that are no JSON object leave `args` empty and `error` set, in
    words that can be given back to the model."""

    id: str
    name: str
    args: dict[str, Any]
    raw: str
    error: str | None = None

    def for_history(self) -> dict[str, Any]:
        """The call in OpenAI's format. Nonsense arguments become `{}`: providers refuse a history with bad JSON."""
        arguments = "{}" if self.error else self.raw
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": arguments}}


@dataclass(frozen=True, slots=True)
class Reply:
    """`model` is the one that answered, after fallbacks; `attempts` tells each try and how it ended."""

    text: str
    tool_calls: tuple[ToolCall, ...]
    usage: Usage
    model: str
    charge: Charge
    finish_reason: str = "stop"
    attempts: tuple[dict[str, Any], ...] = ()

    def message(self) -> dict[str, Any]:
        """The reply as the assistant's message of the next request."""
        message: dict[str, Any] = {"role": "assistant", "content": self.text or None}
        if self.tool_calls:
            message["tool_calls"] = [call.for_history() for call in self.tool_calls]
        return message


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a streamed reply: words, or, as the last one, the whole `reply`."""

    text: str = ""
    reply: Reply | None = None

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return self.reply.tool_calls if self.reply else ()

    @property
    def usage(self) -> Usage | None:
        return self.reply.usage if self.reply else None

    @property
    def model(self) -> str | None:
        return self.reply.model if self.reply else None

    @property
    def charge(self) -> Charge | None:
        return self.reply.charge if self.reply else None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of whichever model answers; the same for every attempt."""

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] | None
    tool_choice: str | dict[str, Any] | None
    max_tokens: int
