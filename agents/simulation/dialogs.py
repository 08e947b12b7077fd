"""What people ask in a simulation: the questions that the product itself suggests, fresh, late in a long conversation,
or with figures just read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from agents.roster import AGENTS, PERSONAL_ASSISTANT
from agents.suggestions import IDEAS
from prompts.loader import load_prompt
from tools.registry import tools_for

Stage = Literal["fresh", "long", "figures"]
STAGES: tuple[Stage, ...] = ("fresh", "long", "figures")
FACTS = {
    "client": "Lumen Interiors",
    "currency": "EUR",
    "timezone": "Europe/Bucharest",
    "connections": "ga4: connected (source demo); google-ads: connected (source demo)",
    "today": "2026-11-20",
}
ROWS = 14
FIGURES = {
    "source": "demo",
    "period": {"start": "2026-10-24", "end": "2026-11-20"},
    "rows": [
        {"campaign": f"Campaign {n}", "cost": 120 + 37 * n, "clicks": 310 + 41 * n, "conversions": 9 + n}
        for n in range(ROWS)
    ],
}
LONG_ANSWER = " ".join(f"Campaign {n} cost {120 + 37 * n} EUR for {310 + 41 * n} clicks." for n in range(ROWS))


@dataclass(frozen=True, slots=True)
class Dialog:
    agent: str
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] | None


@cache
def dialogs(agent: str) -> tuple[Dialog, ...]:
    """Every question that suits an agent, in both languages and at each stage, in a fixed order."""
    asked = [words for idea in IDEAS if idea.agent == agent for words in (idea.en, idea.ro)]
    return tuple(_dialog(agent, words, stage) for words in asked for stage in STAGES)


def _dialog(agent: str, words: str, stage: Stage) -> Dialog:
    record = next(a for a in AGENTS if a.slug == agent)
    facts = {**FACTS, "agent": record.slug, "agent_name": record.name}
    system = {"role": "system", "content": load_prompt(record.prompt).render(facts)}
    question = {"role": "user", "content": words}
    before = [{"role": "user", "content": words}, {"role": "assistant", "content": LONG_ANSWER}] * 3
    read = _read(record.tools[0]) if stage == "figures" else []
    messages = [system, *(before if stage == "long" else []), question, *read]
    return Dialog(agent, messages, [tool.schema() for tool in tools_for(record.tools)] or None)


def _read(tool: str) -> list[dict[str, Any]]:
    """A tool's call and its result, as they stand in a conversation."""
    function = {"name": tool, "arguments": "{}"}
    call = {"id": "call_simulated", "type": "function", "function": function}
    result = {"role": "tool", "tool_call_id": "call_simulated", "content": json.dumps(FIGURES)}
    return [{"role": "assistant", "content": None, "tool_calls": [call]}, result]


AGENT_SHARES = tuple(
    (a.slug, 5 if a.slug == PERSONAL_ASSISTANT else 3)
    for a in AGENTS
    if a.available and any(idea.agent == a.slug for idea in IDEAS)
)
