"""Google's own synchronous clients, pointed at the emulator, and a second emulator with fixture clients."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import grpc
import pytest

from tests.support.emulator import AUTHORIZATION
from tests.unit.tools.emulator.oauth import Program
from tools.emulator.agency import MANAGER_ID
from tools.emulator.process import EmulatorProcess, start_emulator

FIXTURES = {
    "today": "2026-11-20",
    "clients": [
        {
            "id": "fix-shop",
            "name": "Fixture Shop",
            "currency": "RON",
            "timezone": "Europe/Bucharest",
            "google_ads": {
                "customer_id": "777-000-1111",
                "campaigns": [
                    {
                        "name": "Alfa",
                        "cost": 1234.57,
                        "clicks": 417,
                        "impressions": 20011,
                        "conversions": 23.5,
                        "conversion_value": 4567.89,
                        "search_terms": [
                            {"term": "pantofi", "cost": 301.03, "clicks": 99, "impressions": 4000, "conversions": 7.25},
                            {"term": "gratis", "cost": 88.8, "clicks": 41, "impressions": 900, "conversions": 0},
                        ],
                    },
                    {"name": "Beta", "cost": 0.01, "clicks": 1, "impressions": 3, "conversions": 0},
                ],
            },
            "ga4": {
                "property_id": "990001",
                "sessions": 1237,
                "purchases": 31,
                "revenue": 9876.54,
                "channels": {"Organic Search": 611, "Paid Search": 402, "Email": 97},
                "landing_pages": [
                    {"path": "/", "sessions": 613, "engagement_rate": 0.613},
                    {"path": "/reduceri", "sessions": 311, "engagement_rate": 0.4177},
                ],
            },
        },
        {
            "id": "fix-ads-only",
            "name": "Ads Only",
            "currency": "USD",
            "timezone": "America/New_York",
            "google_ads": {"customer_id": "8880002222", "campaigns": []},
            "ga4": None,
        },
    ],
}


@pytest.fixture(scope="session")
def fixture_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    folder = tmp_path_factory.mktemp("emulator-fixtures")
    file = folder / "fixtures.json"
    file.write_text(json.dumps(FIXTURES), encoding="utf-8")
    process = start_emulator(folder, fixtures=file)
    yield process
    process.stop()


@pytest.fixture(scope="session")
def fixture_data(fixture_emulator: EmulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(fixture_emulator.process.args[5])


def analytics(address: str):
    from google.analytics.data_v1beta import BetaAnalyticsDataClient
    from google.analytics.data_v1beta.services.beta_analytics_data.transports import BetaAnalyticsDataGrpcTransport

    return BetaAnalyticsDataClient(transport=BetaAnalyticsDataGrpcTransport(channel=grpc.insecure_channel(address)))


def ads(address: str):
    from google.ads.googleads.v26.services.services.google_ads_service import GoogleAdsServiceClient
    from google.ads.googleads.v26.services.services.google_ads_service.transports import GoogleAdsServiceGrpcTransport

    return GoogleAdsServiceClient(transport=GoogleAdsServiceGrpcTransport(channel=grpc.insecure_channel(address)))


@pytest.fixture(scope="session")
def ga4(emulator: EmulatorProcess):
    client = analytics(emulator.address)
    yield client
    client.transport.close()


@pytest.fixture
async def program(oauth_url: str) -> AsyncIterator[Program]:
    made = Program(oauth_url)
    yield made
    await made.aclose()


@pytest.fixture(scope="session")
def report(ga4) -> Callable:
    return reporter(ga4, "410000001")


@pytest.fixture(scope="session")
def search(emulator: EmulatorProcess) -> Iterator[Callable]:
    client = ads(emulator.address)
    yield searcher(client, MANAGER_ID)
    client.transport.close()


def reporter(client, property_id: str) -> Callable:
    """Run a report given by names; the last 28 days unless `date_ranges` says otherwise."""
    from google.analytics.data_v1beta import types as beta

    def run(dimensions=(), metrics=("sessions",), property_id=property_id, **fields):
        fields.setdefault("date_ranges", [beta.DateRange(start_date="28daysAgo", end_date="yesterday")])
        request = beta.RunReportRequest(
            property=f"properties/{property_id}",
            dimensions=[beta.Dimension(name=name) for name in dimensions],
            metrics=[beta.Metric(name=name) for name in metrics],
            **fields,
        )
        return client.run_report(request, metadata=AUTHORIZATION, timeout=20)

    return run


def searcher(client, manager: str | None) -> Callable:
    """Run a query; gives GoogleAdsRow messages."""

    def run(query: str, customer_id: str = "4100000011", token: str = "demo", login: str | None = manager) -> list:
        metadata = [("authorization", f"Bearer {token}")]
        if login:
            metadata.append(("login-customer-id", login))
        request = {"customer_id": customer_id, "query": query}
        return list(client.search(request=request, metadata=metadata, timeout=20))

    return run


def values(rows) -> dict[tuple[str, ...], list[str]]:
    """Rows of a report as a dictionary: dimension values to metric values."""
    return {tuple(d.value for d in row.dimension_values): [m.value for m in row.metric_values] for row in rows}
