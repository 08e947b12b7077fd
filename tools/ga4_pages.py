"""`ga4_top_pages`: which pages are seen."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.arguments import Channel, ListArguments
from tools.connectors.queries import Filter, Ga4Query
from tools.notes import Notes
from tools.pictures import bar_chart, table_block
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import tabulate

PathText = Annotated[str | None, Field(max_length=200, description="Only pages whose path contains this, e.g. /blog.")]
METRICS = ("screenPageViews", "activeUsers", "userEngagementDuration", "keyEvents")


class PagesArguments(ListArguments):
    path_contains: PathText = None
    channel: Channel = None


async def top_pages(ctx: ToolContext, args: PagesArguments) -> ToolResult:
    connection = await ctx.connectors.ga4(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    query = Ga4Query(("pagePath", "pageTitle"), METRICS, page_filters(args), "screenPageViews", limit=args.limit)
    answer = await connection.reports(window, query)
    found = answer.reports[0]
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(notes, "Top pages", answer, found, compared=("screenPageViews",), limit=args.limit)
    result.notes += notes.movers(found, "screenPageViews")
    result.blocks = bar_chart("Views by page", found, "screenPageViews", answer.meta) + table_block(result)
    return result


def page_filters(args: PagesArguments) -> tuple[Filter, ...]:
    filters = []
    if args.path_contains:
        filters.append(Filter("pagePath", "=@", args.path_contains))
    if args.channel:
        filters.append(Filter("sessionDefaultChannelGroup", "==", args.channel))
    return tuple(filters)


TOOLS = (
    Tool(
        name="ga4_top_pages",
        description="Most viewed pages with views, users, engagement time in seconds and key events. For pages where "
        "visits from search begin use seo_landing_pages.",
        arguments=PagesArguments,
        run=top_pages,
        needs=frozenset({"ga4"}),
    ),
)
