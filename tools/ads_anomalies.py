"""`ads_anomalies`: days on which the account did something unusual, and the campaign behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from statistics import median
from typing import Annotated, Literal

from pydantic import Field

from tools.ads_campaigns import campaign_clause
from tools.anomalies import FEWEST, WEEKS, Anomaly, unusual_days, usual
from tools.arguments import Arguments, Campaign, RangeText
from tools.blocks import Column
from tools.connectors.queries import AdsQuery
from tools.connectors.report import Report, Row
from tools.metrics import column, rounded
from tools.notes import Notes
from tools.pictures import daily_chart, table_block
from tools.ranges import Window, days_of, parse_window
from tools.record import Tool, ToolContext
from tools.result import Period, ToolResult

Series = dict[date, float]
METRICS = ("cost", "clicks", "conversions")
MOST = 4  # of one metric, in the account and again within campaigns
FEW = 0.05  # of the whole, below which a campaign is not looked at
COLUMNS = (
    Column(name="date", label="Date", kind="date"),
    Column(name="campaign", label="Campaign"),
    Column(name="metric", label="Metric"),
    Column(name="value", label="Value", kind="number"),
    Column(name="usual", label="Usual", kind="number"),
    Column(name="z", label="Z", kind="number"),
    Column(name="main_cause", label="Main cause"),
    Column(name="cause_value", label="Value there", kind="number"),
    Column(name="cause_usual", label="Usual there", kind="number"),
)


class AnomaliesArguments(Arguments):
    range: RangeText = "14days"
    metric: Annotated[Literal["all", "cost", "clicks", "conversions"], Field(description="What to look at.")] = "all"
    campaign: Campaign = None


async def anomalies(ctx: ToolContext, args: AnomaliesArguments) -> ToolResult:
    connection = await ctx.connectors.google_ads(ctx.scope)
    window = parse_window(args.range, "none", connection.today())
    where = await campaign_clause(connection, args.campaign)
    history = Period(start=window.current.start - timedelta(weeks=WEEKS), end=window.current.end)
    query = AdsQuery("campaign", ("segments.date", "campaign.name"), METRICS, where, None)
    answer = await connection.reports(Window(history, None, window.today), query)
    days = [day for day in days_of(window.current) if day < window.today]
    notes = Notes.of(ctx.language, answer.meta)
    meta = answer.meta.model_copy(update={"range": window.current})
    result = ToolResult(title="Unusual days in Google Ads", meta=meta, columns=list(COLUMNS))
    result.notes = _search(notes, answer.reports[0], args, days, result)
    result.blocks = daily_chart("Cost by day", _by_day(answer.reports[0]), "cost", meta) + table_block(result)
    return result


def _search(notes: Notes, report: Report, args: AnomaliesArguments, days: list[date], result: ToolResult) -> list[str]:
    if report.empty:
        return notes.empty(report, result.meta)
    out = []
    for metric in METRICS if args.metric == "all" else (args.metric,):
        series, campaigns = _series(report, metric)
        whole = unusual_days(series, days, counts=metric != "cost")[:MOST]
        for found in whole:
            cause = _cause(found, campaigns)
            result.rows.append(_cells(None, metric, found, cause))
            out.append(_sentence(notes, "", metric, found, cause))
        inside = campaigns if metric != "conversions" else {}  # too few a day in one campaign to judge
        for name, found in _inside(inside, days, {each.day for each in whole}, metric):
            result.rows.append(_cells(name, metric, found, None))
            out.append(_sentence(notes, name, metric, found, None))
    judged, _ = _series(report, "cost")
    known = [day for day in days if len(usual(judged, day)) >= FEWEST]
    if len(known) < len(days):
        out.append(notes.say("history_short"))
    result.totals = {"unusual_days": len({row[0] for row in result.rows}), "days_checked": len(known)}
    return out if result.rows or not known else [notes.say("anomaly_none", weeks=WEEKS), *out]


def _inside(
    campaigns: Mapping[str, Series], days: list[date], known: set[date], metric: str
) -> list[tuple[str, Anomaly]]:
    """Unusual days of single campaigns of some size that do not show in the account as a whole."""
    size = sum(sum(series.values()) for series in campaigns.values())
    found = [
        (name, each)
        for name, series in campaigns.items()
        if sum(series.values()) >= FEW * size
        for each in unusual_days(series, days, counts=metric != "cost")
        if each.day not in known
    ]
    return sorted(found, key=lambda each: -abs(each[1].score))[:MOST]


def _series(report: Report, metric: str) -> tuple[Series, dict[str, Series]]:
    """The account's days and each campaign's. Days the account has data for count as zero where a campaign has none."""
    whole: Series = {}
    campaigns: dict[str, Series] = {}
    for row in report.rows:
        day = date.fromisoformat(row.key[0])
        whole[day] = whole.get(day, 0) + row.values[metric]
        campaigns.setdefault(row.key[1], {})[day] = row.values[metric]
    if whole:
        for day in days_of(Period(start=min(whole), end=max(whole))):
            whole.setdefault(day, 0.0)
    for series in campaigns.values():
        for day in whole:
            series.setdefault(day, 0.0)
    return whole, campaigns


def _cause(found: Anomaly, campaigns: Mapping[str, Series]) -> tuple[str, float, float] | None:
    """The campaign whose distance from its own usual explains most of the account's, in the same direction."""
    direction = 1 if found.value > found.usual else -1
    moved = [
        (direction * (series[found.day] - median(usual(series, found.day))), name) for name, series in campaigns.items()
    ]
    step, name = max(moved)
    if step <= 0:
        return None
    return name, campaigns[name][found.day], median(usual(campaigns[name], found.day))


def _cells(
    campaign: str | None, metric: str, found: Anomaly, cause: tuple[str, float, float] | None
) -> list[str | int | float | None]:
    kind = column(metric).kind
    name, there, usually = cause or (None, None, None)
    return [
        str(found.day),
        campaign or "(all)",
        metric,
        rounded(found.value, kind),
        rounded(found.usual, kind),
        found.score,
        name,
        rounded(there, kind),
        rounded(usually, kind),
    ]


def _sentence(notes: Notes, campaign: str, metric: str, found: Anomaly, cause: tuple[str, float, float] | None) -> str:
    because = ""
    if cause is not None:
        name, there, usually = cause
        because = notes.say(
            "cause", what=f"“{name}”", now=notes.metric(metric, there), usual=notes.metric(metric, usually)
        )
    return notes.say(
        "anomaly",
        day=found.day,
        metric=notes.label(metric),
        now=notes.metric(metric, found.value),
        usual=notes.metric(metric, found.usual),
        z=notes.number(found.score),
        cause=because,
        where=notes.say("where", what=f"“{campaign}”") if campaign else "",
    )


def _by_day(report: Report) -> Report:
    """The same rows added up by day, for the chart; only additive metrics are in it."""
    days: dict[str, dict[str, float]] = {}
    for row in report.rows:
        whole = days.setdefault(row.key[0], dict.fromkeys(METRICS, 0.0))
        for metric in METRICS:
            whole[metric] += row.values[metric]
    rows = tuple(Row((day,), values) for day, values in sorted(days.items()))
    return Report(("segments.date",), METRICS, rows, report.totals, None, len(rows))


TOOLS = (
    Tool(
        name="ads_anomalies",
        description="Days on which Google Ads cost, clicks or conversions were far from the same weekday of the eight "
        "weeks before, in the account and in single campaigns, with the campaign that explains most. Use it for what "
        "happened or why questions.",
        arguments=AnomaliesArguments,
        run=anomalies,
        needs=frozenset({"google-ads"}),
    ),
)
