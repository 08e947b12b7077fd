"""Reports over the wire, compared with totals counted row by row."""

from __future__ import annotations

from datetime import date

import pytest
from google.analytics.data_v1beta import types as beta
from google.api_core import exceptions

from tests.support.emulator import AUTHORIZATION, TODAY, last_days
from tests.unit.tools.emulator.conftest import values

LAST_28 = last_days(28)


def text_filter(name, value, match="EXACT", **more):
    string = beta.Filter.StringFilter(value=value, match_type=match, **more)
    return beta.FilterExpression(filter=beta.Filter(field_name=name, string_filter=string))


def number_filter(name, operation, value):
    numeric = beta.Filter.NumericFilter(operation=operation, value=beta.NumericValue(int64_value=value))
    return beta.FilterExpression(filter=beta.Filter(field_name=name, numeric_filter=numeric))


@pytest.mark.parametrize(
    ("client_id", "property_id"),
    [("demo-lampadar", "410000001"), ("demo-zambet", "410000002"), ("demo-gazeta", "410000003")],
)
def test_the_overview_is_what_was_stored(report, truth, client_id, property_id):
    names = ("sessions", "engagedSessions", "activeUsers", "newUsers", "screenPageViews")
    names += ("eventCount", "keyEvents", "ecommercePurchases", "totalRevenue", "engagementRate")
    row = values(report((), names, property_id).rows)[()]
    want = truth.ga4(client_id, *LAST_28)
    assert [int(v) for v in row[:8]] == [
        want.sessions,
        want.engaged_sessions,
        want.active_users,
        want.new_users,
        want.views,
        want.events,
        want.key_events,
        want.purchases,
    ]
    assert float(row[8]) == pytest.approx(want.revenue, abs=1e-9)
    assert float(row[9]) == pytest.approx(want.engagement_rate, abs=1e-12)


def test_channels_add_up_to_the_sessions(report, truth):
    rows = values(report(["sessionDefaultChannelGroup"]).rows)
    assert {name: int(row[0]) for (name,), row in rows.items()} == truth.channels("demo-lampadar", *LAST_28)


def test_two_ranges_come_with_their_names(report, truth):
    ranges = [
        beta.DateRange(start_date="7daysAgo", end_date="yesterday", name="cur"),
        beta.DateRange(start_date="2025-11-14", end_date="2025-11-20", name="prev"),
    ]
    answer = report(["deviceCategory"], date_ranges=ranges, metric_aggregations=["TOTAL"])
    assert [h.name for h in answer.dimension_headers] == ["deviceCategory", "dateRange"]
    totals = values(answer.totals)
    assert int(totals[("RESERVED_TOTAL", "cur")][0]) == truth.ga4("demo-lampadar", *last_days(7)).sessions
    year_ago = truth.ga4("demo-lampadar", date(2025, 11, 14), date(2025, 11, 20))
    assert int(totals[("RESERVED_TOTAL", "prev")][0]) == year_ago.sessions > 0


def test_users_are_counted_once_in_the_total(report, truth):
    answer = report(["date"], ["activeUsers"], metric_aggregations=["TOTAL", "MAXIMUM"])
    days = [int(row.metric_values[0].value) for row in answer.rows]
    total = int(answer.totals[0].metric_values[0].value)
    assert total == truth.ga4("demo-lampadar", *LAST_28).active_users < sum(days)
    assert int(answer.maximums[0].metric_values[0].value) == max(days)


@pytest.mark.parametrize(
    ("value", "match", "expected"),
    [
        ("/lustre", "EXACT", lambda p: p == "/lustre"),
        ("/LUSTRE/", "BEGINS_WITH", lambda p: p.startswith("/lustre/")),
        ("led", "ENDS_WITH", lambda p: p.endswith("led")),
        ("lust", "CONTAINS", lambda p: "lust" in p),
        ("/(veioze|contact)", "FULL_REGEXP", lambda p: p in ("/veioze", "/contact")),
        ("^/blog", "PARTIAL_REGEXP", lambda p: p.startswith("/blog")),
    ],
)
def test_string_filters_keep_what_they_say(report, value, match, expected):
    every = {key[0] for key in values(report(["pagePath"], ["screenPageViews"]).rows)}
    kept = values(
        report(["pagePath"], ["screenPageViews"], dimension_filter=text_filter("pagePath", value, match)).rows
    )
    assert {key[0] for key in kept} == {path for path in every if expected(path)} != set()


def test_a_case_sensitive_filter_keeps_case(report):
    wanted = text_filter("pagePath", "/LUSTRE", case_sensitive=True)
    assert report(["pagePath"], dimension_filter=wanted).row_count == 0


def test_groups_of_filters_combine(report):
    mobile = text_filter("deviceCategory", "mobile")
    organic = text_filter("sessionDefaultChannelGroup", "Organic Search")

    def count(expression):
        return int(report((), dimension_filter=expression).rows[0].metric_values[0].value)

    everything = int(report().rows[0].metric_values[0].value)
    both = count(beta.FilterExpression(and_group=beta.FilterExpressionList(expressions=[mobile, organic])))
    either = count(beta.FilterExpression(or_group=beta.FilterExpressionList(expressions=[mobile, organic])))
    assert count(mobile) + count(organic) == both + either
    assert count(beta.FilterExpression(not_expression=mobile)) == everything - count(mobile)


def test_in_list_and_between_filters(report):
    listed = beta.Filter(field_name="deviceCategory", in_list_filter={"values": ["Mobile", "tablet"]})
    rows = report(["deviceCategory"], dimension_filter=beta.FilterExpression(filter=listed)).rows
    assert {row.dimension_values[0].value for row in rows} == {"mobile", "tablet"}
    between = beta.Filter(
        field_name="sessions", between_filter={"from_value": {"int64_value": 400}, "to_value": {"int64_value": 500}}
    )
    answer = report(["date"], metric_filter=beta.FilterExpression(filter=between))
    assert answer.rows
    assert all(400 <= int(row.metric_values[0].value) <= 500 for row in answer.rows)


def test_a_metric_filter_also_narrows_the_total(report):
    answer = report(
        ["landingPage"],
        metric_filter=number_filter("sessions", "GREATER_THAN", 1000),
        metric_aggregations=["TOTAL"],
    )
    assert sum(int(r.metric_values[0].value) for r in answer.rows) == int(answer.totals[0].metric_values[0].value)


def test_money_is_filtered_in_units(report):
    answer = report(["date"], ["totalRevenue"], metric_filter=number_filter("totalRevenue", "GREATER_THAN", 900))
    assert answer.rows
    assert all(float(row.metric_values[0].value) > 900 for row in answer.rows)


def test_pages_of_rows_follow_each_other(report):
    order = [beta.OrderBy(dimension={"dimension_name": "date"})]
    whole = [r.dimension_values[0].value for r in report(["date"], order_bys=order).rows]
    part = report(["date"], order_bys=order, limit=5, offset=3)
    assert [r.dimension_values[0].value for r in part.rows] == whole[3:8]
    assert part.row_count == len(whole) == 28


def test_orders_apply_in_turn(report):
    order = [
        beta.OrderBy(dimension={"dimension_name": "deviceCategory"}),
        beta.OrderBy(metric={"metric_name": "sessions"}, desc=True),
    ]
    rows = report(["deviceCategory", "country"], order_bys=order).rows
    keys = [(r.dimension_values[0].value, -int(r.metric_values[0].value)) for r in rows]
    assert keys == sorted(keys)


def test_no_rows_for_days_without_data_unless_asked(report):
    future = [beta.DateRange(start_date="today", end_date="today")]
    assert not report(date_ranges=future).rows
    assert report(date_ranges=future, keep_empty_rows=True).rows[0].metric_values[0].value == "0"


def test_the_answer_names_time_zone_currency_and_thresholding(report):
    metadata = report(["userGender"], return_property_quota=True)
    assert metadata.metadata.time_zone == "Europe/Bucharest"
    assert metadata.metadata.currency_code == "EUR"
    assert metadata.metadata.subject_to_thresholding
    assert metadata.property_quota.tokens_per_hour.consumed > 0


def test_revenue_converts_to_the_currency_asked_for(report):
    own = float(report((), ["totalRevenue"]).rows[0].metric_values[0].value)
    lei = report((), ["totalRevenue"], currency_code="RON")
    assert lei.metadata.currency_code == "RON"
    assert float(lei.rows[0].metric_values[0].value) == pytest.approx(own * 5.09)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"dimensions": ["bogus"]}, "Field bogus is not a valid dimension"),
        ({"metrics": ["bogus"]}, "Field bogus is not a valid metric"),
        ({"metrics": ["sessions"], "date_ranges": []}, "A dateRange is required"),
        ({"date_ranges": [beta.DateRange(start_date="soon", end_date="today")]}, "Invalid date: 'soon'"),
        ({"date_ranges": [beta.DateRange(start_date="today", end_date="yesterday")]}, "must not be after"),
        ({"dimension_filter": text_filter("bogus", "x")}, "Field bogus is not a valid dimension"),
        ({"order_bys": [beta.OrderBy(metric={"metric_name": "eventCount"})]}, "must be among the metrics"),
        ({"dimensions": ["date"] * 10}, "limited to 9 dimensions"),
    ],
)
def test_a_bad_request_gets_googles_refusal(report, fields, message):
    with pytest.raises(exceptions.InvalidArgument, match=message):
        report(**fields)


def test_a_property_that_is_not_shared_is_refused(report):
    with pytest.raises(exceptions.PermissionDenied, match="sufficient permissions for this property"):
        report(property_id="123")


def test_another_token_is_refused_with_a_reason(ga4):
    request = beta.RunReportRequest(property="properties/410000001")
    with pytest.raises(exceptions.Unauthenticated) as refused:
        ga4.run_report(request, metadata=[("authorization", "Bearer stolen")])
    assert refused.value.reason == "ACCESS_TOKEN_TYPE_UNSUPPORTED"


def test_a_batch_answers_each_report(ga4):
    one = beta.RunReportRequest(
        metrics=[beta.Metric(name="sessions")],
        date_ranges=[beta.DateRange(start_date="7daysAgo", end_date="yesterday")],
    )
    batch = beta.BatchRunReportsRequest(property="properties/410000001", requests=[one] * 3)
    assert len(ga4.batch_run_reports(batch, metadata=AUTHORIZATION).reports) == 3
    batch.requests.extend([one] * 3)
    with pytest.raises(exceptions.InvalidArgument, match="limited to 5"):
        ga4.batch_run_reports(batch, metadata=AUTHORIZATION)


def test_metadata_and_compatibility_know_the_fields_of_reports(ga4):
    metadata = ga4.get_metadata(beta.GetMetadataRequest(name="properties/410000001/metadata"), metadata=AUTHORIZATION)
    assert {"date", "landingPage"} <= {d.api_name for d in metadata.dimensions}
    request = beta.CheckCompatibilityRequest(property="properties/410000001", metrics=[beta.Metric(name="sessions")])
    answer = ga4.check_compatibility(request, metadata=AUTHORIZATION)
    assert answer.metric_compatibilities[0].compatibility == beta.Compatibility.COMPATIBLE


def test_every_dimension_and_metric_can_be_computed(report):
    from tools.emulator.ga4.fields import DIMENSIONS
    from tools.emulator.ga4.metrics import METRICS

    week = [beta.DateRange(start_date="3daysAgo", end_date="yesterday")]
    names, metrics = list(DIMENSIONS), list(METRICS)
    for start in range(0, len(names), 9):
        assert report(names[start : start + 9], date_ranges=week, limit=1).rows
    for start in range(0, len(metrics), 10):
        assert report((), metrics[start : start + 10], date_ranges=week).rows


def test_realtime_covers_the_last_half_hour(ga4):
    request = beta.RunRealtimeReportRequest(
        property="properties/410000003", metrics=[beta.Metric(name="activeUsers"), beta.Metric(name="eventCount")]
    )
    ga4.run_realtime_report(request, metadata=AUTHORIZATION)
    request.metrics[0].name = "sessions"
    with pytest.raises(exceptions.InvalidArgument, match="not a valid metric"):
        ga4.run_realtime_report(request, metadata=AUTHORIZATION)


def test_the_planted_outage_shows_in_the_daily_sessions(report):
    rows = values(report(["date"]).rows)
    worst = min(rows, key=lambda day: int(rows[day][0]))
    usual = sorted(int(row[0]) for row in rows.values())[14]
    assert int(rows[worst][0]) < usual * 0.2
    assert date(2026, 11, 20) == TODAY
