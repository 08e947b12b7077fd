"""Refusals of the Analytics APIs, in Google's words, with google.rpc details in the trailing metadata.

Texts follow the published API documentation; they were not compared with live answers.
"""

from __future__ import annotations

from collections.abc import Callable

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from tools.emulator.rpc import Refusal

_SCHEMA = (
    "For a list of valid dimensions and metrics, see "
    "https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema"
)
_QUOTAS = "https://developers.google.com/analytics/devguides/reporting/data/v1/quotas"
_CREDENTIALS = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_PERMISSION = (
    "User does not have sufficient permissions for this property. To learn more about Property ID, see "
    "https://developers.google.com/analytics/devguides/reporting/data/v1/property-id."
)


def refusal(status: grpc.StatusCode, message: str, reason: str | None = None) -> Refusal:
    body = status_pb2.Status(code=status.value[0], message=message)
    if reason:
        info = any_pb2.Any()
        info.Pack(
            error_details_pb2.ErrorInfo(
                reason=reason, domain="googleapis.com", metadata={"service": "analyticsdata.googleapis.com"}
            )
        )
        body.details.append(info)
    return Refusal(status, message, (("grpc-status-details-bin", body.SerializeToString()),))


def invalid(message: str) -> Refusal:
    return refusal(grpc.StatusCode.INVALID_ARGUMENT, message)


def unknown_dimension(name: str) -> Refusal:
    return invalid(f"Field {name} is not a valid dimension. {_SCHEMA}.")


def unknown_metric(name: str) -> Refusal:
    return invalid(f"Field {name} is not a valid metric. {_SCHEMA}.")


def no_permission() -> Refusal:
    return refusal(grpc.StatusCode.PERMISSION_DENIED, _PERMISSION)


def unauthenticated(token: str) -> Refusal:
    reason = "ACCESS_TOKEN_TYPE_UNSUPPORTED" if token else "CREDENTIALS_MISSING"
    return refusal(grpc.StatusCode.UNAUTHENTICATED, _CREDENTIALS, reason)


def exhausted(bucket: str = "per hour", returns: str = "in under an hour") -> Refusal:
    text = f"Exhausted property tokens {bucket}. These quota tokens will return {returns}. To learn more, see {_QUOTAS}"
    return refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, text)


def fault(code: str) -> Refusal:
    """The refusal a switched-on fault answers with; codes are in tools/emulator/faults.py."""
    status = grpc.StatusCode
    made: dict[str, Callable[[], Refusal]] = {
        "unavailable": lambda: refusal(status.UNAVAILABLE, "The service is currently unavailable."),
        "internal": lambda: refusal(status.INTERNAL, "Internal error encountered."),
        "deadline": lambda: refusal(status.DEADLINE_EXCEEDED, "Deadline expired before operation could complete."),
        "quota": lambda: exhausted("per day", "in under a day"),
        "quota_short": lambda: refusal(
            status.RESOURCE_EXHAUSTED, f"Exhausted concurrent requests quota. To learn more, see {_QUOTAS}"
        ),
        "permission": no_permission,
        "scope": lambda: refusal(
            status.PERMISSION_DENIED,
            "Request had insufficient authentication scopes.",
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        ),
        "expired_token": lambda: refusal(status.UNAUTHENTICATED, _CREDENTIALS, "ACCESS_TOKEN_EXPIRED"),
        "invalid_token": lambda: unauthenticated("?"),
    }
    return made[code]()
