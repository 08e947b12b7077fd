"""The tabs of Google Ads: each is one query, also for two periods (see tools.connectors.ads_periods)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from tools.blocks import Column
from tools.connectors.google_ads import AdsConnector
from tools.connectors.queries import AdsQuery
from tools.connectors.report import Answer
from tools.connectors.tabs import ads_budgets, ads_changes, sections
from tools.connectors.tabs.record import AdsTab, Draw
from tools.connectors.tabs.report import Section
from tools.metrics import ADS_CORE
from tools.ranges import Window

MOST_READ = 50_000
CAMPAIGN = Column(name="campaign", label="Campaign")
AD_GROUP = Column(name="ad_group", label="Ad group")
STATUS = Column(name="status", label="Status")
TYPE = Column(name="type", label="Type")
MATCH = Column(name="match_type", label="Match type")
QUALITY = Column(name="quality_score", label="Quality score", kind="integer")
CAMPAIGNS = ("campaign.name", "campaign.status", "campaign.advertising_channel_type", "campaign.id")


def _query(resource: str, *fields: str) -> AdsQuery:
    return AdsQuery(resource, fields, most=MOST_READ)


def _read(query: AdsQuery, *, daily: bool = False) -> Callable[[AdsConnector, Window], Awaitable[Answer]]:
    async def read(connection: AdsConnector, window: Window) -> Answer:
        return await connection.both(window, query, daily=daily)

    return read


def _overview(answer: Answer) -> list[Section]:
    campaigns, days = answer.reports
    return [
        sections.metrics("totals", "Totals", days, ADS_CORE),
        sections.series("days", "By day", days, ADS_CORE),
        sections.table("campaigns", "Campaigns", campaigns, (CAMPAIGN, STATUS, TYPE), ADS_CORE),
    ]


def _metrics(answer: Answer) -> list[Section]:
    devices, days = answer.reports
    return [
        sections.metrics("totals", "Totals", days, ADS_CORE),
        sections.series("days", "By day", days, ADS_CORE),
        sections.table("devices", "Devices", devices, (Column(name="device", label="Device"),), ADS_CORE),
    ]


def _table(key: str, title: str, keys: Sequence[Column]) -> Draw:
    def draw(answer: Answer) -> list[Section]:
        (found,) = answer.reports
        return [
            sections.metrics("totals", "Totals", found, ADS_CORE),
            sections.table(key, title, found, keys, ADS_CORE),
        ]

    return draw


def _keywords(answer: Answer) -> list[Section]:
    """Google gives the score as a number, and 0 where it has none."""
    totals, table = _table("keywords", "Keywords", (*KEYWORD, QUALITY, CAMPAIGN, AD_GROUP))(answer)
    place = [column.name for column in table.columns].index("quality_score")
    for row in table.rows:
        score = str(row[place])
        row[place] = int(score) if score.isdigit() and score != "0" else None
    return [totals, table]


KEYWORD = (Column(name="keyword", label="Keyword"), MATCH)
TERM = Column(name="search_term", label="Search term")
GROUPS = ("ad_group.name", "campaign.name", "ad_group.status", "ad_group.id")
KEYWORDS = (
    "ad_group_criterion.keyword.text",
    "ad_group_criterion.keyword.match_type",
    "ad_group_criterion.quality_info.quality_score",
    "campaign.name",
    "ad_group.name",
    "ad_group.id",
    "ad_group_criterion.criterion_id",
)
TERMS = ("search_term_view.search_term", "campaign.name", "ad_group.name", "ad_group.id")

TABS: tuple[AdsTab, ...] = (
    AdsTab("overview", "Overview", _read(_query("campaign", *CAMPAIGNS), daily=True), _overview),
    AdsTab(
        "campaigns",
        "Campaigns",
        _read(_query("campaign", *CAMPAIGNS)),
        _table("campaigns", "Campaigns", (CAMPAIGN, STATUS, TYPE)),
    ),
    AdsTab(
        "ad-groups",
        "Ad groups",
        _read(_query("ad_group", *GROUPS)),
        _table("ad_groups", "Ad groups", (AD_GROUP, CAMPAIGN, STATUS)),
    ),
    AdsTab("keywords", "Keywords", _read(_query("keyword_view", *KEYWORDS)), _keywords),
    AdsTab(
        "search-terms",
        "Search terms",
        _read(_query("search_term_view", *TERMS)),
        _table("search_terms", "Search terms", (TERM, CAMPAIGN, AD_GROUP)),
    ),
    ads_budgets.TAB,
    AdsTab("metrics", "Metrics", _read(_query("customer", "segments.device"), daily=True), _metrics),
    ads_changes.TAB,
)
