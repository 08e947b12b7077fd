"""Requests to the embedded planner, short to write: the roster's agents with their real tools, or any tools at all."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from agents.embedded.planner import Plan, plan
from agents.roster import agent
from graphs.handoff import route_schema
from tools.blocks import Column
from tools.registry import tools_for
from tools.result import Meta, Period, ToolResult

TODAY = date(2026, 11, 20)
FACTS = (
    "## Facts\n- client: Alma Home\n- currency: EUR\n- timezone: Europe/Bucharest\n"
    "- agents: personal-assistant: reads first; ppc-specialist: Google Ads; seo-strategist: the website\n"
    "- connections: ga4: connected (Alma, source demo); google-ads: not connected\n"
    "- today: 2026-11-20\n- language: en\n"
)


def system(slug: str) -> dict[str, str]:
    return {"role": "system", "content": f"{FACTS}- agent: {slug}\n- agent_name: {agent(slug).name}\n"}


def tools_of(slug: str) -> list[dict[str, Any]]:
    return [*(tool.schema() for tool in tools_for(agent(slug).tools)), route_schema(agent(slug))]


def ask(text: str, slug: str = "ppc-specialist", *turn: dict[str, Any], before: Any = (), **choice: Any) -> Plan:
    """The plan of an agent for a question, with `before` as earlier messages and `turn` as what came after it."""
    return plan([system(slug), *before, {"role": "user", "content": text}, *turn], tools_of(slug), **choice)


def calls(made: Plan) -> list[str]:
    return [call.name for call in made.calls]


def answered(text: str, *results: tuple[str, str], slug: str = "ppc-specialist") -> str:
    """The answer to a question when its calls returned these (tool name, body)."""
    asked = [
        {"id": f"c{n}", "type": "function", "function": {"name": name, "arguments": "{}"}}
        for n, (name, _) in enumerate(results)
    ]
    rows = [{"role": "tool", "tool_call_id": f"c{n}", "content": body} for n, (_, body) in enumerate(results)]
    return ask(text, slug, {"role": "assistant", "content": None, "tool_calls": asked}, *rows).text


def tool(name: str, description: str, properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def args_for(text: str, *tools: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the one call a generic assistant makes with unseen tools."""
    made = plan(
        [{"role": "system", "content": "## Facts\n- today: 2026-11-20\n"}, {"role": "user", "content": text}],
        list(tools),
    )
    assert len(made.calls) == 1, made
    return made.calls[0].args


def overview(now: dict[str, float], before: dict[str, float], campaigns: list[tuple[str, float, float]]) -> ToolResult:
    """A Google Ads overview with the given totals and campaigns as (name, cost, conversions)."""
    change = {f"{k}_change": round(v / before[k] - 1, 4) for k, v in now.items() if before.get(k)}
    return ToolResult(
        title="Google Ads overview",
        meta=Meta(
            source="demo",
            as_of=datetime(2026, 11, 20, 9, 12, tzinfo=UTC),
            range=Period(start=date(2026, 10, 23), end=date(2026, 11, 19)),
            compare=Period(start=date(2026, 9, 25), end=date(2026, 10, 22)),
            timezone="Europe/Bucharest",
            currency="EUR",
        ),
        columns=[
            Column(name="campaign", label="Campaign"),
            Column(name="cost", label="Cost", kind="money"),
            Column(name="conversions", label="Conversions", kind="number"),
        ],
        rows=[list(row) for row in campaigns],
        totals={**now, **change},
        compare_totals=dict(before),
    )


def waste(terms: list[tuple[str, float, int]], spend: float) -> ToolResult:
    """Wasted spend with terms as (text, cost, clicks)."""
    cost = round(sum(t[1] for t in terms), 2)
    base = overview({}, {}, [])
    return base.model_copy(
        update={
            "title": "Search terms with cost and no conversion",
            "columns": [
                Column(name="search_term", label="Search term"),
                Column(name="clicks", label="Clicks", kind="integer"),
                Column(name="cost", label="Cost", kind="money"),
                Column(name="conversions", label="Conversions", kind="number"),
                Column(name="share_of_spend", label="Share of spend", kind="percent"),
            ],
            "rows": [[t, clicks, c, 0, round(c / spend, 4)] for t, c, clicks in terms],
            "totals": {
                "cost": cost,
                "wasted_terms": len(terms),
                "account_cost": spend,
                "share_of_spend": round(cost / spend, 4),
            },
        }
    )


def body(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
