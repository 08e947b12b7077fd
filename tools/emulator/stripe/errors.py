"""Errors in Stripe's shapes: https://docs.stripe.com/api/errors. What failed leaves nothing, save a payment."""

from __future__ import annotations

from tools.emulator.stripe.types import Obj


class StripeError(Exception):
    """Answered as `{"error": …}`. `keep`: what was written before it stays, as with a payment that was tried."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keep: bool = False,
        **more: str | None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keep = keep
        found = {"type": kind, "code": code, "message": message, "param": param, **more}
        self.error = {name: value for name, value in found.items() if value is not None}

    def body(self, request_id: str) -> Obj:
        return {"error": {**self.error, "request_log_url": f"/_emulator/calls#{request_id}"}}


def missing(what: str, object_id: str, param: str = "id") -> StripeError:
    return StripeError(f"No such {what}: '{object_id}'", status=404, code="resource_missing", param=param)


def unknown_reference(what: str, object_id: str, param: str) -> StripeError:
    """An id in the parameters that is nobody's: 400, where one in the path is 404."""
    return StripeError(f"No such {what}: '{object_id}'", code="resource_missing", param=param)


def required(param: str) -> StripeError:
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def card_error(message: str, code: str, decline_code: str | None = None, **more: str) -> StripeError:
    return StripeError(message, status=402, kind="card_error", code=code, decline_code=decline_code, keep=True, **more)
