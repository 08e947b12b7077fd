"""Errors in the shape of OpenAI's API, with our hint and request id beside it.

Source: https://platform.openai.com/docs/guides/error-codes and the official clients, which choose the exception by the
status and obey `x-should-retry`.
"""

from __future__ import annotations

from typing import Any, Final

from camarad.errors import CamaradError, NotSignedIn

PREFIX: Final = "/v1/"
TYPES: Final = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
WORTH_ANOTHER_TRY: Final = frozenset({502, 503, 504})
LONGEST_WAIT: Final = 60.0  # seconds; clients wait no longer by themselves


def error_body(error: CamaradError, request_id: str) -> dict[str, Any]:
    return {
        "error": {
            "message": error.message,
            "type": _type(error),
            "param": getattr(error, "param", None),
            "code": "invalid_api_key" if isinstance(error, NotSignedIn) else error.code,
            "hint": error.hint,
            "request_id": request_id,
        }
    }


def _type(error: CamaradError) -> str:
    if error.code == "insufficient_ct":
        return "insufficient_quota"
    default = "server_error" if error.status >= 500 else "invalid_request_error"
    return TYPES.get(error.status, default)


def retry_header(error: CamaradError) -> dict[str, str]:
    """Clients try again by themselves; where that cannot help they are told not to."""
    soon = error.retry_after is not None and error.retry_after <= LONGEST_WAIT
    return {"x-should-retry": "true" if soon or error.status in WORTH_ANOTHER_TRY else "false"}
