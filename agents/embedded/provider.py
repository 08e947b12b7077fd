"""The planner as a litellm provider: `camarad/embedded`, whole or streamed, with usage like any hosted model."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import litellm
from litellm import CustomLLM
from litellm.types.utils import (
    ChatCompletionDeltaToolCall,
    ChatCompletionMessageToolCall,
    Choices,
    Delta,
    Function,
    Message,
    ModelResponse,
    ModelResponseStream,
    StreamingChoices,
    Usage,
)

from agents.embedded import tokens
from agents.embedded.choose import Call
from agents.embedded.embeddings import embedder
from agents.embedded.heads import intents
from agents.embedded.planner import Plan, plan
from agents.embedded.schema import read_tool
from agents.embedded.selection import rank
from agents.embedded.status import status

PROVIDER, MODEL = "camarad", "embedded"
__all__ = ["EmbeddedProvider", "register", "status", "warm"]
WORDS_A_CHUNK = 5
KEPT = "embedded-passages.npz"
litellm.disable_hf_tokenizer_download = True


class EmbeddedProvider(CustomLLM):  # type: ignore[misc]
    """Stateless: sees messages, tool schemas and tool choice, and nothing else."""

    def completion(self, model: str, messages: list[dict[str, Any]], *args: Any, **kwargs: Any) -> ModelResponse:
        made, usage = _made(messages, kwargs.get("optional_params") or {})
        response = kwargs.get("model_response") or ModelResponse()
        message = Message(role="assistant", content=made.text or None, tool_calls=_tool_calls(made.calls, messages))
        response.choices = [Choices(index=0, finish_reason=_finish(made), message=message)]
        response.model = f"{PROVIDER}/{MODEL}"
        response.usage = usage
        return response

    async def acompletion(self, *args: Any, **kwargs: Any) -> ModelResponse:
        return await asyncio.to_thread(self.completion, *args, **kwargs)  # some 20 ms that must not hold the loop

    def streaming(
        self, model: str, messages: list[dict[str, Any]], *args: Any, **kwargs: Any
    ) -> Iterator[ModelResponseStream]:
        made, usage = _made(messages, kwargs.get("optional_params") or {})
        yield from _chunks(made, messages, usage)

    async def astreaming(
        self, model: str, messages: list[dict[str, Any]], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ModelResponseStream]:
        made, usage = await asyncio.to_thread(_made, messages, kwargs.get("optional_params") or {})
        for chunk in _chunks(made, messages, usage):
            yield chunk
            await asyncio.sleep(0)  # a long answer must not hold the loop


def _made(messages: list[dict[str, Any]], options: dict[str, Any]) -> tuple[Plan, Usage]:
    made = plan(messages, options.get("tools"), options.get("tool_choice"))
    return made, _usage(messages, options.get("tools"), made)


def register() -> EmbeddedProvider:
    """Make `camarad/…` known to litellm; calling it again keeps the one already there."""
    from litellm.utils import custom_llm_setup

    for entry in litellm.custom_provider_map:
        if entry["provider"] == PROVIDER:
            found: EmbeddedProvider = entry["custom_handler"]
            return found
    handler = EmbeddedProvider()
    litellm.custom_provider_map = [*litellm.custom_provider_map, {"provider": PROVIDER, "custom_handler": handler}]
    custom_llm_setup()
    return handler


def warm(tools: Sequence[dict[str, Any]] = (), folder: Path | None = None) -> None:
    """Load the models, embed the tools' descriptions, and answer once, so that the first question waits for nothing.

    What was embedded is kept in `folder` for the next process.
    """
    if folder is not None:
        embedder().recall(folder / KEPT)
    intents("warm up")
    rank([t for t in map(read_tool, tools) if t is not None], "warm up", {})
    asked = [{"role": "user", "content": "warm up"}]
    EmbeddedProvider().completion(MODEL, asked, optional_params={"tools": list(tools)})
    list(EmbeddedProvider().streaming(MODEL, asked))
    if folder is not None:
        embedder().keep(folder / KEPT)


def _finish(made: Plan) -> str:
    return "tool_calls" if made.calls else "stop"


def _call_id(call: Call, index: int, messages: list[dict[str, Any]]) -> str:
    """Stable for the same request, so that a resumed turn repeats its ids; different at each step of a conversation."""
    seed = f"{len(messages)}:{index}:{call.name}:{json.dumps(call.args, sort_keys=True)}"
    return f"call_{hashlib.sha256(seed.encode()).hexdigest()[:20]}"


def _arguments(call: Call) -> str:
    return json.dumps(call.args, ensure_ascii=False)


def _tool_calls(calls: tuple[Call, ...], messages: list[dict[str, Any]]) -> list[ChatCompletionMessageToolCall] | None:
    made = [
        ChatCompletionMessageToolCall(
            id=_call_id(call, i, messages),
            type="function",
            function=Function(name=call.name, arguments=_arguments(call)),
        )
        for i, call in enumerate(calls)
    ]
    return made or None


def _usage(messages: list[dict[str, Any]], tools: Any, made: Plan) -> Usage:
    sent = _count(messages=messages, tools=tools)
    out = _count(text=made.text) if made.text else 0
    out += sum(_count(text=f"{call.name} {_arguments(call)}") for call in made.calls)
    return Usage(prompt_tokens=sent, completion_tokens=out, total_tokens=sent + out)


def _count(**what: Any) -> int:
    given = {k: v for k, v in what.items() if v}
    try:
        return int(litellm.token_counter(model=f"{PROVIDER}/{MODEL}", custom_tokenizer=tokens.LITELLM, **given))
    except Exception:  # odd content must be priced too: about four characters a token
        return len(json.dumps(what, default=str)) // 4 + 1


def _chunks(made: Plan, messages: list[dict[str, Any]], usage: Usage) -> Iterator[ModelResponseStream]:
    """litellm drops usage that comes on or after the finish chunk, so it rides on the last delta with content."""
    deltas = [Delta(role="assistant", content=part) for part in _pieces(made.text)]
    for index, call in enumerate(made.calls):
        function = Function(name=call.name, arguments=_arguments(call))
        part = ChatCompletionDeltaToolCall(
            index=index, id=_call_id(call, index, messages), type="function", function=function
        )
        deltas.append(Delta(role="assistant", tool_calls=[part]))
    for number, delta in enumerate(deltas):
        chunk = ModelResponseStream(model=f"{PROVIDER}/{MODEL}", choices=[StreamingChoices(index=0, delta=delta)])
        if number == len(deltas) - 1:
            chunk.usage = usage
        yield chunk
    yield ModelResponseStream(
        model=f"{PROVIDER}/{MODEL}", choices=[StreamingChoices(index=0, delta=Delta(), finish_reason=_finish(made))]
    )


def _pieces(text: str) -> list[str]:
    words = re.findall(r"\S+\s*|\s+", text)
    return ["".join(words[i : i + WORDS_A_CHUNK]) for i in range(0, len(words), WORDS_A_CHUNK)]
