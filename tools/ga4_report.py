"""`ga4_report`: any GA4 question the other tools do not answer, in the API's own names."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from camarad.errors import BadInput
from tools.arguments import ListArguments
from tools.blocks import Block
from tools.connectors.queries import FILTER_HELP, Ga4Query, parse_filter
from tools.connectors.report import Report
from tools.metrics import column, dimension
from tools.notes import Notes
from tools.pictures import bar_chart, daily_chart, metric_blocks, table_block
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import tabulate

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_:]*$", max_length=80)]


class ReportArguments(ListArguments):
    metrics: list[Name] = Field(
        min_length=1,
        max_length=10,
        description="GA4 API metric names, e.g. sessions, activeUsers, newUsers, engagementRate, bounceRate, "
        "screenPageViews, eventCount, keyEvents, sessionKeyEventRate, totalRevenue, transactions.",
    )
    dimensions: list[Name] = Field(
        default_factory=list,
        max_length=4,
        description="GA4 API dimension names, e.g. date, sessionDefaultChannelGroup, sessionSourceMedium, pagePath, "
        "landingPage, deviceCategory, country, city, eventName. Empty gives totals only.",
    )
    filters: list[str] = Field(default_factory=list, max_length=8, description=f"All must hold. {FILTER_HELP}")
    order_by: Annotated[
        Name | None, Field(description="One of the metrics (largest first) or dimensions; default the first metric.")
    ] = None


async def report(ctx: ToolContext, args: ReportArguments) -> ToolResult:
    names = (*args.dimensions, *args.metrics)
    if args.order_by is not None and args.order_by not in names:
        raise BadInput(f"order_by {args.order_by!r} is not in this report.", hint=f"Use one of {', '.join(names)}.")
    connection = await ctx.connectors.ga4(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    order = args.order_by or ("date" if args.dimensions[:1] == ["date"] else args.metrics[0])
    query = Ga4Query(
        dimensions=tuple(args.dimensions),
        metrics=tuple(args.metrics),
        filters=tuple(parse_filter(text) for text in args.filters),
        order_by=order,
        descending=order in args.metrics,
        limit=args.limit,
    )
    answer = await connection.reports(window, query)
    found = answer.reports[0]
    limit = max(args.limit, window.current.days) if args.dimensions == ["date"] else args.limit
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(notes, _title(args), answer, found, compared=args.metrics[:3], limit=limit, whole=True)
    result.blocks = _drawn(args, result, found)
    return result


def _drawn(args: ReportArguments, result: ToolResult, found: Report) -> list[Block]:
    """Totals alone are tiles; a table of one nameless row would say the same worse."""
    if not args.dimensions:
        return [] if found.empty else metric_blocks(found, args.metrics[:4], result.meta)
    draw = daily_chart if args.dimensions == ["date"] else bar_chart
    return draw(result.title, found, args.metrics[0], result.meta) + table_block(result)


def _title(args: ReportArguments) -> str:
    what = ", ".join(column(name).label for name in args.metrics[:3])
    rows = ", ".join(dimension(name).label.lower() for name in args.dimensions)
    return f"{what} by {rows}" if rows else what


TOOLS = (
    Tool(
        name="ga4_report",
        description="Free Google Analytics 4 report: chosen metrics by chosen dimensions, filtered, with totals. Use "
        "it only when no other ga4_ or seo_ tool answers the question.",
        arguments=ReportArguments,
        run=report,
        needs=frozenset({"ga4"}),
    ),
)
