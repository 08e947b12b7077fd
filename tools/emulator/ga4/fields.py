"""Dimensions by their API names, as SQL over the stored events. `tables` are the joins it needs, see `sql.py`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dimension:
    name: str
    label: str
    category: str
    sql: str
    tables: tuple[str, ...] = ()


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
REALTIME_DIMENSIONS = frozenset(
    {"country", "countryId", "city", "deviceCategory", "eventName", "unifiedScreenName", "platform", "streamName"}
)
