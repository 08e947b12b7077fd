"""Google Ads search over the wire, compared with totals added up row by row."""

from __future__ import annotations

import pytest
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.api_core import exceptions

from tests.support.emulator import last_days
from tools.emulator.agency import MANAGER_ID

LAST_30 = "segments.date DURING LAST_30_DAYS"


def failure_of(error) -> GoogleAdsFailure:
    trailing = dict(error.errors[0].trailing_metadata())
    return GoogleAdsFailure.deserialize(trailing["google.ads.googleads.v26.errors.googleadsfailure-bin"])


@pytest.mark.parametrize(
    ("client_id", "customer_id", "login"),
    [
        ("demo-lampadar", "4100000011", MANAGER_ID),
        ("demo-zambet", "4100000022", MANAGER_ID),
        ("demo-northpeak", "4100000044", MANAGER_ID),
        ("demo-plutaru", "4100000055", None),
    ],
)
def test_account_totals_are_what_was_stored(search, truth, client_id, customer_id, login):
    query = (
        "SELECT metrics.impressions, metrics.clicks, metrics.cost_micros, metrics.conversions, "
        f"metrics.conversions_value FROM customer WHERE {LAST_30}"
    )
    (row,) = search(query, customer_id, login=login)
    want = truth.google_ads(client_id, *last_days(30))
    found = row.metrics
    assert (found.impressions, found.clicks) == (want.impressions, want.clicks)
    assert found.cost_micros == round(want.cost * 1e6)
    assert found.conversions == pytest.approx(want.conversions)
    assert found.conversions_value == pytest.approx(want.value)


def test_campaign_rows_are_what_was_stored(search, truth):
    query = f"SELECT campaign.name, metrics.clicks, metrics.ctr, metrics.average_cpc FROM campaign WHERE {LAST_30}"
    rows = {row.campaign.name: row.metrics for row in search(query)}
    assert sorted(rows) == truth.campaigns("demo-lampadar")
    for name, metrics in rows.items():
        want = truth.google_ads("demo-lampadar", *last_days(30), campaign=name)
        assert metrics.clicks == want.clicks
        assert metrics.ctr == pytest.approx(want.clicks / want.impressions)
        assert metrics.average_cpc == pytest.approx(want.cost * 1e6 / want.clicks)


def test_search_terms_that_only_cost_are_what_was_planted(search, truth):
    query = f"SELECT search_term_view.search_term, metrics.cost_micros FROM search_term_view WHERE {LAST_30} "
    rows = search(query + "AND metrics.conversions = 0 AND metrics.cost_micros > 0")
    found = {row.search_term_view.search_term: row.metrics.cost_micros / 1e6 for row in rows}
    assert found == pytest.approx(truth.wasted_terms("demo-lampadar", *last_days(30)))
    assert "reparatii lustre led" in found


def test_devices_and_days_split_without_loss(search, truth):
    query = f"SELECT segments.date, segments.device, metrics.clicks FROM customer WHERE {LAST_30}"
    rows = search(query)
    assert len({row.segments.date for row in rows}) == 30
    mobile = sum(row.metrics.clicks for row in rows if row.segments.device.name == "MOBILE")
    assert mobile == truth.google_ads("demo-lampadar", *last_days(30), device="MOBILE").clicks


def test_keywords_have_their_quality_and_order(search):
    rows = search(
        "SELECT ad_group_criterion.keyword.text, ad_group_criterion.quality_info.quality_score, metrics.cost_micros "
        f"FROM keyword_view WHERE {LAST_30} ORDER BY metrics.cost_micros DESC LIMIT 3"
    )
    costs = [row.metrics.cost_micros for row in rows]
    assert costs == sorted(costs, reverse=True)
    assert len(rows) == 3
    assert all(1 <= row.ad_group_criterion.quality_info.quality_score <= 10 for row in rows)


def test_an_entity_without_impressions_is_there_with_zeros(search):
    query = "SELECT campaign.name, metrics.clicks FROM campaign WHERE segments.date DURING YESTERDAY"
    rows = {row.campaign.name: row.metrics.clicks for row in search(query, "4100000022")}
    assert rows["Albire – Display"] == 0
    split = search(query.replace("metrics.clicks", "segments.date, metrics.clicks"), "4100000022")
    assert "Albire – Display" not in {row.campaign.name for row in split}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("campaign.name = 'Generic – Lustre'", {"Generic – Lustre"}),
        ("campaign.name LIKE 'GENERIC%'", {"Generic – Lustre", "Generic – Becuri LED"}),
        ("campaign.name NOT LIKE '%–%'", set()),
        ("campaign.name REGEXP_MATCH '.*Search.*'", {"Brand – Search RO", "Competitori – Search"}),
        ("campaign.name IN ('PMax – Toate produsele', 'none')", {"PMax – Toate produsele"}),
        ("campaign.advertising_channel_type != 'SEARCH'", {"PMax – Toate produsele"}),
        ("campaign.advertising_channel_type IN (PERFORMANCE_MAX)", {"PMax – Toate produsele"}),
        ("campaign.status = PAUSED", set()),
        ("campaign_budget.amount_micros >= 30000000", {"Generic – Lustre"}),
        ("campaign.name IS NULL", set()),
    ],
)
def test_conditions_keep_what_they_say(search, condition, expected):
    rows = search(f"SELECT campaign.name FROM campaign WHERE {condition}")
    assert {row.campaign.name for row in rows} == expected


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("SELECT campaign.bogus FROM campaign", "UNRECOGNIZED_FIELD", "Unrecognized field in the query"),
        ("SELECT campaign.id FROM bogus", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", "invalid resource type"),
        ("SELECT FROM campaign", "UNEXPECTED_INPUT", "unexpected input FROM"),
        ("FROM campaign", "EXPECTED_SELECT", "unexpected input FROM"),
        ("SELECT campaign.id", "UNEXPECTED_END_OF_QUERY", "unexpected end"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id = 1 OR campaign.id = 2", "UNEXPECTED_INPUT", "input OR"),
        ("SELECT campaign.id FROM campaign WHERE campaign.name = 'x", "STRING_NOT_TERMINATED", "not terminated"),
        ("SELECT campaign.id FROM campaign LIMIT 0", "LIMIT_VALUE_TOO_LOW", "greater than 0"),
        ("SELECT ad_group.id FROM campaign", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE", "ad_group"),
        (
            "SELECT campaign.id FROM campaign WHERE segments.device = 'MOBILE'",
            "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
            "segments.device",
        ),
        ("SELECT segments.date FROM campaign", "EXPECTED_FILTERS_ON_DATE_RANGE", "segments.date"),
        ("SELECT campaign.id FROM campaign WHERE campaign.status = 'ON'", "BAD_ENUM_CONSTANT", "'ON'"),
        (
            "SELECT campaign.id FROM campaign WHERE segments.date DURING LAST_5_DAYS",
            "INVALID_VALUE_WITH_DURING_OPERATOR",
            "LAST_5_DAYS",
        ),
        ("SELECT campaign.id FROM campaign WHERE segments.date > '1/2/26'", "INVALID_DATE_FORMAT", "1/2/26"),
        ("SELECT campaign.id FROM campaign WHERE campaign.name REGEXP_MATCH '('", "BAD_VALUE", "missing"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id LIKE 'a'", "OPERATOR_FIELD_MISMATCH", "LIKE"),
    ],
)
def test_a_bad_query_gets_googles_error(search, query, code, message):
    with pytest.raises(exceptions.InvalidArgument, match=message) as refused:
        search(query)
    assert failure_of(refused.value).errors[0].error_code.query_error.name == code


def test_what_is_not_emulated_is_told_apart(search):
    with pytest.raises(exceptions.MethodNotImplemented, match="emulator has no resource recommendation"):
        search("SELECT recommendation.type FROM recommendation")
    with pytest.raises(exceptions.MethodNotImplemented, match=r"segments\.hour"):
        search(f"SELECT segments.hour FROM campaign WHERE {LAST_30}")


def test_a_client_account_needs_its_manager(search):
    with pytest.raises(exceptions.PermissionDenied) as refused:
        search("SELECT customer.id FROM customer", login=None)
    error = failure_of(refused.value).errors[0]
    assert error.error_code.authorization_error.name == "USER_PERMISSION_DENIED"


def test_the_manager_lists_its_clients_and_has_no_metrics(search):
    rows = search("SELECT customer_client.id, customer_client.level FROM customer_client", MANAGER_ID)
    levels = {str(row.customer_client.id): row.customer_client.level for row in rows}
    assert levels == {MANAGER_ID: 0, "4100000011": 1, "4100000022": 1, "4100000044": 1}
    with pytest.raises(exceptions.InvalidArgument, match="manager account"):
        search(f"SELECT metrics.clicks FROM customer WHERE {LAST_30}", MANAGER_ID)


def test_changes_show_the_money_before_and_after(search):
    (first, *_) = search(
        "SELECT change_event.change_date_time, change_event.changed_fields, change_event.change_resource_type, "
        "change_event.old_resource, change_event.new_resource FROM change_event "
        "WHERE change_event.change_date_time DURING LAST_30_DAYS "
        "ORDER BY change_event.change_date_time LIMIT 10"
    )
    change = first.change_event
    assert list(change.changed_fields.paths) == ["amount_micros"]
    old, new = change.old_resource.campaign_budget, change.new_resource.campaign_budget
    assert 0 < old.amount_micros < new.amount_micros
    with pytest.raises(exceptions.InvalidArgument, match="finite date range"):
        search("SELECT change_event.change_date_time FROM change_event LIMIT 10")


def test_a_campaigns_pause_is_in_the_history_with_who_did_it(search):
    rows = search(
        "SELECT change_event.change_date_time, change_event.user_email, change_event.changed_fields, campaign.name, "
        "change_event.change_resource_type, change_event.old_resource, change_event.new_resource FROM change_event "
        "WHERE change_event.change_resource_type = 'CAMPAIGN' "
        "AND change_event.change_date_time BETWEEN '2026-11-01' AND '2026-11-20' LIMIT 10"
    )
    states = [
        (row.change_event.old_resource.campaign.status.name, row.change_event.new_resource.campaign.status.name)
        for row in rows
    ]
    assert states == [("ENABLED", "PAUSED"), ("PAUSED", "ENABLED")]
    assert {row.change_event.user_email for row in rows} == {"agency@camarad.example"}


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (">= '2026-11-01'", "finite date range"),
        ("BETWEEN '2026-10-20' AND '2026-11-01'", "too old"),
    ],
)
def test_the_history_wants_the_last_thirty_days(search, where, said):
    query = f"SELECT campaign.name FROM change_event WHERE change_event.change_date_time {where} LIMIT 10"
    with pytest.raises(exceptions.InvalidArgument, match=said):
        search(query)


def test_every_field_of_the_table_can_be_selected(search):
    from tools.emulator.ads.fields import ATTRIBUTES, METRICS, RESOURCES, SEGMENTS

    for resource in RESOURCES.values():
        owners = (resource.name, *resource.related)
        fields = [name for name in ATTRIBUTES if name.partition(".")[0] in owners]
        where, limit = "", " LIMIT 5"
        if resource.join:
            fields += [*METRICS, *SEGMENTS]
            where = f" WHERE {LAST_30}"
        if resource.name == "change_event":
            where = " WHERE change_event.change_date_time DURING LAST_30_DAYS"
        assert search(f"SELECT {', '.join(fields)} FROM {resource.name}{where}{limit}"), resource.name


def test_clicks_arrive_as_sessions(search, report, truth):
    query = "SELECT campaign.name, metrics.clicks FROM campaign WHERE segments.date DURING LAST_30_DAYS"
    clicks = {row.campaign.name: row.metrics.clicks for row in search(query)}
    from google.analytics.data_v1beta import types as beta

    ranges = [beta.DateRange(start_date="30daysAgo", end_date="yesterday")]
    rows = report(["sessionCampaignName"], date_ranges=ranges).rows
    sessions = {row.dimension_values[0].value: int(row.metric_values[0].value) for row in rows}
    for name, count in clicks.items():
        assert 0.7 * count < sessions[name] < 1.05 * count
