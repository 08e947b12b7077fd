"""The budgets tab: each budget's amount against what was spent in the period.

Read without a comparison: a budget is what it is now, and Google keeps no history of its amount in reports. That is
also why every campaign is there, those without activity too.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.blocks import Cell, Column
from tools.connectors.gaql import MICROS
from tools.connectors.google_ads import AdsConnector
from tools.connectors.queries import AdsQuery
from tools.connectors.report import Answer, Row
from tools.connectors.tabs.record import AdsTab
from tools.connectors.tabs.report import MOST_ROWS, Section
from tools.ranges import Window

NOTE = "Budgets are shown as they are now, beside the spend of the period; they are not compared with another period."
SPEND = Column(name="cost", label="Cost", kind="money")
PERIOD_BUDGET = Column(name="period_budget", label="Budget of the period", kind="money")
USED = Column(name="budget_used", label="Budget used", kind="percent")
DAILY = Column(name="daily_budget", label="Daily budget", kind="money")
LOST = Column(name="lost_to_budget", label="Impression share lost to budget", kind="percent")
COLUMNS = (
    Column(name="campaign", label="Campaign"),
    Column(name="status", label="Status"),
    DAILY,
    PERIOD_BUDGET,
    SPEND,
    USED,
    LOST,
)
FIELDS = ("campaign_budget.id", "campaign_budget.amount_micros", "campaign.name", "campaign.status", "campaign.id")
QUERY = AdsQuery("campaign", FIELDS, ("cost", "lost_to_budget"))


@dataclass(slots=True)
class Budget:
    """One budget; several campaigns may share it. `daily` is units of the account's currency."""

    names: list[str]
    statuses: list[str]
    daily: float
    cost: float
    lost: float | None


async def read(connection: AdsConnector, window: Window) -> Answer:
    return await connection.reports(Window(window.current, None, window.today), QUERY)


def draw(answer: Answer) -> list[Section]:
    (report,) = answer.reports
    days = answer.meta.range.days if answer.meta.range else 0
    budgets = _budgets(report.rows)
    active = [each for each in budgets if "ENABLED" in each.statuses]
    daily, cost = sum(each.daily for each in active), report.totals["cost"]
    whole: dict[str, Cell] = {
        "daily_budget": round(daily, 2),
        "period_budget": round(daily * days, 2),
        "cost": round(cost, 2),
        "budget_used": _share(cost, daily * days),
    }
    shown = (DAILY, PERIOD_BUDGET, SPEND, USED)
    rows = [_row(each, days) for each in budgets]
    return [
        Section(
            id="totals",
            title="Totals",
            kind="metrics",
            columns=list(shown),
            rows=[[whole[column.name] for column in shown]],
            totals=whole,
            notes=[NOTE],
        ),
        Section(
            id="budgets",
            title="Budgets",
            kind="table",
            columns=list(COLUMNS),
            rows=rows[:MOST_ROWS],
            totals=whole,
            truncated=max(0, len(rows) - MOST_ROWS),
        ),
    ]


def _budgets(rows: tuple[Row, ...]) -> list[Budget]:
    found: dict[str, Budget] = {}
    for row in rows:
        number, amount, name, status, campaign = row.key
        budget = found.setdefault(number or campaign, Budget([], [], int(amount or 0) / MICROS, 0.0, None))
        budget.lost = row.values["lost_to_budget"] if not budget.names else None  # a share belongs to one campaign
        budget.names.append(name)
        budget.statuses.append(status)
        budget.cost += row.values["cost"]
    return sorted(found.values(), key=lambda each: (-each.cost, each.names))


def _row(budget: Budget, days: int) -> list[Cell]:
    return [
        ", ".join(budget.names),
        "ENABLED" if "ENABLED" in budget.statuses else budget.statuses[0],
        round(budget.daily, 2),
        round(budget.daily * days, 2),
        round(budget.cost, 2),
        _share(budget.cost, budget.daily * days),
        None if budget.lost is None else round(budget.lost, 4),
    ]


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


TAB = AdsTab("budgets", "Budgets", read, draw)
