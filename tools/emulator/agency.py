"""The demo agency: who its clients are and which demo property and account each one has. No Google import here."""

from __future__ import annotations

from dataclasses import dataclass

MANAGER_ID = "9000000001"
MANAGER_NAME = "Camarad Demo Agency"
DEMO_TOKEN = "demo"  # noqa: S105 (the emulator's public bearer token, opens nothing but made-up data)


@dataclass(frozen=True, slots=True)
class DemoProperty:
    """A GA4 property; `property_id` is the bare id, without `properties/`."""

    property_id: str
    name: str


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A Google Ads account; `login_customer_id` is its manager, or None when it is reached directly."""

    customer_id: str
    login_customer_id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class DemoClient:
    id: str
    name: str
    currency: str
    timezone: str
    ga4: DemoProperty | None
    google_ads: DemoAccount | None


DEMO_CLIENTS: tuple[DemoClient, ...] = (
    DemoClient(
        id="demo-lampadar",
        name="Lampadar Home",
        currency="EUR",
        timezone="Europe/Bucharest",
        ga4=DemoProperty("410000001", "Lampadar Home – shop"),
        google_ads=DemoAccount("4100000011", MANAGER_ID, "Lampadar Home"),
    ),
    DemoClient(
        id="demo-zambet",
        name="Zâmbet Dental",
        currency="RON",
        timezone="Europe/Bucharest",
        ga4=DemoProperty("410000002", "Zâmbet Dental – site"),
        google_ads=DemoAccount("4100000022", MANAGER_ID, "Zâmbet Dental"),
    ),
    DemoClient(
        id="demo-gazeta",
        name="Gazeta Verde",
        currency="RON",
        timezone="Europe/Bucharest",
        ga4=DemoProperty("410000003", "Gazeta Verde – magazine"),
        google_ads=None,
    ),
    DemoClient(
        id="demo-northpeak",
        name="Northpeak Outfitters",
        currency="USD",
        timezone="America/New_York",
        ga4=None,
        google_ads=DemoAccount("4100000044", MANAGER_ID, "Northpeak Outfitters US"),
    ),
    DemoClient(
        id="demo-plutaru",
        name="Plutaru Rafting",
        currency="EUR",
        timezone="Europe/Bucharest",
        ga4=DemoProperty("410000005", "Plutaru Rafting – bookings"),
        google_ads=DemoAccount("4100000055", None, "Plutaru Rafting"),
    ),
)
