from __future__ import annotations

from agents.roster import PERSONAL_ASSISTANT, PPC_SPECIALIST, SEO_STRATEGIST
from agents.suggestions import IDEAS, suggest
from tools.record import Provider
from tools.registry import TOOLS

BOTH: frozenset[Provider] = frozenset({"ga4", "google-ads"})


def test_a_new_conversation_is_offered_one_of_each_kind() -> None:
    offered = suggest(PERSONAL_ASSISTANT, "en", BOTH)
    assert [idea.agent for idea in offered] == [PPC_SPECIALIST, SEO_STRATEGIST, PPC_SPECIALIST]


def test_nothing_is_offered_that_needs_what_is_not_connected() -> None:
    assert all(idea.agent != PPC_SPECIALIST for idea in suggest(PERSONAL_ASSISTANT, "en", {"ga4"}))
    assert all(idea.agent == PERSONAL_ASSISTANT for idea in suggest(PERSONAL_ASSISTANT, "en", set()))


def test_what_was_just_answered_is_not_offered_and_what_follows_on_leads() -> None:
    offered = suggest(PPC_SPECIALIST, "en", BOTH, ["ads_overview", "ads_wasted_spend"])
    assert offered[0].text == "Which campaigns bring conversions at the lowest cost?"
    assert not any("wasting" in idea.text for idea in offered)


def test_suggestions_speak_the_language_of_the_person() -> None:
    assert suggest(SEO_STRATEGIST, "ro", BOTH)[0].text.startswith("Cum au mers")


def test_ideas_name_tools_that_exist() -> None:
    known = {tool.name for tool in TOOLS}
    assert all(idea.after | idea.covers <= known for idea in IDEAS)
