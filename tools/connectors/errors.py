"""Every failure of Google's clients as one error with a stable code, a next step, and whether to try again.

<provider>_reconnect      502  the token or the consent is gone; renewed once first
<provider>_permission     502  signed in, but not allowed to read this account
<provider>_quota          503  Google's limit is used up; `retry_after` says when it returns
<provider>_unavailable    503  Google failed or could not be reached, after retries
<provider>_timeout        504  no answer in time, after retries
<provider>_invalid        502  Google refused the request itself; its own words are passed on
<provider>_not_connected  409  this client has no such connection

<provider> is `ga4` or `google_ads`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from camarad.errors import Upstream
from tools.connectors import google
from tools.record import Provider

STATUS = {"quota": 503, "unavailable": 503, "timeout": 504, "not_connected": 409}
NAMES: dict[Provider, str] = {"ga4": "Google Analytics", "google-ads": "Google Ads"}
LINKS: dict[Provider, str] = {"ga4": "/connectors/ga4", "google-ads": "/connectors/google-ads"}

HOUR, DAY = 3600.0, 86400.0
UNAVAILABLE_WAIT = 30.0


class ConnectorError(Upstream):
    """`kind` is the class above. `repeat` says that trying again at once is safe and may help, after `wait` seconds;
    `down` that nobody answered, which is what opens the breaker."""

    def __init__(
        self,
        provider: Provider,
        kind: str,
        message: str,
        hint: str,
        *,
        repeat: bool = False,
        wait: float = 0.0,
        retry_after: float | None = None,
        down: bool = False,
    ) -> None:
        code = f"{provider.replace('-', '_')}_{kind}"
        super().__init__(message, code=code, status=STATUS.get(kind, 502), hint=hint, retry_after=retry_after)
        self.provider, self.kind, self.repeat, self.wait, self.down = provider, kind, repeat, wait, down


def not_connected(provider: Provider) -> ConnectorError:
    name = NAMES[provider]
    return ConnectorError(
        provider,
        "not_connected",
        f"{name} is not connected for this client.",
        f"Tell the person that {name} is not connected and that they can connect it at {LINKS[provider]}.",
    )


def no_account(provider: Provider) -> ConnectorError:
    name = NAMES[provider]
    return ConnectorError(
        provider,
        "not_connected",
        f"{name} is connected for this client, but no account was chosen.",
        f"Tell the person to choose the account at {LINKS[provider]}.",
    )


def reconnect(provider: Provider) -> ConnectorError:
    return ConnectorError(
        provider,
        "reconnect",
        f"{NAMES[provider]} no longer accepts this client's connection.",
        f"Tell the person to connect it again at {LINKS[provider]}; nothing else helps.",
    )


def permission(provider: Provider, said: str) -> ConnectorError:
    return ConnectorError(
        provider,
        "permission",
        f"{NAMES[provider]} refuses this account: {said}",
        f"Tell the person to get access from the account's owner, or to choose another account at {LINKS[provider]}.",
    )


def quota(
    provider: Provider, said: str, retry_after: float, *, repeat: bool = False, wait: float = 0.0
) -> ConnectorError:
    return ConnectorError(
        provider,
        "quota",
        f"{NAMES[provider]} has no quota left: {said}",
        f"Do not call again now; it can work again in about {_span(retry_after)}. Say so.",
        repeat=repeat,
        wait=wait,
        retry_after=retry_after,
    )


def unavailable(
    provider: Provider, retry_after: float = UNAVAILABLE_WAIT, *, repeat: bool = True, down: bool = True
) -> ConnectorError:
    return ConnectorError(
        provider,
        "unavailable",
        f"{NAMES[provider]} {'cannot be reached right now' if down else 'failed inside, at Google'}.",
        f"It was tried repeatedly; say so and suggest trying again in {_span(retry_after)}.",
        repeat=repeat,
        retry_after=retry_after,
        down=down,
    )


def timeout(provider: Provider) -> ConnectorError:
    return ConnectorError(
        provider,
        "timeout",
        f"{NAMES[provider]} did not answer in time.",
        "Try a shorter date range once, or say that Google is slow and suggest trying again later.",
        repeat=True,
        retry_after=UNAVAILABLE_WAIT,
        down=True,
    )


def invalid(provider: Provider, said: str) -> ConnectorError:
    return ConnectorError(
        provider,
        "invalid",
        f"{NAMES[provider]} refused the request: {said}",
        "Correct the call as the message says and try once more.",
    )


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    return f"{round(seconds / 60)} minutes" if seconds < 2 * HOUR else f"{round(seconds / HOUR)} hours"


def classify(provider: Provider, error: BaseException) -> ConnectorError:
    """The class of any exception of the Google clients. What is unknown counts as unavailable and is not repeated."""
    from google.api_core import exceptions as google

    if isinstance(error, ConnectorError):
        return error
    failure = ads_failure(error) if provider == "google-ads" else None
    if failure is not None:
        return _ads_class(failure)
    message = str(getattr(error, "message", "") or error)[:500]
    if isinstance(error, google.Unauthenticated):
        return reconnect(provider)
    if isinstance(error, google.PermissionDenied):
        return _permission_class(provider, error, message)
    if isinstance(error, google.ResourceExhausted):
        return _quota_class(provider, message)
    if isinstance(error, asyncio.TimeoutError | google.DeadlineExceeded):
        return timeout(provider)
    if isinstance(error, google.InvalidArgument | google.FailedPrecondition | google.NotFound | google.OutOfRange):
        return invalid(provider, message)
    down = isinstance(error, google.ServiceUnavailable | google.BadGateway | google.GatewayTimeout | ConnectionError)
    passing = down or isinstance(error, google.ServerError | google.Aborted)
    return unavailable(provider, repeat=passing, down=down)


def _permission_class(provider: Provider, error: Any, message: str) -> ConnectorError:
    reason = getattr(error, "reason", None)
    if reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
        return reconnect(provider)
    if reason == "SERVICE_DISABLED":
        return permission(
            provider, "the API is not enabled in the project this server uses; an administrator must do it."
        )
    return permission(provider, message)


def _quota_class(provider: Provider, message: str) -> ConnectorError:
    text = message.lower()
    if "concurrent" in text:
        return quota(provider, message, UNAVAILABLE_WAIT, repeat=True, wait=1.0)
    return quota(provider, message, DAY if "per day" in text else HOUR)


@dataclass(frozen=True, slots=True)
class AdsFailure:
    """The first error of a GoogleAdsFailure: its category, its code, Google's sentence and the wait it names."""

    category: str
    code: str
    message: str
    wait: float


def ads_failure(error: BaseException) -> AdsFailure | None:
    """What Google Ads says about a failure. The async client never unwraps it, so it is read from the trailers."""
    for cause in getattr(error, "errors", None) or ():
        trailers = getattr(cause, "trailing_metadata", None)
        for key, value in (trailers() if callable(trailers) else trailers) or ():
            if key.startswith("google.ads.googleads.") and key.endswith("googleadsfailure-bin"):
                return _read_failure(key.split(".")[3], value)
    return None


def _read_failure(version: str, value: bytes) -> AdsFailure | None:
    types = google.ads_errors(version)
    failure = types.GoogleAdsFailure.pb(types.GoogleAdsFailure.deserialize(value))
    if not failure.errors:
        return None
    first = failure.errors[0]
    category = first.error_code.WhichOneof("error_code") or ""
    code = ""
    if category:
        field = first.error_code.DESCRIPTOR.fields_by_name[category]
        code = field.enum_type.values_by_number[getattr(first.error_code, category)].name
    delay = first.details.quota_error_details.retry_delay
    return AdsFailure(category, code, first.message, delay.seconds + delay.nanos / 1e9)


TRANSIENT = frozenset({"TRANSIENT_ERROR", "INTERNAL_ERROR", "CONCURRENT_MODIFICATION"})


def _ads_class(failure: AdsFailure) -> ConnectorError:
    provider: Provider = "google-ads"
    if failure.category == "authentication_error":
        if failure.code in ("CUSTOMER_NOT_FOUND", "NOT_ADS_USER"):  # signing in again would not help
            return permission(provider, failure.message)
        return reconnect(provider)
    if failure.code == "RESOURCE_TEMPORARILY_EXHAUSTED":
        wait = failure.wait or 5.0
        return quota(provider, failure.message, max(wait, 1.0), repeat=True, wait=wait)
    if failure.category == "quota_error":
        return quota(provider, failure.message, failure.wait or DAY)
    if failure.code in TRANSIENT:
        return unavailable(provider, down=False)
    if failure.category == "authorization_error":
        return permission(provider, failure.message)
    return invalid(provider, f"{failure.message} ({failure.category}.{failure.code})")
