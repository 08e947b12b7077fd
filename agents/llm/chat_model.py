"""The door as LangChain's chat model, for code that wants one. Async only: a sync call could not be metered."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import invalid_tool_call, tool_call
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr

from agents.llm.call import CallContext, Reply
from agents.llm.door import ModelDoor


class MeteredChatModel(BaseChatModel):
    """One agent's model for one turn. Each call takes the next id under `context.request_id`: `<id>:1`, `<id>:2`…"""

    door: Any
    context: Any
    _numbers: Any = PrivateAttr(default_factory=lambda: itertools.count(1))

    def __init__(self, door: ModelDoor, context: CallContext, **fields: Any) -> None:
        super().__init__(door=door, context=context, **fields)

    @property
    def _llm_type(self) -> str:
        return "camarad-door"

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: str | dict[str, Any] | None = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        bound: dict[str, Any] = {"tools": [convert_to_openai_tool(tool) for tool in tools]}
        if tool_choice:
            bound["tool_choice"] = _choice(tool_choice)
        return self.bind(**bound)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError("This model is async only: use ainvoke or astream, which are metered.")

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        reply = await self.door.complete(self._next_context(), to_openai(messages), **_known(kwargs))
        return ChatResult(generations=[ChatGeneration(message=to_message(reply))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        async with self.door.stream(self._next_context(), to_openai(messages), **_known(kwargs)) as chunks:
            async for chunk in chunks:
                message = AIMessageChunk(content=chunk.text) if chunk.reply is None else _last_chunk(chunk.reply)
                generation = ChatGenerationChunk(message=message)
                if run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=generation)
                yield generation

    def _next_context(self) -> CallContext:
        context: CallContext = self.context
        return replace(context, request_id=f"{context.request_id}:{next(self._numbers)}")


def to_openai(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """LangChain's messages as OpenAI's."""
    converted = convert_to_openai_messages(list(messages))
    return converted if isinstance(converted, list) else [converted]


def to_message(reply: Reply) -> AIMessage:
    """A reply as LangChain's message; nonsense calls go to `invalid_tool_calls`."""
    return AIMessage(
        content=reply.text,
        tool_calls=[tool_call(name=c.name, args=c.args, id=c.id) for c in reply.tool_calls if not c.error],
        invalid_tool_calls=[
            invalid_tool_call(name=c.name, args=c.raw, id=c.id, error=c.error) for c in reply.tool_calls if c.error
        ],
        usage_metadata=_usage(reply),
        response_metadata=_metadata(reply),
    )


def _last_chunk(reply: Reply) -> AIMessageChunk:
    return AIMessageChunk(
        content="",
        tool_call_chunks=[
            {"name": c.name, "args": c.raw, "id": c.id, "index": n, "type": "tool_call_chunk"}
            for n, c in enumerate(reply.tool_calls)
        ],
        usage_metadata=_usage(reply),
        response_metadata=_metadata(reply),
        chunk_position="last",
    )


def _usage(reply: Reply) -> UsageMetadata:
    usage = reply.usage
    return UsageMetadata(
        input_tokens=usage.tokens_in,
        output_tokens=usage.tokens_out,
        total_tokens=usage.tokens_in + usage.tokens_out,
        input_token_details={"cache_read": usage.tokens_cached},
    )


def _metadata(reply: Reply) -> dict[str, Any]:
    return {"model_name": reply.model, "finish_reason": reply.finish_reason, "ct_actual": reply.charge.ct_actual}


def _choice(choice: str | dict[str, Any]) -> str | dict[str, Any]:
    if choice == "any":
        return "required"
    if isinstance(choice, str) and choice not in ("auto", "none", "required"):
        return {"type": "function", "function": {"name": choice}}
    return choice


def _known(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {name: kwargs[name] for name in ("tools", "tool_choice", "max_tokens") if kwargs.get(name) is not None}
