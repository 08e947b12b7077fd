from dataclasses import replace

import pytest

from agents.roster import AGENTS
from web.search.catalog import public_entries
from web.search.entry import Entry, Label, fold
from web.search.ranking import rank


def titles(query: str, limit: int = 8) -> list[str]:
    return [hit.label.title for hit in rank(public_entries(), query, limit)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("ppc", "PPC Specialist"),
        ("seo", "SEO & Content Strategist"),
        ("personal assistant", "Personal Assistant"),
        ("asistent", "Personal Assistant"),
        ("ga4", "Google Analytics 4"),
        ("google ads", "Google Ads"),
        ("adwords", "Google Ads"),
        ("funnels", "Google Analytics 4"),
        ("pâlnii", "Google Analytics 4"),
        ("palnii", "Google Analytics 4"),
        ("Prețuri", "Prețuri"),
        ("preturi", "Prețuri"),
        ("PREȚURI", "Prețuri"),
        ("pricing", "Pricing"),
        ("pric", "Pricing"),
        ("gdpr", "Privacy notice"),
        ("sign in", "Sign in"),
        ("autentificare", "Autentificare"),
        ("openapi", "API documentation"),
        ("conectori", "Conectori"),
        ("assistent", "Personal Assistant"),
        ("anlytics", "Google Analytics 4"),
    ],
)
def test_what_people_type_finds_what_they_mean(query: str, first: str) -> None:
    assert titles(query)[0] == first


def test_google_leads_to_both_connectors_before_anything_else() -> None:
    assert titles("google")[:2] == ["Google Ads", "Google Analytics 4"]


@pytest.mark.parametrize("query", ["", "   ", "!?", "日本", "zzzzqq", "ppc zzzzqq", "x" * 80])
def test_nothing_is_offered_for_what_is_not_there(query: str) -> None:
    assert titles(query) == []


def test_the_order_does_not_depend_on_the_order_of_the_entries() -> None:
    entries = public_entries()
    for query in ("a", "g", "co", "google", "s"):
        assert rank(entries, query, 8) == rank(reversed(entries), query, 8)


def test_every_word_of_the_query_has_to_be_found() -> None:
    assert titles("google ads")[0] == "Google Ads"
    assert "Google Analytics 4" not in titles("google campaigns")


def test_no_more_is_given_than_asked_for() -> None:
    assert len(titles("a", 2)) == 2


def test_a_typo_finds_less_surely_than_the_word() -> None:
    right, wrong = rank(public_entries(), "analytics", 1)[0], rank(public_entries(), "anlytics", 1)[0]
    assert right.entry == wrong.entry and right.score > wrong.score > 0


def test_an_entry_shows_the_language_that_the_query_fits() -> None:
    entry = Entry("page", "/x", (Label("Prices"), Label("Prețuri")))
    assert rank([entry], "prices", 1)[0].label.title == "Prices"
    assert rank([entry], "preturi", 1)[0].label.title == "Prețuri"


def test_equals_stand_by_weight() -> None:
    light = Entry("page", "/a", (Label("Same"),))
    heavy = replace(light, url="/b", weight=1)
    assert [hit.entry.url for hit in rank([light, heavy], "same", 2)] == ["/b", "/a"]


@pytest.mark.parametrize(("text", "folded"), [("Șțăâî  X", "staai x"), ("Straße", "strasse"), ("łódź", "lodz")])
def test_folding_takes_off_diacritics(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_an_agent_that_is_not_available_is_not_offered() -> None:
    coming = {agent.name for agent in AGENTS if not agent.available}
    assert coming.isdisjoint(entry.labels[0].title for entry in public_entries())
