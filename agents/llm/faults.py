"""What can go wrong at a provider, in our words: which error people see, and what the door does next."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Any, Literal

from camarad.errors import CamaradError, Upstream

Then = Literal["again", "next model", "give up"]
LONGEST_WAIT = 5.0  # seconds; a provider that asks for a longer pause is left for the next model


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed attempt. `kind` is the provider's class of error; `wait` is how long it asked us to pause."""

    error: CamaradError
    then: Then
    kind: str
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    kinds: frozenset[str]
    code: str
    status: int
    then: Then
    message: str
    hint: str


RULES = (
    _Rule(
        frozenset({"ContextWindowExceededError"}),
        "model_context_length",
        502,
        "next model",
        "The conversation is longer than the model {model} can read.",
        "Start a new conversation, or ask about less at a time.",
    ),
    _Rule(
        frozenset({"ContentPolicyViolationError"}),
        "model_refused",
        502,
        "give up",
        "The provider of {model} refused to answer this.",
        "Ask in another way.",
    ),
    _Rule(
        frozenset({"RateLimitError"}),
        "model_rate_limited",
        503,
        "again",
        "The provider of {model} is limiting requests just now.",
        "Wait a moment and try again; an operator can set CAMARAD_FALLBACK_MODELS.",
    ),
    _Rule(
        frozenset({"AuthenticationError", "PermissionDeniedError"}),
        "model_auth",
        502,
        "next model",
        "The provider of {model} refused our key.",
        "An operator has to set a valid key: CAMARAD_MODEL_KEYS or the provider's own variable; see docs/models.md.",
    ),
    _Rule(
        frozenset({"Timeout", "APITimeoutError", "TimeoutError"}),
        "model_timeout",
        504,
        "again",
        "The model {model} did not answer in time.",
        "Try again; an operator can raise CAMARAD_MODEL_TIMEOUT.",
    ),
    _Rule(
        frozenset({"NotFoundError"}),
        "model_unavailable",
        502,
        "next model",
        "The provider does not know the model {model}.",
        "An operator has to correct CAMARAD_MODEL; see docs/models.md.",
    ),
    _Rule(
        frozenset({"BadRequestError", "UnprocessableEntityError", "UnsupportedParamsError", "InvalidRequestError"}),
        "model_refused",
        502,
        "give up",
        "The provider of {model} refused the request.",
        "Ask in another way; the log has the provider's words.",
    ),
)
UNAVAILABLE = _Rule(
    frozenset(),
    "model_unavailable",
    503,
    "again",
    "The model {model} cannot be reached or failed.",
    "Try again in a moment; an operator can set CAMARAD_FALLBACK_MODELS.",
)
_BY_KIND = {kind: rule for rule in RULES for kind in rule.kinds}


def read_fault(error: BaseException, model: str, provider: str, litellm: Any) -> Fault:
    """The fault behind an exception of litellm, of the provider's client under it, or of our own deadline."""
    if isinstance(error, CamaradError):
        return Fault(error, "give up", type(error).__name__)
    cause = _cause(error, model, provider, litellm)
    kind = next((c.__name__ for c in type(cause).__mro__ if c.__name__ in _BY_KIND), type(cause).__name__)
    rule = _BY_KIND.get(kind, UNAVAILABLE)
    wait = _retry_after(cause) or _retry_after(error)
    then: Then = rule.then
    if then == "again" and ((wait or 0) > LONGEST_WAIT or "insufficient_quota" in str(cause)):
        then = "next model"
    retry_after = wait if wait is not None else (1.0 if rule.then == "again" else None)
    known = Upstream(
        rule.message.format(model=model), code=rule.code, status=rule.status, hint=rule.hint, retry_after=retry_after
    )
    return Fault(known, then, kind, wait)


def _cause(error: BaseException, model: str, provider: str, litellm: Any) -> BaseException:
    """Unwrap litellm's mid-stream wrapper, and let litellm name what a provider's own client raised."""
    cause: BaseException = getattr(error, "original_exception", None) or error
    if isinstance(cause, TimeoutError | asyncio.TimeoutError) or type(cause).__module__ == "litellm.exceptions":
        return cause
    try:
        litellm.exception_type(
            model=model, custom_llm_provider=provider, original_exception=cause, completion_kwargs={}, extra_kwargs={}
        )
    except Exception as named:
        return named
    return cause


def _retry_after(error: BaseException) -> float | None:
    """Seconds from a Retry-After header; the date form is left to the provider's next answer."""
    response = getattr(error, "response", None)
    headers = getattr(error, "litellm_response_headers", None) or getattr(response, "headers", None) or {}
    try:
        seconds = float(headers.get("retry-after", ""))
    except (TypeError, ValueError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
