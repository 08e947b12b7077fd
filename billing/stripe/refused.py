"""What Stripe refuses, and how a call to it fails, as the product's own errors.

NoSuchObject   404  stripe_missing      nothing by that id at Stripe
PaymentFailed  409  payment_failed      the card was declined, or its bank wants to be asked
Misconfigured  503  stripe_key          the key is not accepted
Refused        502  stripe_refused      a request that Stripe does not take
Upstream       5xx  stripe_<class>      busy, unreachable, failing
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from camarad.errors import Conflict, Misconfigured, NotFound, Upstream
from camarad.log import get_logger

BUSY_SECONDS = 5.0  # after which trying again may help

log = get_logger(__name__)


class NoSuchObject(NotFound):
    code = "stripe_missing"


class PaymentFailed(Conflict):
    code = "payment_failed"
    default_hint = "Open the payment portal, change the payment method and try again. Nothing was changed."


class Refused(Upstream):
    """A request that Stripe does not take; `reason` is Stripe's own code for why."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message, code="stripe_refused")
        self.reason = reason


@contextmanager
def translated() -> Iterator[None]:
    """Round calls of the library, which is imported by then."""
    import aiohttp
    import stripe

    try:
        yield
    except stripe.StripeError as error:
        log.warning("stripe_refused", kind=type(error).__name__, status=error.http_status, reason=str(error.code))
        raise _ours(stripe, error) from error
    except (
        TimeoutError,
        OSError,
        aiohttp.ClientError,
    ) as error:  # while the body was read, which the library leaves as it is
        raise _unreachable() from error


def _ours(stripe: Any, error: Any) -> Exception:
    if isinstance(error, stripe.CardError):
        return PaymentFailed(error.user_message or "The payment did not go through.")
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return Misconfigured(
            "Stripe does not accept the key of this server.",
            code="stripe_key",
            hint="An operator has to set STRIPE_SECRET_KEY to a key that may do this; see docs/payments.md.",
        )
    if isinstance(error, stripe.RateLimitError):
        return Upstream("Stripe is busy.", code="stripe_busy", status=503, retry_after=BUSY_SECONDS)
    if isinstance(error, stripe.APIConnectionError):
        return _unreachable()
    if isinstance(error, stripe.InvalidRequestError):
        return _invalid(error)
    return Upstream("Stripe could not do this just now.", code="stripe_failed", retry_after=BUSY_SECONDS)


def _unreachable() -> Upstream:
    return Upstream("Stripe does not answer.", code="stripe_unreachable", status=504, retry_after=BUSY_SECONDS)


def _invalid(error: Any) -> Exception:
    if error.code == "resource_missing":
        return NoSuchObject("Stripe has nothing by that id.")
    if error.http_status == 409:  # another call with the same key, or on the same object, is under way
        return Upstream("Stripe is still busy with the call before.", code="stripe_busy", status=503, retry_after=1.0)
    return Refused(f"Stripe refused the request: {error.user_message or error.code or 'no reason'}", str(error.code))
