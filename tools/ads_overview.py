"""`ads_overview`: how the Google Ads account did as a whole, by campaign."""

from __future__ import annotations

from tools.ads_campaigns import CAMPAIGN_KEYS, campaign_notes
from tools.arguments import RangeArguments
from tools.connectors.queries import AdsQuery
from tools.metrics import ADS_CORE
from tools.notes import Notes
from tools.pictures import daily_chart, metric_blocks
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import Layout, tabulate

SHOWN = ("cost", "clicks", "conversions", "cpa", "roas")


async def overview(ctx: ToolContext, args: RangeArguments) -> ToolResult:
    connection = await ctx.connectors.google_ads(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    answer = await connection.reports(
        window,
        AdsQuery("customer", ()),
        AdsQuery("campaign", ("campaign.name",)),
        AdsQuery("customer", ("segments.date",), order_by=None),
    )
    whole, campaigns, days = answer.reports
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(
        notes,
        "Google Ads overview",
        answer,
        campaigns,
        CAMPAIGN_KEYS,
        SHOWN,
        compared=("cost", "conversions"),
        limit=10,
    )
    layout = Layout((), ADS_CORE, ADS_CORE if window.compare else ())
    result.totals = layout.totals(whole.totals) | layout.changes(whole.totals, whole.previous_totals)
    result.compare_totals = layout.totals(whole.previous_totals)
    result.notes += notes.movers(campaigns, "cost", 1) + notes.movers(campaigns, "conversions", 1)
    result.notes += campaign_notes(notes, campaigns)
    result.blocks = metric_blocks(whole, ("cost", "conversions", "cpa", "roas"), answer.meta)
    result.blocks += daily_chart("Cost by day", days, "cost", answer.meta)
    return result


TOOLS = (
    Tool(
        name="ads_overview",
        description="Google Ads at a glance: impressions, clicks, CTR, cost, average CPC, conversions, conversion "
        "rate, cost per conversion, conversion value and ROAS of the whole account, with its campaigns. Start here for "
        "general questions about Google Ads.",
        arguments=RangeArguments,
        run=overview,
        needs=frozenset({"google-ads"}),
        shape="totals",
    ),
)
