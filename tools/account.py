"""`connection_status` and `ct_balance`: what is connected for this client, and what the workspace can still spend."""

from __future__ import annotations

from billing.wallet import snapshot
from tools.arguments import NoArguments
from tools.blocks import Block, Cell, Column, LinkBlock
from tools.connectors.connection import ConnectionView
from tools.connectors.errors import MEND
from tools.notes import Notes
from tools.record import Tool, ToolContext
from tools.result import Meta, ToolResult

STATUS_COLUMNS = (
    Column(name="connection", label="Connection"),
    Column(name="state", label="State"),
    Column(name="source", label="Source"),
    Column(name="reason", label="Reason"),
    Column(name="account", label="Account"),
    Column(name="account_id", label="Account id"),
    Column(name="currency", label="Currency"),
    Column(name="timezone", label="Time zone"),
)
PROVIDERS = {"ga4": "Google Analytics 4", "google-ads": "Google Ads"}


async def connection_status(ctx: ToolContext, _: NoArguments) -> ToolResult:
    states = await ctx.connectors.states(ctx.scope)
    result = ToolResult(
        title="Connections of this client",
        meta=Meta(source="camarad", as_of=ctx.clock.now()),
        columns=list(STATUS_COLUMNS),
    )
    for provider, view in states.items():
        account: list[Cell] = [view.account_name, view.account_id, view.currency, view.timezone]
        reason = view.reason or (ctx.connectors.gateway.reason if view.source == "gateway" else None)
        result.rows.append([PROVIDERS[provider], _state(view), view.source, reason, *account])
    links: list[Block] = [
        LinkBlock(label=PROVIDERS[provider], url=MEND)
        for provider, view in states.items()
        if _state(view) != "connected"
    ]
    result.blocks = links
    return result


def _state(view: ConnectionView) -> str:
    """A consent without a chosen account is not enough to read anything."""
    return "needs_account" if view.connected and not view.account_id else view.state


async def ct_balance(ctx: ToolContext, _: NoArguments) -> ToolResult:
    found = await snapshot(ctx.database, ctx.scope.workspace_id, ctx.connectors.settings, ctx.clock)
    names = ("balance_ct", "held_ct", "spent_today_ct", "daily_cap_ct")
    totals: dict[str, Cell] = {name: int(found[name]) for name in names}
    notes = Notes(ctx.language)
    available = int(found["balance_ct"]) - int(found["held_ct"])
    left = max(0, int(found["daily_cap_ct"]) - int(found["spent_today_ct"]))
    return ToolResult(
        title="CT balance",
        meta=Meta(source="camarad", as_of=ctx.clock.now()),
        totals=totals | {"available_ct": available, "left_today_ct": left, "plan": str(found["plan"]["code"])},
        notes=[notes.say("balance", available=available, left=left)],
    )


TOOLS = (
    Tool(
        name="connection_status",
        description="Which Google Analytics 4 property and Google Ads account are connected for this client, their "
        "state, source, currency and time zone. Use it when asked about connections or told not_connected.",
        arguments=NoArguments,
        run=connection_status,
        shape="status",
    ),
    Tool(
        name="ct_balance",
        description="The workspace's CT (credit token) balance, what is held, used today and left under the daily cap.",
        arguments=NoArguments,
        run=ct_balance,
        shape="status",
    ),
)
