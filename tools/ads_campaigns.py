"""`ads_campaigns` and `ads_ad_groups`: the account's structure with its figures, sorted by what matters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tools.arguments import Campaign, Device, ListArguments
from tools.blocks import Column
from tools.connectors.google_ads import AdsConnector
from tools.connectors.queries import AdsQuery
from tools.connectors.report import Report
from tools.metrics import value
from tools.notes import Notes
from tools.pictures import bar_chart, table_block
from tools.ranges import parse_window
from tools.record import Tool, ToolContext
from tools.result import ToolResult
from tools.tables import tabulate

CAMPAIGN_KEYS = (Column(name="campaign", label="Campaign"),)
STATUS = Column(name="status", label="Status")
SHOWN = ("impressions", "clicks", "ctr", "cost", "avg_cpc", "conversions", "cpa", "conversion_value", "roas")
SortBy = Annotated[
    Literal["cost", "clicks", "impressions", "conversions", "conversion_value"],
    Field(description="Largest first."),
]


class CampaignsArguments(ListArguments):
    campaign: Campaign = None
    device: Device = None
    status: Annotated[Literal["all", "enabled", "paused"], Field(description="Only campaigns in this state.")] = "all"
    sort_by: SortBy = "cost"


class AdGroupsArguments(ListArguments):
    campaign: Campaign = None
    sort_by: SortBy = "cost"


async def campaigns(ctx: ToolContext, args: CampaignsArguments) -> ToolResult:
    connection = await ctx.connectors.google_ads(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    state = (f"campaign.status = '{args.status.upper()}'",) if args.status != "all" else ()
    where = (*(await campaign_clause(connection, args.campaign)), *state, *device_clause(args.device))
    fields = ("campaign.name", "campaign.status", "campaign.advertising_channel_type", *device_fields(args.device))
    answer = await connection.reports(
        window,
        AdsQuery("campaign", fields, where=where, order_by=args.sort_by),
        AdsQuery("campaign", ("campaign.name", *device_fields(args.device)), SHARES, where, None),
    )
    found, shares = answer.reports
    notes = Notes.of(ctx.language, answer.meta)
    keys = (*CAMPAIGN_KEYS, STATUS, Column(name="type", label="Type"))
    compared = ("cost", "conversions", "cpa")
    result = tabulate(notes, "Campaigns", answer, found, keys, SHOWN, compared, args.limit)
    result.notes += notes.movers(found, "cost", 1) + notes.movers(found, "conversions", 1)
    result.notes += campaign_notes(notes, found) + _budget_notes(notes, shares)
    result.blocks = bar_chart("Cost by campaign", found, "cost", answer.meta) + table_block(result)
    return result


SHARES = ("impression_share", "lost_to_budget", "lost_to_rank")


async def ad_groups(ctx: ToolContext, args: AdGroupsArguments) -> ToolResult:
    connection = await ctx.connectors.google_ads(ctx.scope)
    window = parse_window(args.range, args.compare, connection.today())
    where = await campaign_clause(connection, args.campaign)
    fields = ("ad_group.name", "campaign.name", "ad_group.status")
    answer = await connection.reports(window, AdsQuery("ad_group", fields, where=where, order_by=args.sort_by))
    found = answer.reports[0]
    notes = Notes.of(ctx.language, answer.meta)
    keys = (Column(name="ad_group", label="Ad group"), *CAMPAIGN_KEYS, STATUS)
    result = tabulate(notes, "Ad groups", answer, found, keys, SHOWN, ("cost", "conversions"), args.limit)
    result.notes += notes.movers(found, "cost", 2) + campaign_notes(notes, found)
    result.blocks = bar_chart("Cost by ad group", found, "cost", answer.meta) + table_block(result)
    return result


async def campaign_clause(connection: AdsConnector, text: str | None) -> tuple[str, ...]:
    """A GAQL condition for the campaigns whose name contains the text; none matching is BadInput that lists them."""
    if text is None:
        return ()
    ids = await connection.campaign_ids(text)
    return (f"campaign.id IN ({', '.join(ids)})",)


def device_clause(device: str | None) -> tuple[str, ...]:
    return (f"segments.device = '{device.upper()}'",) if device else ()


def device_fields(device: str | None) -> tuple[str, ...]:
    """Google refuses a condition on a segment that is not selected as well; it comes last, after what names a row."""
    return ("segments.device",) if device else ()


def campaign_notes(notes: Notes, report: Report) -> list[str]:
    """Rows that cost at least 5 % of the spend and convert at over 1.5 times the whole's cost, or not at all."""
    spend, whole = report.totals.get("cost"), value(report.totals, "cpa")
    if not spend:
        return []
    out = []
    for row in report.rows:
        cost, cpa = row.values.get("cost", 0), value(row.values, "cpa")
        if cost < 0.05 * spend:
            continue
        if cpa is None:
            share = notes.number(cost / spend, "percent")
            out.append(
                notes.say("no_conversions", what=notes.quoted(row), cost=notes.metric("cost", cost), share=share)
            )
        elif whole and cpa > 1.5 * whole:
            money = {"cpa": notes.metric("cpa", cpa), "whole": notes.metric("cpa", whole)}
            out.append(notes.say("expensive", what=notes.quoted(row), **money))
    return out[:3]


def idle_campaigns(notes: Notes, report: Report) -> list[str]:
    """Campaigns that cost something and brought no conversion at all, the dearest first."""
    spend = report.totals.get("cost") or 0
    idle = [row for row in report.rows if row.values.get("cost", 0) > 0 and not row.values.get("conversions")]
    idle.sort(key=lambda row: -row.values["cost"])
    return [
        notes.say(
            "no_conversions",
            what=notes.quoted(row),
            cost=notes.metric("cost", row.values["cost"]),
            share=notes.number(row.values["cost"] / spend, "percent"),
        )
        for row in idle[:3]
    ]


def _budget_notes(notes: Notes, shares: Report) -> list[str]:
    lost = [(row.values.get("lost_to_budget", 0), row) for row in shares.rows]
    worst = sorted((each for each in lost if each[0] >= 0.1), key=lambda each: -each[0])[:2]
    return [
        notes.say("lost_to_budget", what=notes.quoted(row), share=notes.number(share, "percent"))
        for share, row in worst
    ]


TOOLS = (
    Tool(
        name="ads_campaigns",
        description="Google Ads campaigns with status, type, cost, clicks, conversions, cost per conversion, value and "
        "ROAS; notes name those that cost too much a conversion or lose impressions to their budget.",
        arguments=CampaignsArguments,
        run=campaigns,
        needs=frozenset({"google-ads"}),
    ),
    Tool(
        name="ads_ad_groups",
        description="Google Ads ad groups with their campaign and figures.",
        arguments=AdGroupsArguments,
        run=ad_groups,
        needs=frozenset({"google-ads"}),
    ),
)
