"""Google Ads hides its own error in the trailers of the gRPC one; these build such trailers with Google's own types."""

from types import SimpleNamespace
from typing import Any

import pytest
from google.ads.googleads.v26.errors.types import errors as ads
from google.api_core import exceptions as google

from tools.connectors.classify import classify
from tools.connectors.errors import no_account, not_connected

TRAILER = "google.ads.googleads.v26.errors.googleadsfailure-bin"


def ads_error(base: type[google.GoogleAPICallError], wait: int = 0, **code: Any) -> google.GoogleAPICallError:
    failure = ads.GoogleAdsFailure(errors=[ads.GoogleAdsError(message="Google says so.", error_code=code)])
    if wait:
        failure.errors[0].details.quota_error_details.retry_delay = f"{wait}s"
    value = ads.GoogleAdsFailure.serialize(failure)
    return base("outer", errors=[SimpleNamespace(trailing_metadata=lambda: ((TRAILER, value),))])


@pytest.mark.parametrize(
    ("base", "code", "expected", "repeat"),
    [
        (google.Unauthenticated, {"authentication_error": "OAUTH_TOKEN_EXPIRED"}, "google_ads_reconnect", False),
        (google.PermissionDenied, {"authorization_error": "USER_PERMISSION_DENIED"}, "google_ads_permission", False),
        (google.ResourceExhausted, {"quota_error": "RESOURCE_EXHAUSTED"}, "google_ads_quota", False),
        (google.ResourceExhausted, {"quota_error": "RESOURCE_TEMPORARILY_EXHAUSTED"}, "google_ads_quota", True),
        (google.InternalServerError, {"internal_error": "TRANSIENT_ERROR"}, "google_ads_unavailable", True),
        (google.InvalidArgument, {"query_error": "UNRECOGNIZED_FIELD"}, "google_ads_invalid", False),
    ],
)
def test_an_ads_failure_is_read_from_its_trailers(
    base: type[google.GoogleAPICallError], code: dict[str, str], expected: str, repeat: bool
) -> None:
    found = classify("google-ads", ads_error(base, **code))
    assert (found.code, found.repeat) == (expected, repeat)
    assert "Google says so." in found.message or found.kind in ("reconnect", "unavailable")


def test_the_wait_google_ads_asks_for_is_passed_on() -> None:
    error = ads_error(google.ResourceExhausted, wait=30, quota_error="RESOURCE_TEMPORARILY_EXHAUSTED")
    found = classify("google-ads", error)
    assert (found.wait, found.retry_after) == (30.0, 30.0)


def test_the_daily_quota_returns_in_a_day_and_the_hourly_in_an_hour() -> None:
    assert classify("ga4", google.ResourceExhausted("tokens per day")).retry_after == 86400
    assert classify("ga4", google.ResourceExhausted("tokens per hour")).retry_after == 3600


def test_a_missing_scope_asks_for_consent_again() -> None:
    denied = google.PermissionDenied("scopes", error_info=SimpleNamespace(reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT"))
    assert classify("ga4", denied).code == "ga4_missing_scope"


def test_what_is_unknown_is_unavailable_and_not_repeated() -> None:
    found = classify("ga4", RuntimeError("strange"))
    assert (found.code, found.repeat) == ("ga4_unavailable", False)


@pytest.mark.parametrize("make", [not_connected, no_account])
def test_a_missing_connection_names_the_page_where_it_is_made(make: Any) -> None:
    error = make("google-ads")
    assert error.code == "google_ads_not_connected"
    assert error.status == 409
    assert error.hint.endswith("/connectors.")
