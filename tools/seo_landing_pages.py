"""`seo_landing_pages`: where visits from organic search begin, and which of those pages need work."""

from __future__ import annotations

from tools.arguments import ListArguments
from tools.connectors.queries import Filter, Ga4Query
from tools.ga4_pages import PathText
from tools.notes import Notes
from tools.pictures import bar_chart, table_block
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import tabulate

ORGANIC = Filter("sessionDefaultChannelGroup", "==", "Organic Search")
METRICS = ("sessions", "engagementRate", "bounceRate", "sessionKeyEventRate", "keyEvents", "totalRevenue")


class LandingArguments(ListArguments):
    path_contains: PathText = None


async def landing_pages(ctx: ToolContext, args: LandingArguments) -> ToolResult:
    connection = await ctx.connectors.ga4(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    filters = (ORGANIC, Filter("landingPage", "=@", args.path_contains)) if args.path_contains else (ORGANIC,)
    answer = await connection.reports(
        window, Ga4Query(("landingPage",), METRICS, filters, "sessions", limit=max(args.limit, 25))
    )
    found = answer.reports[0]
    compared = ("sessions", "engagementRate")
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(notes, "Organic landing pages", answer, found, compared=compared, limit=args.limit)
    result.notes += notes.movers(found, "sessions") + notes.weak_pages(found)
    result.blocks = bar_chart("Organic sessions by landing page", found, "sessions", answer.meta) + table_block(result)
    return result


TOOLS = (
    Tool(
        name="seo_landing_pages",
        description="Pages where visits from organic search begin, with sessions, engagement, bounce, key events and "
        "revenue; notes name pages that lose visits or engage worse than the rest.",
        arguments=LandingArguments,
        run=landing_pages,
        needs=frozenset({"ga4"}),
    ),
)
