"""Which of our errors a failure of Google's clients is; see tools.connectors.errors for the classes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from tools.connectors import google
from tools.connectors.errors import (
    DAY,
    HOUR,
    UNAVAILABLE_WAIT,
    ConnectorError,
    invalid,
    missing_scope,
    permission,
    quota,
    reconnect,
    timeout,
    unavailable,
)
from tools.record import Provider


def classify(provider: Provider, error: BaseException) -> ConnectorError:
    """The class of any exception of the Google clients. What is unknown counts as unavailable and is not repeated."""
    from google.api_core import exceptions as raised

    if isinstance(error, ConnectorError):
        return error
    failure = ads_failure(error) if provider == "google-ads" else None
    if failure is not None:
        return _ads_class(failure)
    message = str(getattr(error, "message", "") or error)[:500]
    if isinstance(error, raised.Unauthenticated):
        return reconnect(provider)
    if isinstance(error, raised.PermissionDenied):
        return _permission_class(provider, error, message)
    if isinstance(error, raised.ResourceExhausted):
        return _quota_class(provider, message)
    if isinstance(error, asyncio.TimeoutError | raised.DeadlineExceeded):
        return timeout(provider)
    if isinstance(error, raised.InvalidArgument | raised.FailedPrecondition | raised.NotFound | raised.OutOfRange):
        return invalid(provider, message)
    down = isinstance(error, raised.ServiceUnavailable | raised.BadGateway | raised.GatewayTimeout | ConnectionError)
    passing = down or isinstance(error, raised.ServerError | raised.Aborted)
    return unavailable(provider, repeat=passing, down=down)


def _permission_class(provider: Provider, error: Any, message: str) -> ConnectorError:
    reason = getattr(error, "reason", None)
    if reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
        return missing_scope(provider)
    if reason == "SERVICE_DISABLED":
        said = "the API is not enabled in the project this server uses; an administrator must do it."
        return permission(provider, said, state=None, detail=reason)
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
        if failure.code == "CUSTOMER_NOT_FOUND":
            return permission(provider, failure.message)
        if failure.code == "NOT_ADS_USER":
            return permission(provider, failure.message, detail=failure.code)
        return reconnect(provider, failure.code.casefold())
    if failure.code == "RESOURCE_TEMPORARILY_EXHAUSTED":
        wait = failure.wait or 5.0
        return quota(provider, failure.message, max(wait, 1.0), repeat=True, wait=wait)
    if failure.category == "quota_error":
        return quota(provider, failure.message, failure.wait or DAY)
    if failure.code in TRANSIENT:
        return unavailable(provider, down=False)
    if failure.category == "authorization_error":
        ours = failure.code.startswith(("DEVELOPER_TOKEN_", "PROJECT_", "CLOUD_PROJECT_"))  # this server's, not theirs
        return permission(provider, failure.message, state=None if ours else "no_access", detail=failure.code)
    return invalid(provider, f"{failure.message} ({failure.category}.{failure.code})")
