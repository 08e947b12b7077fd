"""What a picker reads: properties, Ads accounts, and who is linked to whom; and the streaming search."""

from __future__ import annotations

import grpc
import pytest
from google.ads.googleads.v26.services.services.customer_service import CustomerServiceClient
from google.ads.googleads.v26.services.services.customer_service.transports import CustomerServiceGrpcTransport
from google.analytics.admin_v1beta import AnalyticsAdminServiceClient
from google.analytics.admin_v1beta.services.analytics_admin_service.transports import AnalyticsAdminServiceGrpcTransport

from tests.support.emulator import AUTHORIZATION, last_days
from tests.unit.tools.emulator.conftest import ads
from tools.emulator.agency import DEMO_CLIENTS, MANAGER_ID


@pytest.fixture
def channel(emulator):
    with grpc.insecure_channel(emulator.address) as opened:
        yield opened


def test_account_summaries_list_every_demo_property(channel):
    client = AnalyticsAdminServiceClient(transport=AnalyticsAdminServiceGrpcTransport(channel=channel))
    (account,) = client.list_account_summaries({}, metadata=AUTHORIZATION)
    found = {(p.property, p.display_name) for p in account.property_summaries}
    assert found == {(f"properties/{c.ga4.property_id}", c.ga4.name) for c in DEMO_CLIENTS if c.ga4}


def test_a_property_is_linked_to_the_account_of_its_client(channel):
    client = AnalyticsAdminServiceClient(transport=AnalyticsAdminServiceGrpcTransport(channel=channel))
    (link,) = client.list_google_ads_links({"parent": "properties/410000001"}, metadata=AUTHORIZATION)
    assert link.customer_id == "4100000011"
    assert not list(client.list_google_ads_links({"parent": "properties/410000003"}, metadata=AUTHORIZATION))


def test_only_accounts_without_a_manager_are_listed_as_accessible(channel):
    client = CustomerServiceClient(transport=CustomerServiceGrpcTransport(channel=channel))
    answer = client.list_accessible_customers({}, metadata=AUTHORIZATION)
    assert set(answer.resource_names) == {f"customers/{MANAGER_ID}", "customers/4100000055"}


def test_a_stream_gives_what_a_search_gives(emulator, truth):
    client = ads(emulator.address)
    query = "SELECT segments.date, metrics.clicks FROM customer WHERE segments.date DURING LAST_30_DAYS"
    metadata = [*AUTHORIZATION, ("login-customer-id", MANAGER_ID)]
    pages = client.search_stream({"customer_id": "4100000011", "query": query}, metadata=metadata)
    clicks = [row.metrics.clicks for page in pages for row in page.results]
    assert len(clicks) == 30
    assert sum(clicks) == truth.google_ads("demo-lampadar", *last_days(30)).clicks
    client.transport.close()


def test_a_missing_method_says_that_it_is_not_emulated(channel):
    send = channel.unary_unary("/google.ads.googleads.v26.services.GoogleAdsService/Mutate")
    with pytest.raises(grpc.RpcError) as refused:
        send(b"", metadata=AUTHORIZATION)
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "does not answer Mutate" in refused.value.details()
