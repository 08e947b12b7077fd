"""Dimensions and metrics by their API names, as SQL over the stored events.

A report first groups events by its dimensions and the session, computing MEASURES; metrics are then computed over
those groups. `tables` are the joins an expression needs, see `report.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.emulator.worlds.property import EVENTS, KEY_EVENTS

_KIND = {name: number for number, name in enumerate(EVENTS)}
_KEYS = ",".join(str(_KIND[name]) for name in KEY_EVENTS)


@dataclass(frozen=True, slots=True)
class Dimension:
    name: str
    label: str
    category: str
    sql: str
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """`kind` is the API's metric type; TYPE_CURRENCY expressions give integer micros unless `exact` is False."""

    name: str
    label: str
    category: str
    sql: str
    measures: tuple[str, ...] = ()
    kind: str = "TYPE_INTEGER"
    exact: bool = True


def _times(event: str) -> str:
    return f"count(*) FILTER (e.kind_id = {_KIND[event]})"


MEASURES: dict[str, tuple[str, str | None]] = {  # name: (SQL within a session, table it needs)
    "who": ("any_value(s.user_id)", "s"),
    "engaged": ("any_value(s.engaged)", "s"),
    "fresh": ("any_value(s.is_new)", "s"),
    "events": ("count(*)", None),
    "views": (_times("page_view"), None),
    "first_visits": (_times("first_visit"), None),
    "keys": (f"count(*) FILTER (e.kind_id IN ({_KEYS}))", None),
    "purchases": (_times("purchase"), None),
    "carts": (_times("add_to_cart"), None),
    "checkouts": (_times("begin_checkout"), None),
    "products": (_times("view_item"), None),
    "scrolls": (_times("scroll"), None),
    "revenue": (f"coalesce(sum(e.value) FILTER (e.kind_id = {_KIND['purchase']}), 0)", None),
    "value": ("sum(e.value)", None),
    "ms": ("sum(e.ms)", None),
}

_DAY, _SOURCE, _FIRST, _PAGE, _LANDING = "Time", "Traffic source", "Attribution", "Page / screen", "Page / screen"
_NUMBERED_DAY = "strftime(e.day, '{}')"


def _time(name: str, label: str, pattern: str) -> Dimension:
    return Dimension(name, label, _DAY, _NUMBERED_DAY.format(pattern))


def _sources(prefix: str, label: str, table: str, category: str) -> list[Dimension]:
    """Channel, source, medium and campaign, of the session or of the user's first session."""

    def name(rest: str) -> str:
        return prefix + rest if prefix else rest[0].lower() + rest[1:]

    def dimension(rest: str, what: str, sql: str) -> Dimension:
        return Dimension(name(rest), f"{label}{what}", category, sql, (table,))

    return [
        dimension("DefaultChannelGroup", "default channel group", f"{table}.channel"),
        dimension("PrimaryChannelGroup", "primary channel group", f"{table}.channel"),
        dimension("Source", "source", f"{table}.source"),
        dimension("Medium", "medium", f"{table}.medium"),
        dimension("SourceMedium", "source / medium", f"{table}.source || ' / ' || {table}.medium"),
        dimension("CampaignName", "campaign", f"{table}.campaign"),
        dimension(
            "GoogleAdsCampaignName",
            "Google Ads campaign",
            f"CASE WHEN {table}.source || {table}.medium = 'googlecpc' THEN {table}.campaign ELSE '(not set)' END",
        ),
    ]


_ALL_DIMENSIONS = (
    _time("date", "Date", "%Y%m%d"),
    _time("year", "Year", "%Y"),
    _time("month", "Month", "%m"),
    _time("day", "Day", "%d"),
    _time("yearMonth", "Year month", "%Y%m"),
    _time("week", "Week", "%U"),
    _time("yearWeek", "Year week", "%Y%U"),
    _time("isoWeek", "ISO week of the year", "%V"),
    _time("isoYear", "ISO year", "%G"),
    _time("isoYearIsoWeek", "ISO week of ISO year", "%G%V"),
    _time("dayOfWeek", "Day of week", "%w"),
    _time("dayOfWeekName", "Day of week name", "%A"),
    Dimension("hour", "Hour", _DAY, "lpad((e.second // 3600)::VARCHAR, 2, '0')"),
    Dimension(
        "dateHour",
        "Date + hour (YYYYMMDDHH)",
        _DAY,
        "strftime(e.day, '%Y%m%d') || lpad((e.second // 3600)::VARCHAR, 2, '0')",
    ),
    *_sources("session", "Session ", "src", _SOURCE),
    *_sources("firstUser", "First user ", "fsrc", _FIRST),
    *_sources("", "", "src", _SOURCE),
    Dimension("pagePath", "Page path", _PAGE, "pg.path", ("pg",)),
    Dimension("pagePathPlusQueryString", "Page path + query string", _PAGE, "pg.path", ("pg",)),
    Dimension("unifiedPagePathScreen", "Page path and screen class", _PAGE, "pg.path", ("pg",)),
    Dimension("pageTitle", "Page title", _PAGE, "pg.title", ("pg",)),
    Dimension("unifiedScreenName", "Page title and screen name", _PAGE, "pg.title", ("pg",)),
    Dimension("pageLocation", "Page location", _PAGE, "'https://' || prop.host || pg.path", ("pg", "prop")),
    Dimension("fullPageUrl", "Full page URL", _PAGE, "prop.host || pg.path", ("pg", "prop")),
    Dimension("hostName", "Hostname", _PAGE, "prop.host", ("prop",)),
    Dimension("landingPage", "Landing page", _LANDING, "lp.path", ("lp",)),
    Dimension("landingPagePlusQueryString", "Landing page + query string", _LANDING, "lp.path", ("lp",)),
    Dimension("eventName", "Event name", "Event", "k.name", ("k",)),
    Dimension("isKeyEvent", "Is key event", "Event", "CASE WHEN k.is_key THEN 'true' ELSE 'false' END", ("k",)),
    Dimension("continent", "Continent", "Geography", "pl.continent", ("pl",)),
    Dimension("country", "Country", "Geography", "pl.country", ("pl",)),
    Dimension("countryId", "Country ID", "Geography", "pl.country_id", ("pl",)),
    Dimension("region", "Region", "Geography", "pl.region", ("pl",)),
    Dimension("city", "City", "Geography", "pl.city", ("pl",)),
    Dimension("language", "Language", "Platform / device", "pl.language", ("pl",)),
    Dimension("deviceCategory", "Device category", "Platform / device", "t.device", ("t",)),
    Dimension("browser", "Browser", "Platform / device", "t.browser", ("t",)),
    Dimension("operatingSystem", "Operating system", "Platform / device", "t.system", ("t",)),
    Dimension("platform", "Platform", "Platform / device", "'web'"),
    Dimension("streamName", "Stream name", "Platform / device", "prop.name", ("prop",)),
    Dimension(
        "newVsReturning", "New / returning", "User", "CASE WHEN s.is_new THEN 'new' ELSE 'returning' END", ("s",)
    ),
    Dimension("userAgeBracket", "Age", "Demographics", "ag.bracket", ("ag",)),
    Dimension("userGender", "Gender", "Demographics", "ge.gender", ("ge",)),
)
DIMENSIONS = {d.name: d for d in _ALL_DIMENSIONS}
THRESHOLDED = frozenset({"userAgeBracket", "userGender"})

_ACTIVE = "count(DISTINCT who) FILTER (engaged > 0 OR fresh)"
_WHO = ("who", "engaged", "fresh")
_FLOAT, _SECONDS, _MONEY = "TYPE_FLOAT", "TYPE_SECONDS", "TYPE_CURRENCY"


def _ratio(above: str, below: str) -> str:
    return f"coalesce(({above}) / nullif({below}, 0), 0.0)"


_ALL_METRICS = (
    Metric("activeUsers", "Active users", "User", _ACTIVE, _WHO),
    Metric("totalUsers", "Total users", "User", "count(DISTINCT who)", ("who",)),
    Metric("newUsers", "New users", "User", "coalesce(sum(first_visits), 0)", ("first_visits",)),
    Metric("sessions", "Sessions", "Session", "count(*)"),
    Metric("engagedSessions", "Engaged sessions", "Session", "coalesce((sum(engaged) + 500000) // 1000000, 0)", ("engaged",)),
    Metric("engagementRate", "Engagement rate", "Session", _ratio("sum(engaged) / 1e6", "count(*)"), ("engaged",), _FLOAT),
    Metric("bounceRate", "Bounce rate", "Session", _ratio("count(*) - sum(engaged) / 1e6", "count(*)"), ("engaged",), _FLOAT),
    Metric("averageSessionDuration", "Average session duration", "Session", _ratio("sum(ms) / 1e3", "count(*)"), ("ms",), _SECONDS),
    Metric("userEngagementDuration", "User engagement", "User", "coalesce(sum(ms) // 1000, 0)", ("ms",), _SECONDS),
    Metric("sessionsPerUser", "Sessions per user", "Session", _ratio("count(*)", _ACTIVE), _WHO, _FLOAT),
    Metric("screenPageViews", "Views", "Page / screen", "coalesce(sum(views), 0)", ("views",)),
    Metric("screenPageViewsPerSession", "Views per session", "Page / screen", _ratio("sum(views)", "count(*)"), ("views",), _FLOAT),
    Metric("screenPageViewsPerUser", "Views per user", "Page / screen", _ratio("sum(views)", _ACTIVE), ("views", *_WHO), _FLOAT),
    Metric("eventCount", "Event count", "Event", "coalesce(sum(events), 0)", ("events",)),
    Metric("eventCountPerUser", "Event count per user", "Event", _ratio("sum(events)", _ACTIVE), ("events", *_WHO), _FLOAT),
    Metric("eventsPerSession", "Events per session", "Event", _ratio("sum(events)", "count(*)"), ("events",), _FLOAT),
    Metric("eventValue", "Event value", "Event", "coalesce(sum(value), 0) / 1e6", ("value",), _FLOAT),
    Metric("keyEvents", "Key events", "Event", "coalesce(sum(keys), 0)", ("keys",), _FLOAT),
    Metric("sessionKeyEventRate", "Session key event rate", "Session", _ratio("count(*) FILTER (keys > 0)", "count(*)"), ("keys",), _FLOAT),
    Metric("userKeyEventRate", "User key event rate", "User", _ratio("count(DISTINCT who) FILTER (keys > 0)", _ACTIVE), ("keys", *_WHO), _FLOAT),
    Metric("scrolledUsers", "Scrolled users", "User", "count(DISTINCT who) FILTER (scrolls > 0)", ("who", "scrolls")),
    Metric("totalRevenue", "Total revenue", "Revenue", "coalesce(sum(revenue), 0)", ("revenue",), _MONEY),
    Metric("purchaseRevenue", "Purchase revenue", "Revenue", "coalesce(sum(revenue), 0)", ("revenue",), _MONEY),
    Metric("averagePurchaseRevenue", "Average purchase revenue", "Revenue", _ratio("sum(revenue)", "sum(purchases)"), ("revenue", "purchases"), _MONEY, False),
    Metric("averageRevenuePerUser", "ARPU", "Revenue", _ratio("sum(revenue)", _ACTIVE), ("revenue", *_WHO), _MONEY, False),
    Metric("ecommercePurchases", "Ecommerce purchases", "Ecommerce", "coalesce(sum(purchases), 0)", ("purchases",)),
    Metric("transactions", "Transactions", "Ecommerce", "coalesce(sum(purchases), 0)", ("purchases",)),
    Metric("totalPurchasers", "Total purchasers", "Ecommerce", "count(DISTINCT who) FILTER (purchases > 0)", ("who", "purchases")),
    Metric("addToCarts", "Add to carts", "Ecommerce", "coalesce(sum(carts), 0)", ("carts",)),
    Metric("checkouts", "Checkouts", "Ecommerce", "coalesce(sum(checkouts), 0)", ("checkouts",)),
    Metric("itemsViewed", "Items viewed", "Ecommerce", "coalesce(sum(products), 0)", ("products",)),
    Metric("cartToViewRate", "Cart-to-view rate", "Ecommerce", _ratio("count(DISTINCT who) FILTER (carts > 0)", "count(DISTINCT who) FILTER (products > 0)"), ("who", "carts", "products"), _FLOAT),
    Metric("purchaserRate", "Purchaser rate", "Ecommerce", _ratio("count(DISTINCT who) FILTER (purchases > 0)", _ACTIVE), ("purchases", *_WHO), _FLOAT),
)  # fmt: skip
METRICS = {m.name: m for m in _ALL_METRICS}
REALTIME_DIMENSIONS = frozenset(
    {"country", "countryId", "city", "deviceCategory", "eventName", "unifiedScreenName", "platform", "streamName"}
)
REALTIME_METRICS = frozenset({"activeUsers", "eventCount", "keyEvents", "screenPageViews"})
