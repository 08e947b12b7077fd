"""The list of tools, for people (docs/tools.md) and for programs; a test compares both with what is written.

python -m tools.listing markdown > docs/tools.md
python -m tools.listing schemas > tests/unit/tools/golden_tools.json
"""

from __future__ import annotations

import json
import sys
from typing import Any

from tools.record import Tool
from tools.registry import TOOLS

HEAD = """# Agent tools

What agents can do, written by `python -m tools.listing markdown`. Each tool runs under the scope of the turn; none
takes a client, an account or a token as an argument.

- **Dates** are calendar days of the account's own time zone. `<n>days` ends yesterday. `previous` is the period just
  before (for calendar months the month before), `year` is 364 days earlier.
- **Totals** are the provider's, over everything; rows are the largest and `truncated` says how many were left out.
  Ratios are never summed. `<metric>_previous` and `<metric>_change` (a fraction) stand beside a compared metric.
- **Money** is in the account's currency, percentages are fractions.
- **Notes** are findings the tool computed; `warnings` are what Google says about the quality of the figures.
- **Errors** come as `error` with a code, what to do, and the page that helps (`ga4_not_connected` → `/connectors`).
  Codes are `<provider>_` + `not_connected`, `reconnect`, `missing_scope`, `permission`, `sealed`, `quota`,
  `unavailable`, `timeout`, `invalid`, `bad_answer`, and `gateway_…` for a connection that reads through the gateway.
"""


def markdown() -> str:
    return "\n".join([HEAD, *(_section(tool) for tool in TOOLS)])


def _section(tool: Tool) -> str:
    needs = ", ".join(sorted(tool.needs)) or "nothing"
    lines = [f"## `{tool.name}`", "", tool.description, "", f"Needs: {needs}. Gives: {tool.shape}.", ""]
    for name, field in _properties(tool).items():
        lines.append(f"- `{name}` ({_kind(field)}): {field.get('description', '')}")
    return "\n".join(lines).rstrip() + "\n"


def _properties(tool: Tool) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = tool.schema()["function"]["parameters"].get("properties", {})
    return found


def _kind(field: dict[str, Any]) -> str:
    kind = " / ".join(map(str, field["enum"])) if "enum" in field else str(field.get("type", "value"))
    return f"{kind}, default {field['default']}" if "default" in field else kind


def schemas() -> str:
    return json.dumps([tool.schema() for tool in TOOLS], indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write({"markdown": markdown, "schemas": schemas}[sys.argv[1]]())
