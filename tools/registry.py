"""All tools, and the one way to run one: validated arguments in, a ToolResult out, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from camarad.errors import CamaradError, NotFound
from camarad.log import get_logger
from tools import (
    account,
    ads_anomalies,
    ads_budgets,
    ads_campaigns,
    ads_keywords,
    ads_overview,
    ads_search_terms,
    ga4_audience,
    ga4_events,
    ga4_funnel,
    ga4_overview,
    ga4_pages,
    ga4_realtime,
    ga4_report,
    ga4_sources,
    seo_landing_pages,
    seo_organic,
)
from tools.connectors.errors import MEND
from tools.labels import in_romanian
from tools.record import Tool, ToolContext
from tools.result import Meta, ToolError, ToolResult

log = get_logger("tools")

TOOLS: tuple[Tool, ...] = (
    *ga4_report.TOOLS,
    *ga4_overview.TOOLS,
    *ga4_pages.TOOLS,
    *ga4_sources.TOOLS,
    *ga4_events.TOOLS,
    *ga4_funnel.TOOLS,
    *ga4_audience.TOOLS,
    *ga4_realtime.TOOLS,
    *ads_overview.TOOLS,
    *ads_campaigns.TOOLS,
    *ads_keywords.TOOLS,
    *ads_search_terms.TOOLS,
    *ads_budgets.TOOLS,
    *ads_anomalies.TOOLS,
    *seo_landing_pages.TOOLS,
    *seo_organic.TOOLS,
    *account.TOOLS,
)
_BY_NAME = {each.name: each for each in TOOLS}

PAGES = {"ga4": "/connectors/ga4", "google_ads": "/connectors/google-ads"}
MENDED = ("not_connected", "reconnect", "missing_scope", "permission", "sealed")  # what a person can put right


def tool(name: str) -> Tool:
    found = _BY_NAME.get(name)
    if found is None:
        raise NotFound(f"There is no tool {name!r}.", hint=f"The tools are {', '.join(_BY_NAME)}.", code="unknown_tool")
    return found


def tools_for(names: Iterable[str]) -> list[Tool]:
    return [tool(name) for name in names]


async def run_tool(ctx: ToolContext, name: str, raw_args: dict[str, Any] | str | None) -> ToolResult:
    """Run one tool for the scope. Every failure but cancellation comes back as a result the model can read."""
    try:
        found = tool(name)
        result = await found.run(ctx, _arguments(found, raw_args))
        return in_romanian(result) if ctx.language == "ro" else result
    except CamaradError as error:
        return _failed(ctx, name, _explain(error))
    except Exception:
        log.exception("tool_failed", tool=name)
        return _failed(ctx, name, DEFECT)


DEFECT = ToolError(
    code="internal",
    message="This tool failed because of a defect in Camarad; no data was read.",
    hint="Ask again; if it stays so, an operator finds the incident in the log.",
)


class BadArguments(CamaradError):
    """The model's call does not fit the tool's schema; the text is written so that it can repair the call."""

    code = "invalid_arguments"


def _arguments(found: Tool, raw: dict[str, Any] | str | None) -> BaseModel:
    try:
        given = json.loads(raw) if isinstance(raw, str) and raw.strip() else raw or {}
    except ValueError as error:
        raise BadArguments("The arguments are not JSON.", hint=_allowed(found)) from error
    try:
        return found.arguments.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors()[:5])
        raise BadArguments(f"{found.name} cannot be called like this: {wrong}.", hint=_allowed(found)) from error


def _allowed(found: Tool) -> str:
    fields = found.arguments.model_json_schema().get("properties", {})
    if not fields:
        return f"{found.name} takes no arguments."
    return "Allowed arguments: " + "; ".join(f"{name} ({_kind(field)})" for name, field in fields.items()) + "."


def _kind(field: dict[str, Any]) -> str:
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    bounds = f" {field['minimum']}..{field['maximum']}" if "minimum" in field and "maximum" in field else ""
    return f"{field.get('type', 'value')}{bounds}"


def _explain(error: CamaradError) -> ToolError:
    link = next((url for start, url in PAGES.items() if error.code.startswith(f"{start}_")), None)
    if link is not None and (error.code.endswith(MENDED) or "_gateway_" in error.code):
        link = MEND
    return ToolError(code=error.code, message=error.message, hint=error.hint, link=link)


def _failed(ctx: ToolContext, name: str, error: ToolError) -> ToolResult:
    return ToolResult(title=name, meta=Meta(source="camarad", as_of=ctx.clock.now()), error=error)
