"""litellm behind one handle: loaded late, set up once, guarded, and called without its own logging.

Two measured savings, both through litellm's own entry points (docs/decisions/lean-model-calls.md):
its success logging prices and copies every reply again, so a call brings a logging object that does nothing; and its
stream wrapper rebuilds each chunk twice, so the chunks are read from the provider's stream under it where their shape
is known.
"""

from __future__ import annotations

import gc
import importlib
import inspect
import threading
import warnings
from collections.abc import AsyncIterator
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import Any

import agents.llm.flags  # noqa: F401  (before litellm is imported by anyone)
from agents.llm.call import Request
from agents.llm.trim import trim
from camarad.errors import CamaradError

PROVIDERS_THAT_NEVER_BLOCK = frozenset({"camarad", "openai"})  # their synchronous part only builds the request
EMBEDDED = "camarad"

SILENT = (
    "_response_cost_calculator",
    "claim_async_success_log",
    "failure_handler",
    "handle_sync_success_callbacks_for_async_calls",
    "post_call",
    "pre_call",
    "success_handler",
)
SILENT_ASYNC = (
    "async_failure_handler",
    "async_success_handler",
    "dispatch_failure_handlers",
    "dispatch_success_handlers",
)

_in_the_door: ContextVar[bool] = ContextVar("in_the_door", default=False)
_lock = threading.Lock()


class UnmeteredCall(CamaradError):
    """Code outside the door called litellm: a defect, stopped before anything is sent."""

    code = "unmetered_call"
    expected = False
    default_hint = "Call the model through agents.llm.ModelDoor, which reserves and settles CT."


def load() -> Any:
    """litellm, imported on first use (some 2.5 s of CPU) and set up for this process."""
    with _lock:
        return _load()


@cache
def _load() -> Any:
    collecting = gc.isenabled()
    gc.disable()  # a quarter of the import is the collector walking what the import has just made
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydantic's, about types of litellm's, which it builds on first use
            litellm: Any = importlib.import_module("litellm")
            litellm.ModelResponse()
            litellm.types.utils.ModelResponseStream(choices=[])
    finally:
        if collecting:
            gc.enable()
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    litellm.telemetry = False
    litellm.disable_hf_tokenizer_download = True
    trim(litellm)
    _guard(litellm.utils)
    return litellm


def _guard(utils: Any) -> None:
    """Refuse every call of litellm, sync or async, that does not come through the door.

    Each public function of litellm sets its logging up through this one; a hook instead would miss the sync ones.
    """
    set_up = utils.function_setup

    def function_setup(*args: Any, **kwargs: Any) -> Any:
        if not _in_the_door.get():
            raise UnmeteredCall("A model was called outside the metered door; the call was refused.")
        return set_up(*args, **kwargs)

    utils.function_setup = function_setup


@cache
def _quiet_logging() -> type[Any]:
    """litellm's logging object with its reporting taken out: no price, no copies, no tasks, no content kept."""
    logging = importlib.import_module("litellm.litellm_core_utils.litellm_logging")

    def nothing(self: Any, *args: Any, **kwargs: Any) -> None:
        return None

    async def nothing_async(self: Any, *args: Any, **kwargs: Any) -> None:
        return None

    body = {**dict.fromkeys(SILENT, nothing), **dict.fromkeys(SILENT_ASYNC, nothing_async)}
    return type("QuietLogging", (logging.Logging,), body)


@cache
def provider_of(model: str) -> str:
    """The provider litellm would call for a model name."""
    head, slash, _ = model.partition("/")
    if slash and head == EMBEDDED:
        return head
    litellm = load()
    if slash and head in {str(getattr(p, "value", p)) for p in litellm.provider_list}:
        return head
    try:
        return str(litellm.get_llm_provider(model)[1])
    except Exception:  # litellm raises its BadRequestError for a name it cannot place; the call will say so
        return head if slash else "openai"


@cache
def register_embedded() -> None:
    """Make `camarad/…` models known to litellm, once."""
    importlib.import_module("agents.embedded.provider").register()


async def complete(model: str, request: Request, access: dict[str, Any], seconds: float) -> Any:
    """One reply at once, as litellm's ModelResponse."""
    return await _call(model, _parameters(model, request, access, seconds))


async def stream(model: str, request: Request, access: dict[str, Any], seconds: float) -> ChunkStream:
    """One reply in pieces. The connection is open when this returns."""
    parameters = _parameters(model, request, access, seconds)
    return ChunkStream(await _call(model, {**parameters, "stream": True, "stream_options": {"include_usage": True}}))


class ChunkStream:
    """Pieces of a reply, and `aclose`, which hangs up: a stream that is only forgotten runs on and is billed."""

    def __init__(self, wrapper: Any) -> None:
        self._wrapper = wrapper
        self.pieces: AsyncIterator[Any] = aiter(_leanest(wrapper))

    async def aclose(self) -> None:
        await self._wrapper.aclose()


async def close() -> None:
    """Hang up the connections that litellm keeps for the next call."""
    if _load.cache_info().currsize:
        await load().close_litellm_async_clients()


def _leanest(wrapper: Any) -> Any:
    """The provider's own stream where its chunks are OpenAI's or ours, else litellm's wrapper round it."""
    inner = wrapper.completion_stream
    ours = getattr(wrapper, "custom_llm_provider", None) == EMBEDDED
    if hasattr(inner, "__aiter__") and (ours or type(inner).__module__.startswith("openai")):
        return inner
    return wrapper


def _parameters(model: str, request: Request, access: dict[str, Any], seconds: float) -> dict[str, Any]:
    parameters = {
        "model": model,
        "messages": request.messages,
        "max_tokens": request.max_tokens,
        "timeout": seconds,
        "max_retries": 0,
        "num_retries": 0,
        "_skip_mcp_handler": True,
        **access,
    }
    if request.tools:
        parameters["tools"] = request.tools
        if request.tool_choice is not None:
            parameters["tool_choice"] = request.tool_choice
    return parameters


async def _call(model: str, parameters: dict[str, Any]) -> Any:
    litellm = load()
    inside = _in_the_door.set(True)
    try:
        log = _logging_object(model, parameters)
        if provider_of(model) not in PROVIDERS_THAT_NEVER_BLOCK:
            return await litellm.acompletion(**parameters, litellm_logging_obj=log)
        # what acompletion would run in a thread of its pool, and then await, run here
        answer = litellm.completion(
            **parameters, acompletion=True, litellm_logging_obj=log, litellm_call_id=log.litellm_call_id
        )
        return await answer if inspect.isawaitable(answer) else answer
    finally:
        _in_the_door.reset(inside)


def _logging_object(model: str, parameters: dict[str, Any]) -> Any:
    return _quiet_logging()(
        model=model,
        messages=parameters["messages"],
        stream=parameters.get("stream", False),
        call_type="acompletion",
        start_time=datetime.now(),  # litellm subtracts its own naive times from it
        litellm_call_id="",
        function_id="",
        kwargs={},
    )
