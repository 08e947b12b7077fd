"""The realtime tab: one report of the last half hour.

Views and events of its rows add up to pages, countries and devices; users do not (one may be in several rows), so they
are Google's own total and the rows as Google gave them.
"""

from __future__ import annotations

from tools.connectors.ga4 import Ga4Connector
from tools.connectors.queries import Ga4Query
from tools.connectors.report import Answer, Numbers, Report, Row
from tools.connectors.tabs import sections
from tools.connectors.tabs.record import Ga4Tab
from tools.connectors.tabs.report import MOST_ROWS, Section
from tools.ranges import Window

DIMENSIONS = ("unifiedScreenName", "country", "deviceCategory")
ADDITIVE = ("screenPageViews", "eventCount", "keyEvents")
QUERY = Ga4Query(DIMENSIONS, ("activeUsers", *ADDITIVE), order_by="activeUsers", limit=10_000)
NOBODY = "Nobody was active in the last 30 minutes. This is not an error."


async def read(connection: Ga4Connector, _: Window) -> Answer:
    return await connection.realtime(QUERY)


def draw(answer: Answer) -> list[Section]:
    (report,) = answer.reports
    now = sections.metrics("totals", "Last 30 minutes", report)
    return [
        now.model_copy(update={"notes": [NOBODY] if report.empty else []}),
        sections.table("pages", "Pages", _summed(report, 0)),
        sections.table("countries", "Countries", _summed(report, 1)),
        sections.table("devices", "Devices", _summed(report, 2)),
        sections.table("rows", "Users by page, country and device", report),
    ]


def _summed(report: Report, place: int) -> Report:
    found: dict[str, dict[str, float]] = {}
    for row in report.rows:
        sums = found.setdefault(row.key[place], dict.fromkeys(ADDITIVE, 0.0))
        for name in ADDITIVE:
            sums[name] += row.values[name]
    rows = [Row((key,), sums) for key, sums in found.items()]
    rows.sort(key=lambda row: (-row.values["screenPageViews"], row.key))
    totals: Numbers = {name: report.totals.get(name, 0.0) for name in ADDITIVE}
    return Report(DIMENSIONS[place : place + 1], ADDITIVE, tuple(rows[:MOST_ROWS]), totals, None, len(rows))


TAB = Ga4Tab("realtime", "Realtime", read, draw)
