"""`ads_search_terms` and `ads_wasted_spend`: what people typed, and what of it cost money for nothing."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.ads_campaigns import CAMPAIGN_KEYS, SortBy, campaign_clause, idle_campaigns
from tools.arguments import Campaign, Limit, ListArguments, RangeArguments
from tools.blocks import Column
from tools.connectors.queries import AdsQuery
from tools.connectors.report import Report, Row
from tools.metrics import value
from tools.notes import Notes
from tools.pictures import bar_chart, table_block
from tools.ranges import Window, parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import tabulate

FIELDS = ("search_term_view.search_term", "campaign.name", "ad_group.name")
KEYS = (
    Column(name="search_term", label="Search term"),
    *CAMPAIGN_KEYS,
    Column(name="ad_group", label="Ad group"),
)
SHOWN = ("impressions", "clicks", "ctr", "cost", "conversions", "cpa")


class SearchTermsArguments(ListArguments):
    campaign: Campaign = None
    contains: Annotated[str | None, Field(max_length=100, description="Only terms that contain this text.")] = None
    sort_by: SortBy = "cost"


class WasteArguments(RangeArguments):
    campaign: Campaign = None
    min_cost: Annotated[
        float, Field(ge=0, description="Ignore terms that cost less than this, in the account's currency.")
    ] = 0
    limit: Limit = 15


async def search_terms(ctx: ToolContext, args: SearchTermsArguments) -> ToolResult:
    connection = await ctx.connectors.google_ads(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    where = await campaign_clause(connection, args.campaign)
    answer = await connection.reports(
        window, AdsQuery("search_term_view", FIELDS, where=where, order_by=args.sort_by), _spend(where)
    )
    terms, whole = answer.reports
    found = _containing(terms, args.contains) if args.contains else terms
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(notes, "Search terms", answer, found, KEYS, SHOWN, ("cost", "conversions"), args.limit)
    result.notes += _coverage(notes, terms, whole) + notes.movers(found, "cost", 2)
    result.blocks = bar_chart("Cost by search term", found, "cost", answer.meta) + table_block(result)
    return result


async def wasted_spend(ctx: ToolContext, args: WasteArguments) -> ToolResult:
    connection = await ctx.connectors.google_ads(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    where = await campaign_clause(connection, args.campaign)
    queries = (AdsQuery("search_term_view", FIELDS, where=where), _spend(where))
    answer = await connection.reports(Window(window.current, None, window.today), *queries)
    terms, whole = answer.reports
    waste = _wasted(terms, args.min_cost)
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(
        notes, "Search terms with cost and no conversion", answer, waste, KEYS, WASTE_SHOWN, (), args.limit
    )
    for row, source in zip(result.rows, waste.rows, strict=False):
        row.append(_share(source.values["cost"], whole))
    result.columns.append(Column(name="share_of_spend", label="Share of spend", kind="percent"))
    result.totals |= _totals(waste, whole)
    if window.compare is not None:
        before = await connection.reports(Window(window.compare, None, window.today), *queries)
        past = _wasted(before.reports[0], args.min_cost)
        result.meta = answer.meta.model_copy(update={"compare": window.compare})
        totals = {"cost": round(past.totals["cost"], 2), **_totals(past, before.reports[1])}
        result.compare_totals = {name: cell for name, cell in totals.items() if cell is not None}
    if whole.totals.get("cost"):
        result.notes = _waste_notes(notes, terms, waste, whole, args.min_cost) + _coverage(notes, terms, whole)
        result.notes += idle_campaigns(notes, whole)
    result.blocks = bar_chart("Cost without conversions", waste, "cost", answer.meta) + table_block(result)
    return result


WASTE_SHOWN = ("impressions", "clicks", "cost", "conversions")


def _spend(where: tuple[str, ...]) -> AdsQuery:
    """All spend under the same condition by campaign, also what Google shows no search term for."""
    return AdsQuery("campaign", ("campaign.name",), where=where)


def _containing(report: Report, text: str) -> Report:
    return subset(report, [row for row in report.rows if text.casefold() in row.key[0].casefold()])


def _wasted(report: Report, min_cost: float) -> Report:
    """Terms that cost something and converted nowhere in the account: summed over campaigns, so that a term which
    converts in one ad group is not called waste for another."""
    converted = {row.key[0] for row in report.rows if row.values["conversions"] > 0}
    cost: dict[str, float] = {}
    for row in report.rows:
        cost[row.key[0]] = cost.get(row.key[0], 0) + row.values["cost"]
    return subset(
        report,
        [r for r in report.rows if r.values["cost"] > 0 and r.key[0] not in converted and cost[r.key[0]] >= min_cost],
    )


def subset(report: Report, rows: list[Row]) -> Report:
    """Some rows of a complete report, with totals that are sums of additive metrics over exactly these rows."""
    totals = {name: sum(row.values.get(name, 0) for row in rows) for name in report.metrics}
    before = None
    if report.previous_totals is not None:
        before = {name: sum((row.previous or {}).get(name, 0) for row in rows) for name in report.metrics}
    return Report(report.dimensions, report.metrics, tuple(rows), totals, before, len(rows), report.kinds)


def _totals(waste: Report, whole: Report) -> dict[str, float | int | None]:
    return {
        "wasted_terms": len({row.key[0] for row in waste.rows}),
        "account_cost": round(whole.totals.get("cost", 0), 2),
        "share_of_spend": _share(waste.totals["cost"], whole),
    }


def _share(cost: float, whole: Report) -> float | None:
    spend = whole.totals.get("cost", 0)
    return round(cost / spend, 4) if spend else None


def _waste_notes(notes: Notes, terms: Report, waste: Report, whole: Report, min_cost: float) -> list[str]:
    spend = whole.totals["cost"]
    if not terms.rows:
        return [notes.say("terms_none", spend=notes.metric("cost", spend))]
    if not waste.rows:
        return [notes.say("waste_none", minimum=notes.metric("cost", min_cost))]
    top = ", ".join(f"{notes.quoted(row)} {notes.metric('cost', value(row.values, 'cost'))}" for row in waste.rows[:3])
    count = len({row.key[0] for row in waste.rows})
    return [
        notes.say(
            "waste_one" if count == 1 else "waste",
            count=count,
            cost=notes.metric("cost", waste.totals["cost"]),
            share=notes.number(waste.totals["cost"] / spend, "percent"),
            spend=notes.metric("cost", spend),
        ),
        notes.say("waste_top", terms=top),
        notes.say("waste_negative"),
    ]


def _coverage(notes: Notes, terms: Report, whole: Report) -> list[str]:
    spend = whole.totals.get("cost", 0)
    seen = sum(row.values["cost"] for row in terms.rows)
    if not terms.rows or not spend or seen >= 0.995 * spend:
        return []
    return [notes.say("terms_cover", share=notes.number(seen / spend, "percent"))]


TOOLS = (
    Tool(
        name="ads_search_terms",
        description="What people typed before they clicked a Google ad, with cost, clicks and conversions of each.",
        arguments=SearchTermsArguments,
        run=search_terms,
        needs=frozenset({"google-ads"}),
    ),
    Tool(
        name="ads_wasted_spend",
        description="Where Google Ads money is wasted: search terms that cost money and brought no conversion, their "
        "sum and its share of all spend. Use it for waste, savings and negative-keyword questions.",
        arguments=WasteArguments,
        run=wasted_spend,
        needs=frozenset({"google-ads"}),
    ),
)
