from __future__ import annotations

import time

import grpc
import pytest
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.api_core import exceptions

from tools.emulator.faults import CODES, Call, Fault, FaultBook

QUERY = "SELECT campaign.id FROM campaign"


def test_a_fault_is_due_as_often_as_it_says():
    book = FaultBook()
    book.add(Fault("Search", "unavailable", times=2))
    assert [bool(book.take(Call("Search", "1"))) for _ in range(3)] == [True, True, False]


def test_a_fault_is_due_only_for_its_method_and_target():
    book = FaultBook()
    book.add(Fault("Search", "unavailable", target="1"))
    assert book.take(Call("RunReport", "1")) is None
    assert book.take(Call("Search", "2")) is None
    assert book.take(Call("Search", "1")) is not None


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("unavailable", exceptions.ServiceUnavailable),
        ("internal", exceptions.InternalServerError),
        ("deadline", exceptions.DeadlineExceeded),
        ("quota", exceptions.ResourceExhausted),
        ("quota_short", exceptions.ResourceExhausted),
        ("permission", exceptions.PermissionDenied),
        ("scope", exceptions.PermissionDenied),
        ("expired_token", exceptions.Unauthenticated),
        ("invalid_token", exceptions.Unauthenticated),
    ],
)
def test_both_apis_fail_as_told_and_then_recover(report, search, emulator_faults, code, error):
    emulator_faults.add("RunReport", code)
    emulator_faults.add("Search", code)
    with pytest.raises(error):
        report()
    with pytest.raises(error):
        search(QUERY)
    assert report().rows
    assert search(QUERY)


def test_every_code_is_covered():
    assert set(CODES) == {
        "unavailable", "internal", "deadline", "quota", "quota_short", "permission", "scope",
        "expired_token", "invalid_token", "slow",
    }  # fmt: skip


def test_a_slow_call_waits_and_then_answers(report, emulator_faults):
    emulator_faults.add("RunReport", "slow", delay_s=0.3)
    began = time.monotonic()
    assert report().rows
    assert time.monotonic() - began >= 0.3


def test_a_quota_refusal_of_google_ads_says_when_to_retry(search, emulator_faults):
    emulator_faults.add("Search", "quota_short")
    with pytest.raises(exceptions.ResourceExhausted) as refused:
        search(QUERY)
    trailing = dict(refused.value.errors[0].trailing_metadata())
    failure = GoogleAdsFailure.deserialize(trailing["google.ads.googleads.v26.errors.googleadsfailure-bin"])
    assert failure.errors[0].error_code.quota_error.name == "RESOURCE_TEMPORARILY_EXHAUSTED"
    assert failure.errors[0].details.quota_error_details.retry_delay.total_seconds() == 30


def test_an_expired_token_carries_its_reason(report, emulator_faults):
    emulator_faults.add("RunReport", "expired_token")
    with pytest.raises(exceptions.Unauthenticated) as refused:
        report()
    assert refused.value.reason == "ACCESS_TOKEN_EXPIRED"


def test_calls_are_recorded_with_their_target(report, search, emulator_faults):
    report()
    search(QUERY)
    assert emulator_faults.calls() == [
        {"method": "RunReport", "target": "410000001", "login_customer_id": None},
        {"method": "Search", "target": "4100000011", "login_customer_id": "9000000001"},
    ]
    assert len(emulator_faults.calls("Search")) == 1


def test_an_unknown_fault_is_refused(emulator_faults):
    with pytest.raises(grpc.RpcError, match="No such control call or fault"):
        emulator_faults.add("Search", "meltdown")


def test_quota_runs_out_and_comes_back_with_clear(report, emulator_faults):
    many = ["date", "country", "city", "deviceCategory", "browser", "landingPage", "pagePath", "eventName", "hour"]
    from google.analytics.data_v1beta import types as beta

    wide = [beta.DateRange(start_date="5000daysAgo", end_date="4000daysAgo", name=f"r{i}") for i in range(4)]
    with pytest.raises(exceptions.ResourceExhausted, match="Exhausted property tokens"):
        for _ in range(120):
            report(many, date_ranges=wide)
    emulator_faults.clear()
    assert report().rows
