"""A fixture file over the wire: every total of the last 30 days comes back as it was written."""

from __future__ import annotations

import pytest
from google.analytics.data_v1beta import types as beta
from google.api_core import exceptions

from tests.unit.tools.emulator.conftest import FIXTURES, ads, analytics, reporter, searcher, values

SHOP = FIXTURES["clients"][0]
LAST_30 = [beta.DateRange(start_date="30daysAgo", end_date="yesterday")]


@pytest.fixture(scope="module")
def shop_report(fixture_emulator):
    client = analytics(fixture_emulator.address)
    yield reporter(client, "990001")
    client.transport.close()


@pytest.fixture(scope="module")
def shop_search(fixture_emulator):
    client = ads(fixture_emulator.address)
    yield searcher(client, None)
    client.transport.close()


def test_sessions_purchases_and_revenue_are_exact(shop_report):
    row = shop_report((), ("sessions", "ecommercePurchases", "totalRevenue", "keyEvents"), date_ranges=LAST_30).rows[0]
    assert [v.value for v in row.metric_values] == ["1237", "31", "9876.54", "31"]


def test_channels_are_exact_and_the_rest_is_unassigned(shop_report):
    rows = values(shop_report(["sessionDefaultChannelGroup"], date_ranges=LAST_30).rows)
    assert {name: int(v[0]) for (name,), v in rows.items()} == {
        **SHOP["ga4"]["channels"],
        "Unassigned": 1237 - 611 - 402 - 97,
    }


def test_landing_pages_and_their_engagement_are_exact(shop_report):
    rows = values(shop_report(["landingPage"], ("sessions", "engagementRate"), date_ranges=LAST_30).rows)
    for page in SHOP["ga4"]["landing_pages"]:
        sessions, rate = rows[(page["path"],)]
        assert int(sessions) == page["sessions"]
        assert float(rate) == pytest.approx(page["engagement_rate"], abs=1e-8)


def test_days_add_up_to_the_totals_and_earlier_ones_are_empty(shop_report):
    rows = values(shop_report(["date"], ("sessions", "totalRevenue"), date_ranges=LAST_30).rows)
    assert len(rows) == 30
    assert sum(int(v[0]) for v in rows.values()) == 1237
    assert sum(round(float(v[1]) * 100) for v in rows.values()) == 987654
    before = [beta.DateRange(start_date="60daysAgo", end_date="31daysAgo")]
    assert not shop_report(date_ranges=before).rows


def test_campaigns_are_exact_to_the_micro(shop_search):
    query = (
        "SELECT campaign.name, metrics.cost_micros, metrics.clicks, metrics.impressions, metrics.conversions, "
        "metrics.conversions_value FROM campaign WHERE segments.date DURING LAST_30_DAYS"
    )
    rows = {row.campaign.name: row.metrics for row in shop_search(query, "7770001111")}
    for campaign in SHOP["google_ads"]["campaigns"]:
        found = rows[campaign["name"]]
        assert found.cost_micros == round(campaign["cost"] * 1_000_000)
        assert (found.clicks, found.impressions) == (campaign["clicks"], campaign["impressions"])
        assert found.conversions == campaign["conversions"]
        assert found.conversions_value == campaign.get("conversion_value", 0)


def test_search_terms_are_exact_and_cover_only_their_part(shop_search):
    query = (
        "SELECT search_term_view.search_term, metrics.cost_micros, metrics.clicks, metrics.conversions "
        "FROM search_term_view WHERE segments.date DURING LAST_30_DAYS"
    )
    rows = {row.search_term_view.search_term: row.metrics for row in shop_search(query, "7770001111")}
    for term in SHOP["google_ads"]["campaigns"][0]["search_terms"]:
        found = rows.pop(term["term"])
        assert found.cost_micros == round(term["cost"] * 1_000_000)
        assert (found.clicks, found.conversions) == (term["clicks"], term["conversions"])
    assert not rows


def test_an_account_answers_under_its_id_as_it_was_written(shop_search):
    (row,) = shop_search("SELECT customer.currency_code FROM customer", "777-000-1111")
    assert row.customer.currency_code == "RON"


def test_an_account_without_campaigns_is_empty_and_not_an_error(shop_search):
    assert shop_search("SELECT campaign.id FROM campaign", "8880002222") == []


def test_the_demo_clients_are_there_too(fixture_emulator, shop_report):
    assert shop_report(property_id="410000001").rows


def test_a_client_without_a_property_has_none(shop_report):
    with pytest.raises(exceptions.PermissionDenied):
        shop_report(property_id="fix-ads-only")
