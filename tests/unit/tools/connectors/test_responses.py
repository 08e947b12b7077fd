"""Reading GA4's responses, built here with Google's own message classes."""

from datetime import date
from typing import Any

import pytest
from google.analytics.data_v1beta import types as beta

from tools.connectors.ga4_responses import quota_warnings, read_quota, read_report, read_warnings
from tools.connectors.queries import Ga4Query
from tools.ranges import parse_window

TODAY = date(2026, 11, 20)
COMPARED = parse_window("2days", "previous", TODAY)
QUERY = Ga4Query(("country",), ("sessions", "engagementRate"), limit=10)


def made(rows: list[tuple[list[str], list[str]]], query: Ga4Query = QUERY, **more: Any) -> beta.RunReportResponse:
    return beta.RunReportResponse(
        dimension_headers=[beta.DimensionHeader(name=name) for name in (*query.dimensions, "dateRange")],
        metric_headers=[beta.MetricHeader(name=name) for name in query.metrics],
        rows=[line(*row) for row in rows],
        **({"row_count": len(rows)} | more),
    )


def line(dimensions: list[str], metrics: list[str]) -> beta.Row:
    return beta.Row(
        dimension_values=[beta.DimensionValue(value=value) for value in dimensions],
        metric_values=[beta.MetricValue(value=value) for value in metrics],
    )


def test_rows_of_both_ranges_are_paired() -> None:
    found = read_report(
        made([(["Romania", "cur"], ["5", "0.5"]), (["Romania", "prev"], ["4", "0.4"])]), QUERY, COMPARED
    )
    (row,) = found.rows
    assert (row.values["sessions"], row.previous) == (5.0, {"sessions": 4.0, "engagementRate": 0.4})


def test_a_row_missing_from_a_complete_past_was_zero_and_had_no_rate() -> None:
    (row,) = read_report(made([(["Romania", "cur"], ["5", "0.5"])]), QUERY, COMPARED).rows
    assert row.previous == {"sessions": 0.0}


def test_a_row_missing_from_an_incomplete_past_is_unknown() -> None:
    found = read_report(made([(["Romania", "cur"], ["5", "0.5"])], row_count=9000), QUERY, COMPARED)
    assert found.rows[0].previous is None
    assert found.row_count == 4500


def test_totals_are_taken_by_range() -> None:
    totals = [line(["RESERVED_TOTAL", "prev"], ["40", "0.4"]), line(["RESERVED_TOTAL", "cur"], ["50", "0.5"])]
    found = read_report(made([(["Romania", "cur"], ["5", "0.9"])], totals=totals), QUERY, COMPARED)
    assert found.totals == {"sessions": 50.0, "engagementRate": 0.5}
    assert found.previous_totals == {"sessions": 40.0, "engagementRate": 0.4}


def test_days_are_compared_by_their_place_in_the_period_and_none_is_missing() -> None:
    query = Ga4Query(("date",), ("sessions",))
    response = made([(["20261118", "cur"], ["5"]), (["20261117", "prev"], ["3"])], query)
    found = read_report(response, query, COMPARED)
    assert [(row.key[0], row.values["sessions"], row.previous) for row in found.rows] == [
        ("2026-11-18", 5.0, {"sessions": 0.0}),
        ("2026-11-19", 0.0, {"sessions": 3.0}),
    ]


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"sampling_metadatas": [{"samples_read_count": 10, "sampling_space_size": 100}]}, "Sampled: 10 of 100"),
        ({"data_loss_from_other_row": True}, "(other)"),
        ({"subject_to_thresholding": True}, "thresholding"),
        (
            {"schema_restriction_response": {"active_metric_restrictions": [{"metric_name": "totalRevenue"}]}},
            "may not see",
        ),
    ],
)
def test_what_google_says_about_quality_is_passed_on(metadata: dict[str, Any], said: str) -> None:
    response = beta.RunReportResponse(metadata=metadata)
    (warning,) = read_warnings([response, response])
    assert said in warning


def test_a_low_quota_is_a_warning_and_a_full_one_is_not() -> None:
    def left(tokens: int) -> beta.RunReportResponse:
        status = beta.QuotaStatus(consumed=5, remaining=tokens)
        return beta.RunReportResponse(property_quota={"tokens_per_day": status, "tokens_per_hour": status})

    assert quota_warnings(read_quota(left(100))) == ["Google Analytics quota is low: 100 tokens left this hour."]
    assert quota_warnings(read_quota(left(30_000))) == []
    assert read_quota(beta.RunReportResponse()) is None
