"""Counting tokens offline, and how many a model can read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from agents.llm.call import Request
from agents.llm.engine import EMBEDDED, load

DEFAULT_WINDOW = 32_000  # where litellm's price file names none
MESSAGE_OVERHEAD = 4  # role and separators, as OpenAI counts them


@cache
def window(model: str) -> int:
    """Tokens that the model reads at most, question and history together."""
    if model.startswith(f"{EMBEDDED}/"):
        return DEFAULT_WINDOW
    known = load().model_cost
    entry = known.get(model) or known.get(model.partition("/")[2]) or {}
    tokens = entry.get("max_input_tokens") or entry.get("max_tokens")
    return tokens if isinstance(tokens, int) and tokens > 0 else DEFAULT_WINDOW


def count_tokens(model: str, messages: Sequence[dict[str, Any]]) -> int:
    """Tokens of a history by the model's own tokenizer; a text already seen costs a look-up."""
    return sum(MESSAGE_OVERHEAD + count_text(model, _written(message)) for message in messages)


@lru_cache(maxsize=2048)
def count_text(model: str, text: str) -> int:
    return int(load().token_counter(model=model, text=text)) if text else 0


def count_request(model: str, request: Request) -> int:
    """Tokens a provider reads for a request, tool schemas included; used when it does not say."""
    tools = json.dumps(request.tools, ensure_ascii=False) if request.tools else ""
    return count_tokens(model, request.messages) + count_text(model, tools)


def most_tokens(request: Request) -> int:
    """A quick bound from above for the hold, without a tokenizer.

    No token is shorter than a byte, and figures, codes and some scripts come close to that. Our own prompts and tool
    schemas are prose, of which five bytes make no more than two tokens.
    """
    own = json.dumps(request.tools, ensure_ascii=False) if request.tools else ""
    total = MESSAGE_OVERHEAD + len(own.encode()) * 2 // 5
    for message in request.messages:
        size = len(_written(message).encode())
        total += MESSAGE_OVERHEAD + (size * 2 // 5 if message.get("role") == "system" else size)
    return total


def _written(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    if calls := message.get("tool_calls"):
        text += json.dumps(calls, ensure_ascii=False)
    return text
