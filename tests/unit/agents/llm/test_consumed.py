"""Which calls of tools a model call is charged for: those whose results it is the first to read."""

from __future__ import annotations

from agents.llm.consumed import NEEDS, results_read

WITH = next(name for name, needs in NEEDS.items() if len(needs) == 1)
WITHOUT = next(name for name, needs in NEEDS.items() if not needs)


def asks(**calls):
    return {"role": "assistant", "tool_calls": [{"id": key, "function": {"name": name}} for key, name in calls.items()]}


def result(call):
    return {"role": "tool", "tool_call_id": call, "content": "{}"}


def charged(name, times=1):
    return {f"tool:{name}": times, **{f"connector:{each}": times for each in NEEDS[name]}}


def test_a_result_that_is_new_counts_with_the_connector_it_needs():
    found = results_read([{"role": "user"}, asks(a=WITH), result("a")])
    assert found == charged(WITH) and any(name.startswith("connector:") for name in found)


def test_every_result_since_the_model_last_spoke_counts():
    assert results_read([asks(a=WITH, b=WITH), result("a"), result("b")]) == charged(WITH, 2)


def test_what_was_read_before_is_not_charged_again():
    earlier = [asks(a=WITH), result("a"), asks(b=WITH), result("b")]
    assert results_read(earlier) == charged(WITH)
    assert results_read([*earlier, {"role": "assistant", "content": "Done."}, {"role": "user"}]) == {}


def test_a_call_without_a_result_and_a_tool_nobody_offers_are_left_out():
    assert results_read([asks(a=WITH, b=WITH, c="made_up"), result("a"), result("c")]) == charged(WITH)


def test_a_tool_without_a_connection_counts_as_itself_alone():
    assert results_read([asks(a=WITHOUT), result("a")]) == {f"tool:{WITHOUT}": 1}


def test_nothing_said_is_nothing_charged():
    assert results_read([]) == results_read([{"role": "user"}, result("stray")]) == {}
