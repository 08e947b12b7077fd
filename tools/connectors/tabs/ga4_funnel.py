"""The funnel tab: from visit to purchase, both periods and every device in one report."""

from __future__ import annotations

from collections.abc import Mapping

from tools.blocks import Cell, Column
from tools.connectors.ga4 import Ga4Connector
from tools.connectors.report import Answer, Report, Row
from tools.connectors.tabs.record import Ga4Tab
from tools.connectors.tabs.report import Section
from tools.metrics import change, column, dimension, words
from tools.ranges import Window

STEPS = ("session_start", "view_item", "add_to_cart", "begin_checkout", "purchase")
SILENT = "No user reached some of the steps; their events may not be recorded."
USERS = Column(name="users", label="Users", kind="integer")
DONE = Column(name="completed", label="Completed", kind="integer")
RATE = Column(name="completion_rate", label="Completion rate", kind="percent")
BEFORE = Column(name="rate_from_previous", label="Share of the step before", kind="percent")
FIRST = Column(name="rate_from_first", label="Share of the first step", kind="percent")


async def read(connection: Ga4Connector, window: Window) -> Answer:
    return await connection.funnel(window, STEPS, "deviceCategory")


def draw(answer: Answer) -> list[Section]:
    steps, devices = answer.reports
    now = {row.key[0]: row.values["activeUsers"] for row in steps.rows}
    before = _before(steps.rows)
    return [
        Section(
            id="totals",
            title="Totals",
            kind="metrics",
            columns=_with_past((USERS, DONE, RATE), before),
            rows=[_whole(now, before)],
            totals=_totals(now),
            compare_totals=_totals(before) if before else {},
        ),
        Section(
            id="funnel",
            title="From visit to purchase",
            kind="funnel",
            columns=[Column(name="step", label="Step"), *_with_past((USERS,), before), BEFORE, FIRST],
            rows=[_step(place, now, before) for place in range(len(STEPS))],
            notes=[] if all(now.values()) or not any(now.values()) else [SILENT],
        ),
        _devices(devices, before is not None),
    ]


def _before(rows: tuple[Row, ...]) -> dict[str, float] | None:
    past = {row.key[0]: row.previous["activeUsers"] for row in rows if row.previous is not None}
    return past or None


def _with_past(columns: tuple[Column, ...], before: Mapping[str, float] | None) -> list[Column]:
    out = []
    for each in columns:
        out.append(each)
        if before is not None:
            out.append(Column(name=f"{each.name}_previous", label=f"{each.label} before", kind=each.kind))
            out.append(Column(name=f"{each.name}_change", label=f"{each.label} change", kind="percent"))
    return out


def _pair(now: float | None, before: float | None, compared: bool, digits: int | None = None) -> list[Cell]:
    cells: list[Cell] = [_rounded(now, digits)]
    return [*cells, _rounded(before, digits), change(now, before)] if compared else cells


def _rounded(number: float | None, digits: int | None) -> Cell:
    return None if number is None else round(number, digits)


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _whole(now: dict[str, float], before: dict[str, float] | None) -> list[Cell]:
    past, compared = before or {}, before is not None
    first, last = STEPS[0], STEPS[-1]
    rate = share(now[last], now[first])
    rate_before = share(past.get(last, 0), past.get(first, 0))
    return [
        *_pair(now[first], past.get(first), compared),
        *_pair(now[last], past.get(last), compared),
        *_pair(rate, rate_before, compared, 4),
    ]


def _totals(users: dict[str, float]) -> dict[str, Cell]:
    rate = share(users[STEPS[-1]], users[STEPS[0]])
    found = {"users": round(users[STEPS[0]]), "completed": round(users[STEPS[-1]])}
    return {**found, "completion_rate": _rounded(rate, 4)}


def _step(place: int, now: dict[str, float], before: dict[str, float] | None) -> list[Cell]:
    name, users = STEPS[place], now[STEPS[place]]
    counted = _pair(users, (before or {}).get(name), before is not None)
    earlier = share(users, now[STEPS[place - 1]]) if place else None
    return [name, *counted, _rounded(earlier, 4), _rounded(share(users, now[STEPS[0]]), 4)]


def _devices(report: Report, compared: bool) -> Section:
    """Users of each device at every step; they are counted by the device of the first one."""
    steps = tuple(Column(name=step, label=words(step), kind="integer") for step in STEPS)
    past: dict[str, float] | None = {} if compared else None
    return Section(
        id="devices",
        title="Devices",
        kind="table",
        columns=[dimension("deviceCategory"), *_with_past(steps, past), column("completion_rate", "percent")],
        rows=[_device(row, compared) for row in report.rows],
    )


def _device(row: Row, compared: bool) -> list[Cell]:
    cells: list[Cell] = [row.key[0]]
    for step in STEPS:
        cells += _pair(row.values.get(step, 0.0), (row.previous or {}).get(step, 0.0), compared)
    return [*cells, _rounded(share(row.values.get(STEPS[-1], 0), row.values.get(STEPS[0], 0)), 4)]


TAB = Ga4Tab("funnels", "Funnels", read, draw)
