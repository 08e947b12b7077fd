from __future__ import annotations

from typing import Any

from graphs.memory import MOST_PAST, ROOM_FOR_ANSWER, TURNS_KEPT, fitted


def turn(n: int, size: int = 3) -> list[dict[str, Any]]:
    call = {"id": f"c{n}", "type": "function", "function": {"name": "ga4_report", "arguments": "{}"}}
    return [
        {"role": "user", "content": f"q{n}" + "x" * size},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": f"c{n}", "content": "{}"},
        {"role": "assistant", "content": f"a{n}"},
    ]


def asked(rows: list[dict[str, Any]]) -> list[str]:
    return [row["content"].rstrip("x") for row in rows if row["role"] == "user"]


def test_all_turns_are_kept_while_they_fit() -> None:
    rows = fitted("system", [*turn(1), *turn(2)], "now", [], 100_000)
    assert asked(rows) == ["q1", "q2", "now"]
    assert rows[0]["role"] == "system"


def test_the_oldest_turns_go_first_and_whole_when_the_window_is_short() -> None:
    past = [row for n in range(6) for row in turn(n, size=3_000)]
    rows = fitted("system", past, "now", [], ROOM_FOR_ANSWER + 3_000)
    assert asked(rows) == ["q3", "q4", "q5", "now"]
    answered = {row["tool_call_id"] for row in rows if row["role"] == "tool"}
    called = {call["id"] for row in rows for call in row.get("tool_calls") or ()}
    assert answered == called


def test_this_turn_is_kept_even_when_nothing_else_fits() -> None:
    rows = fitted("system", turn(1, 9_000), "now" * 5_000, turn(2)[1:3], 4_096)
    assert [row["role"] for row in rows] == ["system", "user", "assistant", "tool"]


def test_no_more_turns_than_the_limit_are_kept() -> None:
    past = [row for n in range(30) for row in turn(n)]
    assert len(asked(fitted("s", past, "now", [], 10**6))) == TURNS_KEPT + 1


def test_a_wide_window_does_not_make_a_long_conversation_dear() -> None:
    past = [row for n in range(TURNS_KEPT) for row in turn(n, size=9_000)]
    rows = fitted("s", past, "now", [], 10**6)
    assert sum(len(row["content"] or "") for row in rows) < MOST_PAST * 3
    assert asked(rows)[-2:] == ["q11", "now"]
