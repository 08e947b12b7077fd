"""`ga4_overview`: how the site or app did as a whole, by channel, with the days that stand out."""

from __future__ import annotations

from tools.arguments import RangeArguments
from tools.connectors.queries import Ga4Query
from tools.metrics import GA4_CORE, dimension
from tools.notes import Notes
from tools.pictures import daily_chart, metric_blocks
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import Layout, tabulate

CHANNEL = "sessionDefaultChannelGroup"


async def overview(ctx: ToolContext, args: RangeArguments) -> ToolResult:
    connection = await ctx.connectors.ga4(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    answer = await connection.reports(
        window,
        Ga4Query((), GA4_CORE, limit=1),
        Ga4Query(
            (CHANNEL,),
            ("sessions", "engagementRate", "keyEvents", "ecommercePurchases", "totalRevenue"),
            order_by="sessions",
            limit=20,
        ),
        Ga4Query(
            ("date",), ("sessions", "activeUsers", "keyEvents", "totalRevenue"), order_by="date", descending=False
        ),
    )
    whole, channels, days = answer.reports
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(
        notes, "GA4 overview", answer, channels, [dimension(CHANNEL)], compared=("sessions", "totalRevenue"), limit=12
    )
    layout = Layout((), GA4_CORE, GA4_CORE if window.compare else ())
    result.totals = layout.totals(whole.totals) | layout.changes(whole.totals, whole.previous_totals)
    result.compare_totals = layout.totals(whole.previous_totals)
    result.notes += notes.days(days, "sessions", window.today) + notes.movers(channels, "sessions", 1)
    result.notes += notes.movers(channels, "totalRevenue", 1)
    shown = ("activeUsers", "sessions", "keyEvents", "totalRevenue")
    result.blocks = metric_blocks(whole, shown, answer.meta) + daily_chart(
        "Sessions by day", days, "sessions", answer.meta
    )
    return result


TOOLS = (
    Tool(
        name="ga4_overview",
        description="Google Analytics 4 at a glance: users, sessions, engagement, views, key events (conversions) and "
        "revenue of the whole property, with sessions by channel. Start here for general questions about the website.",
        arguments=RangeArguments,
        run=overview,
        needs=frozenset({"ga4"}),
        shape="totals",
    ),
)
