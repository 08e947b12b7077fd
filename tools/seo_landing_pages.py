"""`seo_landing_pages`: where visits begin, from all channels or one, and which of those pages need work."""

from __future__ import annotations

from tools.arguments import Channel, ListArguments
from tools.connectors.queries import Filter, Ga4Query
from tools.ga4_pages import PathText
from tools.notes import Notes
from tools.pictures import bar_chart, table_block
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import tabulate

ORGANIC = Filter("sessionDefaultChannelGroup", "==", "Organic Search")
METRICS = (
    "sessions",
    "engagementRate",
    "bounceRate",
    "sessionKeyEventRate",
    "keyEvents",
    "ecommercePurchases",
    "totalRevenue",
)


class LandingArguments(ListArguments):
    path_contains: PathText = None
    channel: Channel = None


async def landing_pages(ctx: ToolContext, args: LandingArguments) -> ToolResult:
    connection = await ctx.connectors.ga4(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    filters = landing_filters(args)
    answer = await connection.reports(
        window, Ga4Query(("landingPage",), METRICS, filters, "sessions", limit=max(args.limit, 25))
    )
    found = answer.reports[0]
    compared = ("sessions", "engagementRate")
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(notes, _title(args), answer, found, compared=compared, limit=args.limit)
    result.notes += notes.movers(found, "sessions") + notes.weak_pages(found)
    result.blocks = bar_chart(f"Sessions: {_title(args).lower()}", found, "sessions", answer.meta) + table_block(result)
    return result


def landing_filters(args: LandingArguments) -> tuple[Filter, ...]:
    filters = []
    if args.channel:
        filters.append(Filter("sessionDefaultChannelGroup", "==", args.channel))
    if args.path_contains:
        filters.append(Filter("landingPage", "=@", args.path_contains))
    return tuple(filters)


def _title(args: LandingArguments) -> str:
    return f"Landing pages, {args.channel}" if args.channel else "Landing pages"


TOOLS = (
    Tool(
        name="seo_landing_pages",
        description="Landing pages: where visits begin, with sessions, engagement, bounce, key events, purchases and "
        "revenue, of all channels or one (`channel`: Organic Search for SEO questions); notes name pages that lose "
        "visits or engage worse than the rest.",
        arguments=LandingArguments,
        run=landing_pages,
        needs=frozenset({"ga4"}),
    ),
)
