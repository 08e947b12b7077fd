"""`ga4_audience`: who the visitors are."""

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
    "country": "country",
    "city": "city",
    "device": "deviceCategory",
    "browser": "browser",
    "operating_system": "operatingSystem",
    "new_or_returning": "newVsReturning",
    "age": "userAgeBracket",
    "gender": "userGender",
}
METRICS = (
    "activeUsers",
    "newUsers",
    "sessions",
    "engagementRate",
    "keyEvents",
    "sessionKeyEventRate",
    "totalRevenue",
)


class AudienceArguments(ListArguments):
    by: Annotated[
        Literal["country", "city", "device", "browser", "operating_system", "new_or_returning", "age", "gender"],
        Field(description="What to group people by. Age and gender are known for few users and may be withheld."),
    ] = "country"
    channel: Channel = None


async def audience(ctx: ToolContext, args: AudienceArguments) -> ToolResult:
    connection = await ctx.connectors.ga4(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    filters = (Filter("sessionDefaultChannelGroup", "==", args.channel),) if args.channel else ()
    answer = await connection.reports(
        window, Ga4Query((DIMENSION[args.by],), METRICS, filters, "activeUsers", limit=args.limit)
    )
    found = answer.reports[0]
    title = f"Audience by {args.by.replace('_', ' ')}"
    notes = Notes.of(ctx.language, answer.meta)
    result = tabulate(notes, title, answer, found, compared=("activeUsers", "sessions"), limit=args.limit)
    result.notes += notes.share(found, "sessions") + notes.movers(found, "sessions")
    result.blocks = bar_chart(title, found, "activeUsers", answer.meta) + table_block(result)
    return result


TOOLS = (
    Tool(
        name="ga4_audience",
        description="Who visits: users, sessions, engagement, key events and revenue by country, city, device, "
        "browser, operating system, new or returning, age or gender.",
        arguments=AudienceArguments,
        run=audience,
        needs=frozenset({"ga4"}),
    ),
)
