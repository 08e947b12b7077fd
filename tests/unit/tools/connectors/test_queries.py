from datetime import date

import pytest

from camarad.errors import BadInput
from tools.connectors.ga4_requests import report_request, row_limit
from tools.connectors.gaql import gaql
from tools.connectors.queries import AdsQuery, Filter, Ga4Query, parse_filter
from tools.ranges import parse_window
from tools.result import Period

WINDOW = parse_window("7days", "previous", date(2026, 11, 20))
ALONE = parse_window("7days", "none", date(2026, 11, 20))


@pytest.mark.parametrize(
    ("text", "field", "operator", "value"),
    [
        ("country==Romania", "country", "==", "Romania"),
        ("pagePath =@ /blog", "pagePath", "=@", "/blog"),
        ("sessionSourceMedium=='google / cpc'", "sessionSourceMedium", "==", "google / cpc"),
        ("sessions>=100", "sessions", ">=", "100"),
        ("customEvent:plan!=free", "customEvent:plan", "!=", "free"),
        ("pagePath=~^/(a|b)=", "pagePath", "=~", "^/(a|b)="),
    ],
)
def test_a_filter_is_read(text: str, field: str, operator: str, value: str) -> None:
    assert parse_filter(text) == Filter(field, operator, value)


@pytest.mark.parametrize("text", ["country", "country==", "==Romania", "sessions>many", "country = Romania"])
def test_a_bad_filter_tells_how_filters_are_written(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_filter(text)
    assert "=@ contains" in caught.value.hint


def test_filters_on_metrics_and_dimensions_go_to_their_own_places() -> None:
    filters = (Filter("country", "!=", "Romania"), Filter("browser", "=@", "Chrome"), Filter("sessions", ">", "10"))
    request = report_request(Ga4Query(("country",), ("sessions",), filters), "properties/1", ALONE, quota=False)
    first, second = request.dimension_filter.and_group.expressions
    assert first.not_expression.filter.string_filter.value == "Romania"
    assert second.filter.string_filter.match_type.name == "CONTAINS"
    assert request.metric_filter.filter.numeric_filter.value.int64_value == 10


def test_a_comparison_is_one_request_with_two_named_ranges() -> None:
    request = report_request(Ga4Query(("country",), ("sessions",)), "properties/1", WINDOW, quota=True)
    assert [(r.name, r.start_date, r.end_date) for r in request.date_ranges] == [
        ("cur", "2026-11-13", "2026-11-19"),
        ("prev", "2026-11-06", "2026-11-12"),
    ]


def test_a_comparison_asks_for_more_rows_than_it_shows() -> None:
    query = Ga4Query(("country",), ("sessions",), limit=100)
    assert row_limit(query, ALONE) == 100
    assert row_limit(query, WINDOW) == 400


def test_gaql_names_fields_conditions_and_the_period() -> None:
    query = AdsQuery("campaign", ("campaign.name",), ("cost",), ("campaign.id IN (1, 2)",))
    period = Period(start=date(2026, 11, 1), end=date(2026, 11, 2))
    assert gaql(query, period) == (
        "SELECT campaign.name, metrics.cost_micros FROM campaign WHERE campaign.id IN (1, 2) "
        "AND segments.date BETWEEN '2026-11-01' AND '2026-11-02' ORDER BY metrics.cost_micros DESC LIMIT 10000"
    )
