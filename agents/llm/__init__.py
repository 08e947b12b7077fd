"""The one metered door to models. Everything that calls a model calls it through `ModelDoor`.

door = build_door(settings, database, clock)
await door.start()
reply = await door.complete(context, messages, tools=schemas)
async with door.stream(context, messages) as chunks:
    async for chunk in chunks: ...            # chunk.text, and chunk.reply on the last one
await door.close()
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from agents.llm.build import build_door, preload
from agents.llm.call import CallContext, Chunk, Reply, ToolCall, Usage
from agents.llm.door import ModelDoor
from agents.llm.engine import UnmeteredCall
from agents.llm.reply_stream import ReplyStream
from agents.llm.tokens import count_tokens, window

if TYPE_CHECKING:
    from agents.llm.chat_model import MeteredChatModel, to_message, to_openai

__all__ = [
    "CallContext",
    "Chunk",
    "MeteredChatModel",
    "ModelDoor",
    "Reply",
    "ReplyStream",
    "ToolCall",
    "UnmeteredCall",
    "Usage",
    "build_door",
    "count_tokens",
    "preload",
    "to_message",
    "to_openai",
    "window",
]


def __getattr__(name: str) -> Any:
    """LangChain's side is imported only by those who ask for it."""
    if name in ("MeteredChatModel", "to_message", "to_openai"):
        return getattr(importlib.import_module("agents.llm.chat_model"), name)
    raise AttributeError(name)
