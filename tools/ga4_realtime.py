"""`ga4_realtime`: who is on the site right now (the last 30 minutes)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tools.arguments import Arguments, Limit
from tools.connectors.queries import Ga4Query
from tools.notes import Notes
from tools.pictures import bar_chart, table_block
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import tabulate

DIMENSION = {"country": "country", "device": "deviceCategory", "page": "unifiedScreenName", "event": "eventName"}


class RealtimeArguments(Arguments):
    by: Annotated[Literal["country", "device", "page", "event"], Field(description="What to group by.")] = "page"
    limit: Limit = 10


async def realtime(ctx: ToolContext, args: RealtimeArguments) -> ToolResult:
    connection = await ctx.connectors.ga4(ctx.scope)
    metric = "eventCount" if args.by == "event" else "activeUsers"
    metrics = ("eventCount",) if args.by == "event" else ("activeUsers", "screenPageViews")
    answer = await connection.realtime(Ga4Query((DIMENSION[args.by],), metrics, (), metric, limit=args.limit))
    found = answer.reports[0]
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(notes, f"Last 30 minutes by {args.by}", answer, found, limit=args.limit)
    if found.empty:
        result.notes = [notes.say("empty_now")]
    result.blocks = bar_chart(result.title, found, metric, answer.meta) + table_block(result)
    return result


TOOLS = (
    Tool(
        name="ga4_realtime",
        description="Users active in the last 30 minutes by page, country or device, or events. Use it only for "
        "questions about right now.",
        arguments=RealtimeArguments,
        run=realtime,
        needs=frozenset({"ga4"}),
    ),
)
