"""What the system prompt says about today: `- key: value` lines under its last `## Facts` heading."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

_LINE = re.compile(r"^\s*[-*]?\s*([a-z_ ]{2,30}?)\s*:\s*(.+?)\s*$", re.IGNORECASE)
_NAMED = re.compile(r"you are (?:the |an? )?([A-Z][\w&'’ -]{2,60}?)(?=\s+(?:of|for|at|in|inside)\s|[.,:;\n(]|\s-\s|$)")
_PROVIDER = {"ga4": r"ga4|google analytics", "google-ads": r"google[-_ ]?ads"}


@dataclass(frozen=True, slots=True)
class Facts:
    """`agents` maps slugs to what they are for; `connections` maps providers to how their state was written."""

    today: date
    client: str = ""
    currency: str = ""
    timezone: str = ""
    language: str = ""
    agent: str = ""
    name: str = ""
    agents: dict[str, str] = field(default_factory=dict)
    connections: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)


def read_facts(system: str) -> Facts:
    """Facts from a system prompt; anything not said gets a sensible default. Never raises."""
    lines = _lines(system)
    return Facts(
        today=_date(lines.get("today") or lines.get("date") or ""),
        client=lines.get("client", ""),
        currency=lines.get("currency", ""),
        timezone=lines.get("timezone", ""),
        language=lines.get("language", "")[:2].lower(),
        agent=lines.get("agent", "").split(" ")[0].strip("`,()"),
        name=_name(system, lines),
        agents=_agents(lines.get("agents", "")),
        connections=_connections(lines.get("connections", "")),
        raw=lines,
    )


def _lines(system: str) -> dict[str, str]:
    section = re.split(r"(?im)^#+\s*facts\b.*$", system)[-1]
    found: dict[str, str] = {}
    last = ""
    for line in section.splitlines():
        if match := _LINE.match(line):
            nested = line[:1] in " \t" and last
            if nested:
                found[last] += f"; {match[1]}: {match[2]}"
                continue
            last = match[1].strip().lower().replace(" ", "_")
            found[last] = match[2]
        elif re.match(r"^\s*[-*]?\s*([a-z_]{2,30})\s*:\s*$", line):
            last = line.strip(" -*:").lower()
            found[last] = ""
    return found


def _date(text: str) -> date:
    found = re.search(r"\d{4}-\d{2}-\d{2}", text)
    try:
        return date.fromisoformat(found[0]) if found else datetime.now(UTC).date()
    except ValueError:
        return datetime.now(UTC).date()


def _name(system: str, lines: dict[str, str]) -> str:
    if lines.get("agent_name") or lines.get("name"):
        return lines.get("agent_name") or lines["name"]
    found = _NAMED.search(system)
    return found[1].strip() if found else ""


def _agents(text: str) -> dict[str, str]:
    """`a, b`, `a (what); b (what)` and `a: what; b: what` all give slugs with what is said of them."""
    parts = re.split(r";\s*|,\s*(?=[a-z]+(?:-[a-z]+)+)", text)
    found: dict[str, str] = {}
    for part in parts:
        if match := re.match(r"`?([a-z0-9]+(?:-[a-z0-9]+)*)`?\s*(?:[:=(-]\s*)?(.*?)\)?\s*$", part.strip()):
            found[match[1]] = match[2]
    return found


def _connections(text: str) -> dict[str, str]:
    starts = []
    for provider, pattern in _PROVIDER.items():
        if match := re.search(pattern, text, re.IGNORECASE):
            starts.append((match.start(), match.end(), provider))
    starts.sort()
    ends = [*(s[0] for s in starts[1:]), len(text)][: len(starts)]
    return {p: text[end:stop].strip(" :=;,-–") or "connected" for (_, end, p), stop in zip(starts, ends, strict=True)}


def connected(state: str) -> bool | None:
    """Whether a connection's words mean that data can be read; None when they do not say."""
    folded = state.lower().replace("_", " ")
    absent = r"not connected|needs attention|no access|none|missing|disconnected"
    if re.search(absent + r"|expired|reconnect|error|denied|nu e|neconectat", folded):
        return False
    return True if re.search(r"connected|demo|live|gateway|ok|active", folded) else None


def as_text(content: Any) -> str:
    """Message content as text: a string, or the text parts of a list."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)
