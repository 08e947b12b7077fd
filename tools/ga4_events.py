"""`ga4_events`: what people did, event by event, and which of it counts as a key event."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.arguments import ListArguments
from tools.connectors.queries import Filter, Ga4Query
from tools.notes import Notes
from tools.pictures import bar_chart, daily_chart, table_block
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import tabulate

METRICS = ("eventCount", "totalUsers", "eventCountPerUser", "keyEvents", "eventValue")


class EventsArguments(ListArguments):
    event: Annotated[
        str | None, Field(max_length=80, description="Only this event, by exact name, e.g. purchase or generate_lead.")
    ] = None


async def events(ctx: ToolContext, args: EventsArguments) -> ToolResult:
    connection = await ctx.connectors.ga4(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    filters = (Filter("eventName", "==", args.event),) if args.event else ()
    queries = [Ga4Query(("eventName",), METRICS, filters, "eventCount", limit=args.limit)]
    if args.event:
        queries.append(Ga4Query(("date",), ("eventCount",), filters, "date", descending=False))
    answer = await connection.reports(window, *queries)
    found = answer.reports[0]
    title = f"Event {args.event}" if args.event else "Events"
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(notes, title, answer, found, compared=("eventCount", "keyEvents"), limit=args.limit)
    if args.event:
        days = answer.reports[1]
        result.notes += notes.days(days, "eventCount", window.today)
        result.blocks = daily_chart(f"{args.event} by day", days, "eventCount", answer.meta)
    else:
        result.notes += notes.movers(found, "eventCount")
        result.blocks = bar_chart("Events", found, "eventCount", answer.meta)
    result.blocks += table_block(result)
    return result


TOOLS = (
    Tool(
        name="ga4_events",
        description="Events with counts, users, key events and value; with `event` set, one event and its days.",
        arguments=EventsArguments,
        run=events,
        needs=frozenset({"ga4"}),
    ),
)
