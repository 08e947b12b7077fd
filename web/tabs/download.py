"""One section as a file for a spreadsheet: exact figures, with what they are and where they came from on top.

UTF-8 with a byte order mark, because Excel takes a file without one for an old code page. Text of the data that a
spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection); figures are written as they
are in the JSON, with a point, percentages as fractions, dates as ISO 8601.
"""

from __future__ import annotations

import csv
import io
import re

from tools.blocks import Cell
from tools.connectors.tabs.report import Section, TabReport
from web.tabs.figures import Figures

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"＝＋－＠")  # spreadsheets read the wide ones alike
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def document(figures: Figures, report: TabReport, section: Section, client: str, account: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for name, value in _about(figures, report, section, client, account):
        writer.writerow([name, neutral(value)])
    writer.writerow([])
    writer.writerow([figures.label(column.label) for column in section.columns])
    for row in section.rows:
        writer.writerow([neutral(cell) for cell in row])
    if section.totals:
        writer.writerow(_totals(figures, section))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def file_name(report: TabReport, section: Section, client: str) -> str:
    """ASCII letters, digits, dots and dashes only, so that no header or file system misreads it."""
    period = f"-{report.meta.range.start}-{report.meta.range.end}" if report.meta.range else ""
    return UNSAFE.sub("-", f"{client}-{report.provider}-{report.tab}-{section.id}{period}").strip("-").lower() + ".csv"


def _about(figures: Figures, report: TabReport, section: Section, client: str, account: str) -> list[tuple[str, str]]:
    meta = report.meta
    provider = figures.say(f"connectors.{report.provider}")
    lines = [
        (figures.say("tabs.csv.report"), f"{provider}: {figures.label(section.title)}"),
        (figures.say("tabs.csv.client"), client),
        (figures.say("tabs.csv.account"), account),
        (figures.say("tabs.csv.period"), f"{meta.range.start} .. {meta.range.end}" if meta.range else ""),
        (figures.say("tabs.csv.compare"), f"{meta.compare.start} .. {meta.compare.end}" if meta.compare else ""),
        (figures.say("tabs.csv.source"), figures.say(f"source.{meta.source}")),
        (figures.say("tabs.csv.currency"), meta.currency or ""),
        (figures.say("tabs.csv.timezone"), meta.timezone or ""),
        (figures.say("tabs.csv.read"), meta.as_of.isoformat(timespec="seconds")),
        (figures.say("tabs.csv.truncated"), str(section.truncated) if section.truncated else ""),
    ]
    return [line for line in lines if line[1]]


def _totals(figures: Figures, section: Section) -> list[Cell]:
    cells: list[Cell] = [_total(section, column.name) for column in section.columns]
    return [figures.say("tabs.total") if n == 0 else cell for n, cell in enumerate(cells)]


def _total(section: Section, name: str) -> Cell:
    if name in section.totals:
        return section.totals[name]
    return section.compare_totals.get(name.removesuffix("_previous")) if name.endswith("_previous") else None


def neutral(cell: Cell) -> Cell:
    """A figure stays a figure; text never starts a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
