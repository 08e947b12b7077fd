"""The tabs of Google Analytics 4: each is one batch of at most five reports, one funnel, or one realtime report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tools.connectors.ga4 import Ga4Connector
from tools.connectors.queries import Filter, Ga4Query
from tools.connectors.report import Answer
from tools.connectors.tabs import ga4_funnel, ga4_realtime, sections
from tools.connectors.tabs.record import Ga4Tab
from tools.connectors.tabs.report import MOST_ROWS, Section
from tools.metrics import GA4_CORE
from tools.ranges import Window

CHANNEL = "sessionDefaultChannelGroup"
VISITS = ("sessions", "engagedSessions", "engagementRate", "keyEvents", "ecommercePurchases", "totalRevenue")
PEOPLE = ("activeUsers", "newUsers", "sessions", "engagementRate", "keyEvents", "totalRevenue")
PAGES = ("screenPageViews", "activeUsers", "userEngagementDuration", "keyEvents")
LANDINGS = ("sessions", "engagementRate", "bounceRate", "sessionKeyEventRate", "totalRevenue")
EVENTS = ("eventCount", "totalUsers", "eventCountPerUser", "eventValue")


def _by(dimensions: tuple[str, ...], metrics: tuple[str, ...], *filters: Filter) -> Ga4Query:
    return Ga4Query(dimensions, metrics, filters, metrics[0], limit=MOST_ROWS)


def _daily(*metrics: str) -> Ga4Query:
    return Ga4Query(("date",), metrics, order_by="date", descending=False)


def _batch(*queries: Ga4Query) -> Callable[[Ga4Connector, Window], Awaitable[Answer]]:
    async def read(connection: Ga4Connector, window: Window) -> Answer:
        return await connection.reports(window, *queries)

    return read


def _overview(answer: Answer) -> list[Section]:
    whole, days, channels, devices, countries = answer.reports
    return [
        sections.metrics("totals", "Totals", whole),
        sections.series("days", "By day", days),
        sections.table("channels", "Channels", channels),
        sections.table("devices", "Devices", devices),
        sections.table("countries", "Countries", countries),
    ]


def _pages(answer: Answer) -> list[Section]:
    whole, days, pages, landings = answer.reports
    return [
        sections.metrics("totals", "Totals", whole),
        sections.series("days", "By day", days),
        sections.table("pages", "Pages", pages),
        sections.table("landing_pages", "Landing pages", landings),
    ]


def _sources(answer: Answer) -> list[Section]:
    days, channels, mediums, campaigns, first = answer.reports
    return [
        sections.metrics("totals", "Totals", channels),
        sections.series("days", "By day", days),
        sections.table("channels", "Channels", channels),
        sections.table("source_medium", "Sources and mediums", mediums),
        sections.table("campaigns", "Campaigns", campaigns),
        sections.table("first_channels", "Channels that first brought the users", first),
    ]


def _events(answer: Answer) -> list[Section]:
    whole, days, events, key = answer.reports
    return [
        sections.metrics("totals", "Totals", whole),
        sections.series("days", "By day", days),
        sections.table("events", "Events", events),
        sections.table("key_events", "Key events", key),
    ]


def _audience(answer: Answer) -> list[Section]:
    places, technology, kinds, ages, genders = answer.reports
    return [
        sections.metrics("totals", "Totals", kinds),
        sections.table("new_returning", "New and returning", kinds),
        sections.table("places", "Countries and cities", places),
        sections.table("technology", "Devices, systems and browsers", technology),
        sections.table("ages", "Age", ages),
        sections.table("genders", "Gender", genders),
    ]


TABS: tuple[Ga4Tab, ...] = (
    Ga4Tab(
        "overview",
        "Overview",
        _batch(
            Ga4Query((), GA4_CORE, limit=1),
            _daily("sessions", "activeUsers", "screenPageViews", "keyEvents", "totalRevenue"),
            _by((CHANNEL,), VISITS),
            _by(("deviceCategory",), VISITS),
            _by(("country",), VISITS),
        ),
        _overview,
    ),
    Ga4Tab(
        "pages",
        "Pages",
        _batch(
            Ga4Query((), (*PAGES, "screenPageViewsPerSession"), limit=1),
            _daily("screenPageViews", "activeUsers"),
            _by(("pagePath", "pageTitle"), PAGES),
            _by(("landingPage",), LANDINGS),
        ),
        _pages,
    ),
    Ga4Tab(
        "sources",
        "Traffic sources",
        _batch(
            _daily("sessions", "keyEvents", "totalRevenue"),
            _by((CHANNEL,), VISITS),
            _by(("sessionSourceMedium",), VISITS),
            _by(("sessionCampaignName",), VISITS),
            _by(("firstUserDefaultChannelGroup",), ("newUsers", "keyEvents", "totalRevenue")),
        ),
        _sources,
    ),
    Ga4Tab(
        "events",
        "Events",
        _batch(
            Ga4Query((), (*EVENTS, "keyEvents"), limit=1),
            _daily("eventCount", "keyEvents"),
            _by(("eventName",), EVENTS),
            _by(("eventName",), ("keyEvents", "totalUsers", "eventValue"), Filter("isKeyEvent", "==", "true")),
        ),
        _events,
    ),
    ga4_funnel.TAB,
    Ga4Tab(
        "audience",
        "Audience",
        _batch(
            _by(("country", "city"), PEOPLE),
            _by(("deviceCategory", "operatingSystem", "browser"), PEOPLE),
            _by(("newVsReturning",), PEOPLE),
            _by(("userAgeBracket",), PEOPLE),
            _by(("userGender",), PEOPLE),
        ),
        _audience,
    ),
    ga4_realtime.TAB,
)
