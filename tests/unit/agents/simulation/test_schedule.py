"""Simulated traffic: drawn from its seed alone, with days, nights and every kind of end."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from agents.roster import AGENTS
from agents.simulation.dialogs import AGENT_SHARES, STAGES, dialogs
from agents.simulation.rehearsal import Plan
from agents.simulation.schedule import KINDS, SECONDS, events, tenants
from camarad.errors import BadInput, Misconfigured


def drawn(seed: int, hours: int = 48, workspaces: int = 20):
    random = Random(seed)
    who = tenants(workspaces, random)
    return who, events(who, hours, 6, random)


def test_the_same_seed_gives_the_same_traffic_and_another_another() -> None:
    assert drawn(3) == drawn(3) and drawn(3) != drawn(4)


def test_workspaces_have_sizes_and_calls_have_ends_agents_and_hours() -> None:
    who, calls = drawn(1)
    assert Counter(t.size for t in who) == {"small": 12, "medium": 6, "large": 2}
    assert {c.kind for c in calls} == {kind for kind, _ in KINDS}
    assert {c.agent for c in calls} == {agent for agent, _ in AGENT_SHARES}
    assert all(0 <= c.second < 48 * 3600 for c in calls)
    by_hour = Counter((6 + c.second // 3600) % 24 for c in calls)
    assert by_hour[10] + by_hour[11] > 5 * (by_hour[1] + by_hour[2])
    assert [c.second // SECONDS for c in calls] == sorted(c.second // SECONDS for c in calls)


def test_dialogs_are_the_products_own_questions_prompts_and_tools() -> None:
    for agent, _ in AGENT_SHARES:
        found = dialogs(agent)
        assert len(found) >= 2 * len(STAGES)
        assert all(d.messages[0]["role"] == "system" and d.tools for d in found)
    assert {agent for agent, _ in AGENT_SHARES} <= {a.slug for a in AGENTS if a.available}


@pytest.mark.parametrize(
    ("hours", "workspaces", "models"),
    [(23, 5, ("openai/gpt-5-mini",)), (48, 0, ("openai/gpt-5-mini",)), (48, 5, ()), (48, 5, ("a/x", "b/x"))],
)
def test_a_plan_that_makes_no_sense_is_refused(hours: int, workspaces: int, models: tuple[str, ...]) -> None:
    with pytest.raises(BadInput):
        Plan(hours, workspaces, 1, models)


def test_a_model_without_a_list_price_is_refused() -> None:
    with pytest.raises(Misconfigured):
        Plan(48, 5, 1, ("nobody/knows",))
