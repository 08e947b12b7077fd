"""A question narrowed more ways than its tool can be ("sessions on mobile in Germany"), put to one that can.

Such a tool takes a list of conditions and the metrics and dimensions by name, as a free Analytics report does. One
value of a kind is a condition; several ("organic and paid search") are the rows to tell apart, nothing else is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agents.embedded.arguments import numbers, strings
from agents.embedded.arguments.lists import API_NAMES, DIMENSION_WORDS
from agents.embedded.arguments.names import path
from agents.embedded.arguments.tables import CHANNELS, DEVICES, SOURCES, all_of_table, places_in
from agents.embedded.arguments.wording import asks_share
from agents.embedded.lexicon import concepts_in, in_order
from agents.embedded.request import Request
from agents.embedded.schema import Param, ToolSchema

FIELDS = {
    "channel": "sessionDefaultChannelGroup",
    "device": "deviceCategory",
    "source": "sessionSource",
    "country": "country",
    "city": "city",
    "path": "pagePath",
}
_ROWS = {
    "source_medium": "sessionSourceMedium",
    "campaign": "sessionCampaignName",
    "first_channel": "firstUserDefaultChannelGroup",
    "browser": "browser",
    "operating_system": "operatingSystem",
    "new_or_returning": "newVsReturning",
    "age": "userAgeBracket",
    "gender": "userGender",
    **FIELDS,
}
_ONLY_FREE = frozenset({"order_value"})  # measures that no other report has
_USUAL = ("sessions", "activeUsers", "engagementRate", "keyEvents", "totalRevenue")
_PAGES = ("screenPageViews", "activeUsers", "keyEvents")
_SINGLE = ("country", "city")  # one of these is a condition: a list of ten rows may not have it


def named(text: str) -> dict[str, tuple[str, ...]]:
    """What a text narrows its figures to, by kind, in the names that Analytics uses."""
    found = {
        "channel": all_of_table(text, CHANNELS),
        "device": all_of_table(text, DEVICES),
        "source": all_of_table(text, SOURCES),
        **places_in(text),
        "path": (said,) if (said := path(text)) and said != "/" else (),
    }
    return {kind: values for kind, values in found.items() if values}


def free_report(tool: ToolSchema, args: Mapping[str, Any], text: str, request: Request) -> ToolSchema | None:
    """The tool to ask instead: one that takes conditions, where the chosen one cannot take all that a text names."""
    said, beyond = _of(tool, text), concepts_in(text) & _ONLY_FREE
    if not (said or beyond) or not tool.name.startswith(("ga4_", "seo_")) or _is_free(tool) or _looks_elsewhere(tool):
        return None
    several = [kind for kind, values in said.items() if len(values) > 1]
    missing = [kind for kind in said if not _takes(tool, args, kind, several=kind in several)]
    if asks_share(text) and len(said) == 1:
        return None  # a share is of the whole, which a condition would leave out
    if len(several) > 1 or not (missing or beyond):
        return None
    return next((other for other in request.data_tools if _is_free(other)), None)


def arguments(tool: ToolSchema, args: Mapping[str, Any], text: str) -> dict[str, Any]:
    """What a free report is asked in place of `tool`: its period, its rows, the metrics named, the conditions."""
    said = _of(tool, text)
    rows = _rows(tool, args, said)
    usual = _PAGES if rows == ["pagePath"] else _USUAL
    asked = [API_NAMES[c] for c in in_order(text) if c in API_NAMES and c not in DIMENSION_WORDS]
    kept = {name: value for name, value in args.items() if name in ("range", "compare")}
    if rows and (limit := numbers.limit(text)):
        kept["limit"] = limit
    return {
        **kept,
        "metrics": list(dict.fromkeys([*asked, *usual]))[:7],
        **({"dimensions": rows} if rows else {}),
        "filters": [_condition(_field(kind, rows), values) for kind, values in said.items()],
    }


def _of(tool: ToolSchema, text: str) -> dict[str, tuple[str, ...]]:
    """With what the tool itself is narrowed to: a report on organic search is one on a channel."""
    said = named(text)
    return {"channel": ("Organic Search",), **said} if "organic" in tool.name else said


def _is_free(tool: ToolSchema) -> bool:
    lists = {p.name for p in tool.params if p.type == "array"}
    return {"metrics", "dimensions", "filters"} <= lists


def _looks_elsewhere(tool: ToolSchema) -> bool:
    """Reports that no list of metrics stands for: this moment, steps in order."""
    return bool(re.search(r"realtime|funnel|event", tool.name))


def _takes(tool: ToolSchema, args: Mapping[str, Any], kind: str, *, several: bool) -> bool:
    """Whether a tool can be told this: as an argument of its own, or as the rows it is split into."""
    by = next((p for p in tool.params if p.name == "by"), None)
    if by is not None and args.get("by", by.default) == kind and (several or kind not in _SINGLE):
        return True
    if "organic" in tool.name and (kind == "source" or (kind == "channel" and not several)):
        return True  # what its rows are, and what it is about
    if several:
        return False
    return any(_reads(p, kind) for p in tool.params if p.name != "by")


def _reads(param: Param, kind: str) -> bool:
    return param.type == "string" and strings.kind_of(param) == kind


def _rows(tool: ToolSchema, args: Mapping[str, Any], said: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The dimensions that split the report: what is held against each other, else what the chosen tool lists."""
    several = [FIELDS[kind] for kind, values in said.items() if len(values) > 1]
    if several:
        return several
    if "landing" in tool.name:
        return ["landingPage"]
    if "page" in tool.name:
        return ["pagePath"]
    by = str(args.get("by", ""))
    return [_ROWS[by]] if by in _ROWS and by not in said else []


def _field(kind: str, rows: list[str]) -> str:
    return "landingPage" if kind == "path" and rows == ["landingPage"] else FIELDS[kind]


def _condition(field: str, values: tuple[str, ...]) -> str:
    if field in ("pagePath", "landingPage", "sessionSource") and len(values) == 1:
        return f"{field}=@{values[0]}"
    if len(values) == 1:
        return f"{field}=={values[0]}"
    if field == "sessionSource":
        return f"{field}=~{'|'.join(values)}"
    return f"{field}=~^({'|'.join(values)})$"  # names of the tables: letters, spaces and dashes
