"""Refusals of the Google Ads API: a GoogleAdsFailure in the trailing metadata, as its clients expect.

Texts follow the published API documentation; they were not compared with live answers.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import grpc
from google.ads.googleads.v26.errors.types import errors as types
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

from tools.emulator.rpc import Refusal

_KEY = "google.ads.googleads.v26.errors.googleadsfailure-bin"
_DENIED = (
    "User doesn't have permission to access customer. Note: If you're accessing a client customer, the manager's "
    "customer id must be set in the 'login-customer-id' header. See "
    "https://developers.google.com/google-ads/api/docs/concepts/call-structure#cid"
)
_CREDENTIALS = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other "
    "valid authentication credential."
)
_RETRY_S = 30


def failure(status: grpc.StatusCode, category: str, code: str, message: str, details: Any = None) -> Refusal:
    """One error of a category such as `query_error` with its code's name."""
    descriptor = types.ErrorCode.pb(types.ErrorCode()).DESCRIPTOR.fields_by_name[category]
    number = descriptor.enum_type.values_by_name[code].number
    error = types.GoogleAdsError(error_code={category: number}, message=message)
    if details is not None:
        error.details = details
    request_id = uuid.uuid4().hex[:22]
    body = types.GoogleAdsFailure(errors=[error], request_id=request_id)
    return Refusal(status, message, ((_KEY, types.GoogleAdsFailure.serialize(body)), ("request-id", request_id)))


def query_error(code: str, message: str) -> Refusal:
    return failure(grpc.StatusCode.INVALID_ARGUMENT, "query_error", code, message)


def denied() -> Refusal:
    return failure(grpc.StatusCode.PERMISSION_DENIED, "authorization_error", "USER_PERMISSION_DENIED", _DENIED)


def not_enabled() -> Refusal:
    text = "The customer account can't be accessed because it is not yet enabled or has been deactivated."
    return failure(grpc.StatusCode.PERMISSION_DENIED, "authorization_error", "CUSTOMER_NOT_ENABLED", text)


def not_emulated(what: str) -> Refusal:
    """For what Google has and the emulator does not: told apart from any answer of Google's."""
    return Refusal(grpc.StatusCode.UNIMPLEMENTED, f"The emulator has no {what}; see docs/emulator.md.")


def unauthenticated(token: str) -> Refusal:
    code = "OAUTH_TOKEN_INVALID" if token else "AUTHENTICATION_ERROR"
    return failure(grpc.StatusCode.UNAUTHENTICATED, "authentication_error", code, _CREDENTIALS)


def no_ads_user() -> Refusal:
    """A Google account without any Ads account; Google counts that as a failed authentication."""
    text = "The Google account that generated the access token is not associated with any Google Ads accounts."
    return failure(grpc.StatusCode.UNAUTHENTICATED, "authentication_error", "NOT_ADS_USER", text)


def _out_of_scope() -> Refusal:
    """Refused before the API sees the call, so with Google's common details and no GoogleAdsFailure."""
    info = any_pb2.Any()
    info.Pack(
        error_details_pb2.ErrorInfo(
            reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            domain="googleapis.com",
            metadata={"service": "googleads.googleapis.com"},
        )
    )
    denied, text = grpc.StatusCode.PERMISSION_DENIED, "Request had insufficient authentication scopes."
    body = status_pb2.Status(code=denied.value[0], message=text, details=[info])
    return Refusal(denied, text, (("grpc-status-details-bin", body.SerializeToString()),))


def _exhausted(code: str, message: str) -> Refusal:
    details = types.ErrorDetails(
        quota_error_details=types.QuotaErrorDetails(
            rate_name="Requests per service", retry_delay=duration_pb2.Duration(seconds=_RETRY_S)
        )
    )
    return failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "quota_error", code, message, details)


def fault(code: str) -> Refusal:
    """The refusal a switched-on fault answers with; codes are in tools/emulator/faults.py."""
    status = grpc.StatusCode
    made: dict[str, Callable[[], Refusal]] = {
        "unavailable": lambda: Refusal(status.UNAVAILABLE, "The service is currently unavailable."),
        "internal": lambda: failure(
            status.INTERNAL, "internal_error", "INTERNAL_ERROR", "An internal error has occurred."
        ),
        "deadline": lambda: Refusal(status.DEADLINE_EXCEEDED, "Deadline expired before operation could complete."),
        "quota": lambda: _exhausted("RESOURCE_EXHAUSTED", "Too many requests. Retry in 43200 seconds."),
        "quota_short": lambda: _exhausted(
            "RESOURCE_TEMPORARILY_EXHAUSTED", f"Too many requests. Retry in {_RETRY_S} seconds."
        ),
        "permission": denied,
        "scope": _out_of_scope,
        "expired_token": lambda: failure(
            status.UNAUTHENTICATED, "authentication_error", "OAUTH_TOKEN_EXPIRED", "OAuth token is expired."
        ),
        "invalid_token": lambda: unauthenticated("?"),
    }
    return made[code]()
