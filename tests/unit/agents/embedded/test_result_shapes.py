"""Tool results of any shape are told as far as they make sense: never an error, never an invented number."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.embedded.planner import plan
from tests.support.planning import tool

THING = tool("get_thing", "Get a thing", {"id": {"type": "string"}})
NESTED = {
    "order": {"id": 991, "customer": {"name": "Ana", "address": {"city": "Cluj"}}, "items": [{"sku": "A1", "qty": 2}]},
    "total": 120.5,
    "currency": "RON",
}
DEEP: dict[str, Any] = {"a": 1}
for _ in range(60):
    DEEP = {"n": DEEP}


def told(body: str, question: str = "show me the thing") -> str:
    call = {"id": "c", "type": "function", "function": {"name": "get_thing", "arguments": "{}"}}
    turn: list[dict[str, Any]] = [
        {"role": "user", "content": question},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": body},
    ]
    return plan(turn, [THING]).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "nothing came back"),
        ([], "nothing came back"),
        ({}, "nothing came back"),
        (42.5, "42.5"),
        ([1, "a", None], "- a"),
        (NESTED, "Cluj"),
        (NESTED, "qty 2"),
        (NESTED, "120.5"),
        ([{"name": f"row {n}", "value": n} for n in range(20_000)], "(19992 more.)"),
        ({"error": "not found"}, "Not found."),
        ({"errors": [{"message": "bad id", "code": 4}]}, "Bad id."),
        ({"error": {"code": "x", "message": "No such order.", "hint": "Check it."}}, "No such order. Check it."),
        ({"columns": ["a", "b"], "rows": [["x", 1], ["y", 2]]}, "**y**: B 2"),
        ({"columns": [{"name": "a"}], "rows": None}, "no data"),
        ({"columns": [{"name": "a"}], "rows": [["x"]], "truncated": "many"}, "x"),
        ({"totals": [1, 2]}, "1, 2"),
        ({"notes": "hi"}, "hi"),
        ({"n": 10**30, "f": 1e300, "tiny": -0.00001}, "−0.00001"),
        ([{"type": "text", "text": '{"temp": 12}'}], "temp: 12"),
        ({"content": [{"type": "text", "text": '{"temp": 12}'}]}, "temp: 12"),
        (json.dumps({"a": 1}), "a: 1"),
        ({"data": [{"id": 1, "tags": ["x", "y"]}], "next": None}, "tags x, y"),
        ("<html><body>502 Bad Gateway</body></html>", "502 Bad Gateway"),
    ],
)
def test_any_json_is_told(data: Any, said: str) -> None:
    assert said in told(json.dumps(data))


@pytest.mark.parametrize("body", ["", "{not json", '{"a": NaN, "b": Infinity}', json.dumps(DEEP), "[" * 5000, "\x00"])
@pytest.mark.parametrize("question", ["show me the thing", "arată-mi lucrul"])
def test_what_is_no_data_breaks_nothing(body: str, question: str) -> None:
    text = told(body, question)
    assert text
    assert not any(word in text for word in ("nan", "NaN", "∞", "Something went wrong", "Ceva nu a mers"))
