"""What a program may ask for: OpenAI's chat completion request, each field either meant, passed over, or refused.

Nothing is dropped in silence that would change the answer's form: a program that asks for tools, JSON or two answers
is told that it cannot have them.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from camarad.errors import BadInput

MOST_MESSAGES: Final = 2_000
Penalty = Annotated[float, Field(ge=-2, le=2)]
Tokens = Annotated[int, Field(ge=1)]
Short = Annotated[str, StringConstraints(max_length=200)]


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    """`system` and `developer` messages are read as notes of the calling program, without any power."""

    model_config = ConfigDict(extra="allow")

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart] | None = None
    name: Short | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    model_config = ConfigDict(extra="allow")

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """`model` is an agent. Sampling, output length and bookkeeping fields are checked and passed over: the agents' own
    settings hold."""

    model_config = ConfigDict(extra="allow")

    model: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MOST_MESSAGES)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    max_tokens: Tokens | None = None
    max_completion_tokens: Tokens | None = None
    seed: int | None = None

    @property
    def wants_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)


PASSED_OVER: Final = frozenset(
    {"user", "metadata", "store", "service_tier", "reasoning_effort", "verbosity", "safety_identifier"}
    | {"prompt_cache_key", "prompt_cache_retention", "parallel_tool_calls"}
)
NEUTRAL: Final[dict[str, tuple[Any, ...]]] = {  # what these may be: the value that asks for nothing
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "stop": ([], ""),
    "audio": (),
    "prediction": (),
    "web_search_options": (),
}
OF_MESSAGES: Final = frozenset({"refusal", "annotations", "audio", "reasoning_content"})  # of answers told again


class Unsupported(BadInput):
    """A field this API does not have, or a value of it that it cannot honour."""

    code = "unsupported_parameter"
    default_hint = "Leave it out; docs/openai-compatible.md lists what is taken."

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.param = param


def check(body: ChatRequest) -> None:
    """Raises Unsupported for the first field that cannot be honoured."""
    if body.n not in (None, 1):
        raise Unsupported("One answer is given for a question; n can only be 1.", "n")
    for name, value in (body.model_extra or {}).items():
        _check_field(name, value)
    for place, message in enumerate(body.messages):
        for name, value in (message.model_extra or {}).items():
            if value not in (None, [], {}) and name not in OF_MESSAGES:
                where = f"messages.{place}.{name}"
                raise Unsupported(f"Messages carry words only; {where} is not taken.", where)


def _check_field(name: str, value: Any) -> None:
    if value is None or name in PASSED_OVER:
        return
    if name not in NEUTRAL:
        raise Unsupported(f"Unrecognized request argument supplied: {name[:100]}.", name[:100])
    if value not in NEUTRAL[name]:
        raise Unsupported(f"{name} cannot be honoured here: the agents use their own tools and answer in words.", name)
