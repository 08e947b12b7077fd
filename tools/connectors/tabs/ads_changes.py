"""The changes tab: who changed what, newest first."""

from __future__ import annotations

from tools.blocks import Cell, Column
from tools.connectors.google_ads import AdsConnector
from tools.connectors.report import Answer
from tools.connectors.tabs.record import AdsTab
from tools.connectors.tabs.report import MOST_ROWS, Section
from tools.ranges import Window

NOTE = "Google keeps the history of changes for 30 days; earlier days of the period are not covered."
COLUMNS = (
    Column(name="at", label="Time"),
    Column(name="by", label="Changed by"),
    Column(name="campaign", label="Campaign"),
    Column(name="ad_group", label="Ad group"),
    Column(name="resource", label="What changed"),
    Column(name="operation", label="Operation"),
    Column(name="field", label="Field"),
    Column(name="before", label="Before"),
    Column(name="after", label="After"),
)
CHANGES = Column(name="changes", label="Changes", kind="integer")


async def read(connection: AdsConnector, window: Window) -> Answer:
    return await connection.changes(window)


def draw(answer: Answer) -> list[Section]:
    (report,) = answer.reports
    rows: list[list[Cell]] = [[cell or None for cell in row.key] for row in report.rows]
    totals: dict[str, Cell] = {"changes": report.row_count}
    return [
        Section(id="totals", title="Totals", kind="metrics", columns=[CHANGES], rows=[[len(rows)]], totals=totals),
        Section(
            id="changes",
            title="Changes",
            kind="table",
            columns=list(COLUMNS),
            rows=rows[:MOST_ROWS],
            totals=totals,
            truncated=max(0, len(rows) - MOST_ROWS),
            notes=[NOTE],
        ),
    ]


TAB = AdsTab("changes", "Changes", read, draw)
