"""`ads_overview`: how the Google Ads account did as a whole, by campaign."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from tools.ads_campaigns import CAMPAIGN_KEYS, campaign_notes, device_clause, device_fields
from tools.arguments import Device, RangeArguments
from tools.blocks import Column
from tools.connectors.queries import AdsQuery
from tools.metrics import ADS_CORE
from tools.notes import Notes
from tools.pictures import daily_chart, metric_blocks
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import Layout, tabulate

SHOWN = ("cost", "clicks", "conversions", "cpa", "roas")


DEVICE_KEYS = (Column(name="device", label="Device"),)


class OverviewArguments(RangeArguments):
    by: Annotated[Literal["campaign", "device"], Field(description="What each row is.")] = "campaign"
    device: Device = None


async def overview(ctx: ToolContext, args: OverviewArguments) -> ToolResult:
    connection = await ctx.connectors.google_ads(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    where, device = device_clause(args.device), device_fields(args.device)
    split = ("segments.device",) if args.by == "device" else ("campaign.name", *device)
    answer = await connection.reports(
        window,
        AdsQuery("customer", device, where=where),
        AdsQuery("customer" if args.by == "device" else "campaign", split, where=where),
        AdsQuery("customer", ("segments.date", *device), where=where, order_by=None),
    )
    whole, rows, days = answer.reports
    if args.by == "device":
        rows = replace(
            rows, rows=tuple(replace(row, key=(row.key[0].lower(),)) for row in rows.rows)
        )  # MOBILE at Google
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(
        notes,
        "Google Ads overview",
        answer,
        rows,
        DEVICE_KEYS if args.by == "device" else CAMPAIGN_KEYS,
        SHOWN,
        compared=("cost", "conversions"),
        limit=10,
    )
    layout = Layout((), ADS_CORE, ADS_CORE if window.compare else ())
    result.totals = layout.totals(whole.totals) | layout.changes(whole.totals, whole.previous_totals)
    result.compare_totals = layout.totals(whole.previous_totals)
    result.notes += notes.movers(rows, "cost", 1) + notes.movers(rows, "conversions", 1)
    result.notes += campaign_notes(notes, rows)
    result.blocks = metric_blocks(whole, ("cost", "conversions", "cpa", "roas"), answer.meta)
    result.blocks += daily_chart("Cost by day", days, "cost", answer.meta)
    return result


TOOLS = (
    Tool(
        name="ads_overview",
        description="Google Ads at a glance: impressions, clicks, CTR, cost, average CPC, conversions, conversion "
        "rate, cost per conversion, conversion value and ROAS of the whole account, by campaign or device. Start here "
        "for general questions.",
        arguments=OverviewArguments,
        run=overview,
        needs=frozenset({"google-ads"}),
        shape="totals",
    ),
)
