"""A request as any provider gets it, read once: facts, the question, what was said before, this turn's results."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from agents.embedded.facts import Facts, as_text, read_facts
from agents.embedded.schema import ToolSchema, read_tool

ROUTE = "route_to_agent"


@dataclass(frozen=True, slots=True)
class Returned:
    """A tool's answer in this turn, with the call it answers."""

    name: str
    args: dict[str, Any]
    body: str


@dataclass(frozen=True, slots=True)
class Request:
    """`earlier` are the person's earlier messages, newest last; `choice` is `auto`, `none`, `required` or a name."""

    facts: Facts
    system: str
    question: str
    earlier: tuple[str, ...] = ()
    said: tuple[str, ...] = ()  # our own earlier answers
    past: tuple[Returned, ...] = ()  # tool results of earlier turns
    results: tuple[Returned, ...] = ()  # tool results of this turn
    handed: bool = False  # a hand-off already happened in this turn
    note: str = ""
    tools: tuple[ToolSchema, ...] = ()
    choice: str = "auto"
    extra: dict[str, Any] = field(default_factory=dict)

    def tool(self, name: str) -> ToolSchema | None:
        return next((t for t in self.tools if t.name == name), None)

    @property
    def route(self) -> ToolSchema | None:
        """The hand-off tool: the one named so, else one whose `agent` argument is a choice of agents."""
        return self.tool(ROUTE) or next((t for t in self.tools if _hands_off(t)), None)

    @property
    def data_tools(self) -> tuple[ToolSchema, ...]:
        route = self.route
        return tuple(t for t in self.tools if t is not route)


def _hands_off(tool: ToolSchema) -> bool:
    agent = next((p for p in tool.params if p.name in ("agent", "specialist", "to", "target_agent")), None)
    named = any(w in tool.name.lower() for w in ("route", "transfer", "handoff", "hand_off", "delegate"))
    return named and agent is not None and bool(agent.choices)


def read_request(messages: list[dict[str, Any]], tools: Any = None, choice: Any = None) -> Request:
    """Messages and tool schemas as litellm passes them. Unknown shapes are read as far as they make sense."""
    rows = [m if isinstance(m, dict) else dict(m) for m in messages]
    system = "\n\n".join(as_text(m.get("content")) for m in rows if m.get("role") in ("system", "developer"))
    asked = [i for i, m in enumerate(rows) if m.get("role") == "user"]
    last = asked[-1] if asked else -1
    calls = _calls(rows)
    now = _returned(rows[last + 1 :], calls)
    route_names = {r.name for r in now if _is_route(r.name)}
    return Request(
        facts=read_facts(system),
        system=system,
        question=as_text(rows[last].get("content")) if asked else "",
        earlier=tuple(as_text(rows[i].get("content")) for i in asked[:-1]),
        said=tuple(as_text(m.get("content")) for m in rows[: max(last, 0)] if m.get("role") == "assistant"),
        past=tuple(r for r in _returned(rows[: max(last, 0)], calls) if not _is_route(r.name)),
        results=tuple(r for r in now if not _is_route(r.name)),
        handed=bool(route_names) or "handed_off" in read_facts(system).raw,
        note=next((str(r.args.get("note", "")) for r in reversed(now) if _is_route(r.name)), ""),
        tools=tuple(t for t in map(read_tool, tools or ()) if t is not None),
        choice=_choice(choice),
    )


def _is_route(name: str) -> bool:
    return name == ROUTE or name.startswith(("transfer_to_", "handoff_to_", "route_to_"))


def _choice(raw: Any) -> str:
    if isinstance(raw, dict):
        return str((raw.get("function") or raw).get("name") or "auto")
    return str(raw) if raw in ("none", "required") else ("required" if raw == "any" else "auto")


def _calls(rows: list[dict[str, Any]]) -> dict[str, tuple[str, dict[str, Any]]]:
    found = {}
    for row in rows:
        for call in row.get("tool_calls") or ():
            plain = call if isinstance(call, dict) else call.model_dump()
            function = plain.get("function") or {}
            found[str(plain.get("id"))] = (str(function.get("name", "")), _arguments(function.get("arguments")))
    return found


def _arguments(raw: Any) -> dict[str, Any]:
    try:
        value = json.loads(raw) if isinstance(raw, str) else raw
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _returned(rows: list[dict[str, Any]], calls: dict[str, tuple[str, dict[str, Any]]]) -> list[Returned]:
    found = []
    for row in rows:
        if row.get("role") in ("tool", "function"):
            name, args = calls.get(str(row.get("tool_call_id")), (str(row.get("name") or ""), {}))
            found.append(Returned(name or str(row.get("name") or ""), args, as_text(row.get("content"))))
    return found
