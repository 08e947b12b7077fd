"""`ga4_traffic_sources`: where visits come from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tools.arguments import Channel, ListArguments
from tools.connectors.queries import Filter, Ga4Query
from tools.notes import Notes
from tools.pictures import bar_chart, table_block
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import tabulate

DIMENSION = {
    "channel": "sessionDefaultChannelGroup",
    "source_medium": "sessionSourceMedium",
    "campaign": "sessionCampaignName",
    "first_channel": "firstUserDefaultChannelGroup",
}
METRICS = (
    "sessions",
    "engagedSessions",
    "engagementRate",
    "keyEvents",
    "sessionKeyEventRate",
    "ecommercePurchases",
    "totalRevenue",
)
FIRST_METRICS = ("newUsers", "keyEvents", "totalRevenue")


class SourcesArguments(ListArguments):
    by: Annotated[
        Literal["channel", "source_medium", "campaign", "first_channel"],
        Field(description="first_channel is the channel that first brought the user; the others are the session's."),
    ] = "channel"
    channel: Channel = None


async def traffic_sources(ctx: ToolContext, args: SourcesArguments) -> ToolResult:
    connection = await ctx.connectors.ga4(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    metrics = FIRST_METRICS if args.by == "first_channel" else METRICS
    filters = (Filter("sessionDefaultChannelGroup", "==", args.channel),) if args.channel else ()
    answer = await connection.reports(
        window, Ga4Query((DIMENSION[args.by],), metrics, filters, metrics[0], limit=args.limit)
    )
    found = answer.reports[0]
    compared = (metrics[0], "keyEvents", "totalRevenue")
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(
        notes, f"Traffic by {args.by.replace('_', ' ')}", answer, found, compared=compared, limit=args.limit
    )
    result.notes += notes.share(found, metrics[0]) + notes.movers(found, metrics[0])
    result.blocks = bar_chart(result.title, found, metrics[0], answer.meta) + table_block(result)
    return result


TOOLS = (
    Tool(
        name="ga4_traffic_sources",
        description="Where visits come from (channels, source / medium, campaigns), with sessions, engagement, key "
        "events and revenue of each.",
        arguments=SourcesArguments,
        run=traffic_sources,
        needs=frozenset({"ga4"}),
    ),
)
