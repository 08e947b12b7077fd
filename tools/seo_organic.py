"""`seo_organic_traffic`: what organic search brings, from which engines, and how it moves."""

from __future__ import annotations

from tools.arguments import Device, ListArguments
from tools.connectors.queries import Filter, Ga4Query
from tools.metrics import dimension
from tools.notes import Notes
from tools.pictures import daily_chart, metric_blocks
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.seo_landing_pages import ORGANIC
from tools.tables import tabulate

METRICS = (
    "sessions",
    "engagedSessions",
    "engagementRate",
    "newUsers",
    "keyEvents",
    "ecommercePurchases",
    "totalRevenue",
)


class OrganicArguments(ListArguments):
    device: Device = None


async def organic_traffic(ctx: ToolContext, args: OrganicArguments) -> ToolResult:
    connection = await ctx.connectors.ga4(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    device = (Filter("deviceCategory", "==", args.device),) if args.device else ()
    organic = (ORGANIC, *device)
    answer = await connection.reports(
        window,
        Ga4Query(("sessionSource",), METRICS, organic, "sessions", limit=args.limit),
        Ga4Query(("date",), ("sessions", "keyEvents"), organic, "date", descending=False),
        Ga4Query(("landingPage",), ("sessions",), organic, "sessions", limit=50),
        Ga4Query((), ("sessions",), device, limit=1),
    )
    engines, days, pages, whole = answer.reports
    keys, compared = [dimension("sessionSource")], ("sessions", "keyEvents", "totalRevenue")
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(notes, "Organic search traffic", answer, engines, keys, compared=compared, limit=args.limit)
    result.notes += notes.share_of("Organic search", engines.totals, whole.totals, "sessions")
    result.notes += notes.days(days, "sessions", window.today) + notes.movers(pages, "sessions")
    shown = ("sessions", "keyEvents", "totalRevenue")
    result.blocks = metric_blocks(engines, shown, answer.meta)
    result.blocks += daily_chart("Organic sessions by day", days, "sessions", answer.meta)
    return result


TOOLS = (
    Tool(
        name="seo_organic_traffic",
        description="Visits from organic search in total and by search engine, with engagement, key events and "
        "revenue, its share of all sessions, days that stand out and landing pages that moved most.",
        arguments=OrganicArguments,
        run=organic_traffic,
        needs=frozenset({"ga4"}),
    ),
)
