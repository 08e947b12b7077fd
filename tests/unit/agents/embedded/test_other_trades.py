"""Tools of other trades than marketing, in both languages: the right one is called with what was said, never with more.

A required identifier or amount that nobody said is asked for. Schemas and questions are in other_trades.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.embedded.planner import Plan, plan

_FILE: dict[str, Any] = json.loads((Path(__file__).parents[3] / "support" / "other_trades.json").read_text("utf-8"))
TOOLS = [{"type": "function", "function": function} for function in _FILE["tools"]]
NAMES = [function["name"] for function in _FILE["tools"]]


def asked(text: str, choice: Any = None) -> Plan:
    facts = {"role": "system", "content": "## Facts\n- today: 2026-11-20\n"}
    return plan([facts, {"role": "user", "content": text}], TOOLS, choice)


@pytest.mark.parametrize(("text", "name", "args"), _FILE["cases"])
def test_a_tool_of_another_trade_is_called_or_asked_for(text: str, name: str | None, args: dict[str, Any]) -> None:
    made = asked(text)
    assert [call.name for call in made.calls] == ([name] if name else []), made
    if name:
        assert {key: made.calls[0].args.get(key) for key in args} == args
    else:
        assert made.text


@pytest.mark.parametrize("name", NAMES)
def test_a_named_tool_is_called_whatever_is_said(name: str) -> None:
    made = asked("hm", {"type": "function", "function": {"name": name}})
    assert [call.name for call in made.calls] == [name]


def test_a_required_choice_calls_one_and_none_calls_none() -> None:
    assert [c.name for c in asked("are all the servers up?", "required").calls] == ["server_status"]
    assert not asked("are all the servers up?", "none").calls
