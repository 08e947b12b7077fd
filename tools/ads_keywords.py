"""`ads_keywords`: what is bid on, with quality scores."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tools.ads_campaigns import CAMPAIGN_KEYS, SortBy, campaign_clause, campaign_notes
from tools.arguments import Campaign, ListArguments
from tools.blocks import Column
from tools.connectors.queries import AdsQuery
from tools.connectors.report import Report
from tools.notes import Notes
from tools.pictures import table_block
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import tabulate

FIELDS = (
    "ad_group_criterion.keyword.text",
    "ad_group_criterion.keyword.match_type",
    "ad_group_criterion.quality_info.quality_score",
    "campaign.name",
    "ad_group.name",
)
KEYS = (
    Column(name="keyword", label="Keyword"),
    Column(name="match_type", label="Match type"),
    Column(name="quality_score", label="Quality score", kind="integer"),
    *CAMPAIGN_KEYS,
    Column(name="ad_group", label="Ad group"),
)
SHOWN = ("impressions", "clicks", "ctr", "cost", "avg_cpc", "conversions", "cpa")
LOW_QUALITY = 4


class KeywordsArguments(ListArguments):
    campaign: Campaign = None
    match_type: Annotated[Literal["all", "exact", "phrase", "broad"], Field(description="Only this match type.")] = (
        "all"
    )
    sort_by: SortBy = "cost"


async def keywords(ctx: ToolContext, args: KeywordsArguments) -> ToolResult:
    connection = await ctx.connectors.google_ads(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    match: tuple[str, ...] = ()
    if args.match_type != "all":
        match = (f"ad_group_criterion.keyword.match_type = '{args.match_type.upper()}'",)
    where = (*(await campaign_clause(connection, args.campaign)), *match)
    answer = await connection.reports(window, AdsQuery("keyword_view", FIELDS, where=where, order_by=args.sort_by))
    found = answer.reports[0]
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(notes, "Keywords", answer, found, KEYS, SHOWN, ("cost",), args.limit)
    for row in result.rows:
        row[2] = int(str(row[2])) if str(row[2]).isdigit() and row[2] != "0" else None  # 0 means Google gave no score
    result.notes += campaign_notes(notes, found) + _quality_notes(notes, found)
    result.blocks = table_block(result)
    return result


def _quality_notes(notes: Notes, report: Report) -> list[str]:
    low = [row for row in report.rows if row.key[2].isdigit() and 1 <= int(row.key[2]) <= LOW_QUALITY]
    cost, spend = sum(row.values["cost"] for row in low), report.totals.get("cost")
    if not cost or not spend:
        return []
    words = ", ".join(notes.quoted(row) for row in low[:3])
    share = notes.number(cost / spend, "percent")
    return [notes.say("low_quality", cost=notes.metric("cost", cost), share=share, words=words)]


TOOLS = (
    Tool(
        name="ads_keywords",
        description="Google Ads keywords (what is bid on) with match type, quality score (1 to 10), campaign, ad "
        "group and figures. What people typed is in ads_search_terms.",
        arguments=KeywordsArguments,
        run=keywords,
        needs=frozenset({"google-ads"}),
    ),
)
