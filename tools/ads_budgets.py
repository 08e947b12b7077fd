"""`ads_budget_pacing`: this month's spend against budget, and where the month will end.

A budget's month is its daily amount times the days of the month (Google may spend up to twice a day's amount, but not
more than 30.4 times it in a month). The projection is the spend so far plus the last seven complete days' average for
every remaining day, today included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tools.ads_campaigns import CAMPAIGN_KEYS, campaign_clause
from tools.arguments import Arguments, Campaign
from tools.blocks import Block, Cell, ChartBlock, Column, Series
from tools.connectors.queries import AdsQuery
from tools.connectors.report import Report
from tools.notes import Notes
from tools.pictures import table_block
from tools.ranges import Window, month_of
from tools.record import Tool, ToolContext
from tools.result import Period, ToolResult

PACE_DAYS = 7
OVER, UNDER = 1.05, 0.9
BUDGET_FIELDS = ("campaign.name", "campaign.status", "campaign_budget.id", "campaign_budget.amount_micros")
COLUMNS = (
    *CAMPAIGN_KEYS,
    Column(name="daily_budget", label="Daily budget", kind="money"),
    Column(name="month_budget", label="Month budget", kind="money"),
    Column(name="spent", label="Spent", kind="money"),
    Column(name="spent_share", label="Spent share", kind="percent"),
    Column(name="projected", label="Projected", kind="money"),
    Column(name="projected_share", label="Projected share", kind="percent"),
)


class PacingArguments(Arguments):
    campaign: Campaign = None


@dataclass(slots=True)
class Pace:
    """One budget: the campaigns that share it, its daily amount, the month's spend and the recent daily average."""

    names: list[str]
    daily: float
    spent: float
    recent: float

    def projected(self, days_left: int) -> float:
        return self.spent + self.recent * days_left


async def budget_pacing(ctx: ToolContext, args: PacingArguments) -> ToolResult:
    connection = await ctx.connectors.google_ads(ctx.scope)
    today = connection.today()
    month, yesterday = month_of(today), today - timedelta(days=1)
    where = (*(await campaign_clause(connection, args.campaign)), "campaign.status = 'ENABLED'")
    query = AdsQuery("campaign", BUDGET_FIELDS, ("cost",), where)
    recent = Period(start=today - timedelta(days=PACE_DAYS), end=yesterday)
    pace = await connection.reports(Window(recent, None, today), query)
    spent = pace
    if today.day > 1:
        spent = await connection.reports(Window(Period(start=month.start, end=yesterday), None, today), query)
    paces = _paces(spent.reports[0] if today.day > 1 else None, pace.reports[0])
    notes = Notes.of(ctx.language, pace.meta)
    result = ToolResult(title="Budget pacing this month", meta=spent.meta, columns=list(COLUMNS))
    days_left = month.days - today.day + 1
    result.rows = [_row(each, month.days, days_left) for each in paces]
    result.totals = _totals(paces, month.days, days_left)
    result.notes = _notes(notes, paces, result, today, month)
    result.blocks = _chart(result) + table_block(result)
    return result


def _paces(month: Report | None, recent: Report) -> list[Pace]:
    """Budgets by id, so that campaigns that share one are counted against it together."""
    paces: dict[str, Pace] = {}
    for row in recent.rows:
        name, _, budget, amount = row.key
        found = paces.setdefault(budget or name, Pace([], int(amount or 0) / 1_000_000, 0.0, 0.0))
        found.names.append(name)
        found.recent += row.values["cost"] / PACE_DAYS
    for row in month.rows if month is not None else ():
        name, _, budget, amount = row.key
        found = paces.setdefault(budget or name, Pace([name], int(amount or 0) / 1_000_000, 0.0, 0.0))
        found.spent += row.values["cost"]
    return sorted(paces.values(), key=lambda pace: -(pace.spent or pace.recent))


def _row(pace: Pace, month_days: int, days_left: int) -> list[Cell]:
    budget, projected = pace.daily * month_days, pace.projected(days_left)
    return [
        ", ".join(pace.names),
        round(pace.daily, 2),
        round(budget, 2),
        round(pace.spent, 2),
        _share(pace.spent, budget),
        round(projected, 2),
        _share(projected, budget),
    ]


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _totals(paces: list[Pace], month_days: int, days_left: int) -> dict[str, Cell]:
    whole = Pace([""], sum(p.daily for p in paces), sum(p.spent for p in paces), sum(p.recent for p in paces))
    return {column.name: cell for column, cell in zip(COLUMNS[1:], _row(whole, month_days, days_left)[1:], strict=True)}


def _notes(notes: Notes, paces: list[Pace], result: ToolResult, today: date, month: Period) -> list[str]:
    if not paces:
        return [notes.say("empty", start=month.start, end=today)]
    if today.day == 1:
        return [notes.say("month_start")]
    total = {name: float(cell) for name, cell in result.totals.items() if isinstance(cell, int | float)}
    out = [
        notes.say(
            "pacing",
            spent=notes.number(total["spent"], "money"),
            through=today - timedelta(days=1),
            share=notes.number(total.get("spent_share", 0), "percent"),
            budget=notes.number(total["month_budget"], "money"),
            projected=notes.number(total["projected"], "money"),
            end_share=notes.number(total.get("projected_share", 0), "percent"),
        )
    ]
    for row in result.rows:
        share = row[6]
        if isinstance(share, float) and not UNDER <= share <= OVER:
            key = "over" if share > OVER else "under"
            out.append(notes.say(key, what=f"“{row[0]}”", share=notes.number(share, "percent")))
    return out[:5]


def _chart(result: ToolResult) -> list[Block]:
    if len(result.rows) < 2:
        return []

    def cells(place: int) -> list[float | int | None]:
        return [cell if isinstance(cell, int | float) else None for cell in (row[place] for row in result.rows[:10])]

    budget = Series(label="Month budget", kind="money", values=cells(2))
    projected = Series(label="Projected", kind="money", values=cells(5))
    names = [str(row[0]) for row in result.rows[:10]]
    return [
        ChartBlock(
            title=result.title, shape="bar", categories=names, series=[budget, projected], currency=result.meta.currency
        )
    ]


TOOLS = (
    Tool(
        name="ads_budget_pacing",
        description="This month's Google Ads spend against the budgets of running campaigns, with a projection of the "
        "month's end; notes name budgets that will be overspent or left over. Always the current month.",
        arguments=PacingArguments,
        run=budget_pacing,
        needs=frozenset({"google-ads"}),
    ),
)
