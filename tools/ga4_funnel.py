"""`ga4_funnel`: how many users go from step to step, where they leave, and for whom it is worse."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tools.arguments import RangeArguments
from tools.blocks import Block, Cell, ChartBlock, Column, Series
from tools.connectors.report import Report
from tools.metrics import change, words
from tools.notes import Notes
from tools.pictures import table_block
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult

SHOP = ["session_start", "view_item", "add_to_cart", "begin_checkout", "purchase"]
BREAKDOWN = {"device": "deviceCategory", "channel": "firstUserDefaultChannelGroup", "country": "country"}
Event = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]


class FunnelArguments(RangeArguments):
    steps: Annotated[
        list[Event],
        Field(min_length=2, max_length=8, description="Event names in order; the default is a shop's funnel. For "
              "leads e.g. [session_start, form_start, generate_lead]."),
    ] = SHOP  # fmt: skip
    by: Annotated[
        Literal["none", "device", "channel", "country"], Field(description="Also show the last step's rate by this.")
    ] = "none"


async def funnel(ctx: ToolContext, args: FunnelArguments) -> ToolResult:
    connection = await ctx.connectors.ga4(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    answer = await connection.funnel(window, tuple(args.steps), BREAKDOWN.get(args.by))
    steps = answer.reports[0]
    notes = Notes.of(ctx.language, answer.meta)
    result = ToolResult(
        title="Funnel " + " → ".join(args.steps),
        meta=answer.meta,
        columns=_columns(window.compare is not None),
        rows=_rows(steps, window.compare is not None),
        notes=notes.empty(steps, answer.meta) or notes.funnel(answer.reports, args.by),
    )
    result.totals = _totals([row.values["activeUsers"] for row in steps.rows])
    if window.compare is not None:
        result.compare_totals = _totals([(row.previous or {}).get("activeUsers", 0) for row in steps.rows])
    result.blocks = _chart(steps, result.title) + table_block(result)
    return result


def _columns(compared: bool) -> list[Column]:
    columns = [
        Column(name="step", label="Step"),
        Column(name="users", label="Users", kind="integer"),
        Column(name="rate_from_previous", label="Share of the step before", kind="percent"),
        Column(name="rate_from_first", label="Share of the first step", kind="percent"),
    ]
    if compared:
        columns.append(Column(name="users_previous", label="Users before", kind="integer"))
        columns.append(Column(name="users_change", label="Users change", kind="percent"))
    return columns


def _rows(steps: Report, compared: bool) -> list[list[Cell]]:
    users = [row.values["activeUsers"] for row in steps.rows]
    out: list[list[Cell]] = []
    for place, row in enumerate(steps.rows):
        now = users[place]
        cells: list[Cell] = [
            row.key[0],
            round(now),
            _share(now, users[place - 1] if place else None),
            _share(now, users[0]),
        ]
        if compared:
            before = (row.previous or {}).get("activeUsers", 0)
            cells += [round(before), change(now, before)]
        out.append(cells)
    return out


def _share(part: float, whole: float | None) -> float | None:
    return round(part / whole, 4) if whole else None


def _totals(users: list[float]) -> dict[str, Cell]:
    if not users:
        return {}
    return {"users": round(users[0]), "completed": round(users[-1]), "completion_rate": _share(users[-1], users[0])}


def _chart(steps: Report, title: str) -> list[Block]:
    if steps.empty:
        return []
    values: list[float | int | None] = [round(row.values["activeUsers"]) for row in steps.rows]
    names = [words(row.key[0]) for row in steps.rows]
    return [
        ChartBlock(
            title=title, shape="bar", categories=names, series=[Series(label="Users", kind="integer", values=values)]
        )
    ]


TOOLS = (
    Tool(
        name="ga4_funnel",
        description="Closed funnel of events: users at each step, share that continues, where most are lost, compared "
        "with another period; `by` finds the device, channel or country that converts worst.",
        arguments=FunnelArguments,
        run=funnel,
        needs=frozenset({"ga4"}),
    ),
)
