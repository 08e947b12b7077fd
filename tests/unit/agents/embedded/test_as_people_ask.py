"""Questions as marketers put them: odd comparisons, follow-ups, several conditions, names that are nobody's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.planning import answered, ask, calls

PPC, SEO, ASSISTANT = "ppc-specialist", "seo-strategist", "personal-assistant"


def only(text: str, slug: str, *before: str) -> tuple[str, dict[str, Any]]:
    """The one call made for a question after earlier ones."""
    said = [message for each in before for message in (_user(each), {"role": "assistant", "content": "Done."})]
    (call,) = ask(text, slug, before=said).calls
    return call.name, call.args


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("sessions on mobile in Germany", ["deviceCategory==mobile", "country==Germany"]),
        ("sesiuni pe mobil din Germania", ["deviceCategory==mobile", "country==Germany"]),
        ("email sessions in Romania", ["sessionDefaultChannelGroup==Email", "country==Romania"]),
        ("trafic organic din București pe telefon",
         ["sessionDefaultChannelGroup==Organic Search", "deviceCategory==mobile", "city==Bucharest"]),
        ("how many new users from Italy?", ["country==Italy"]),
        ("sessions from Facebook last month", ["sessionSource=@facebook"]),
        ("vizite de pe instagram pe mobil", ["deviceCategory==mobile", "sessionSource=@instagram"]),
        ("mobile vs desktop sessions in Germany", ["deviceCategory=~^(mobile|desktop)$", "country==Germany"]),
    ],
)  # fmt: skip
def test_conditions_that_no_other_report_takes_go_to_the_free_one(text: str, filters: list[str]) -> None:
    name, args = only(text, SEO)
    assert (name, args["filters"]) == ("ga4_report", filters)


@pytest.mark.parametrize(
    "text",
    [
        "Which countries do our customers come from?",
        "what share of sessions came from Germany?",
        "show us the sessions on mobile",
        "Din ce țări vin clienții noștri?",
        "Sesiunile pe mobil, cu evoluția sua",
    ],
)
def test_what_one_report_tells_stays_with_it(text: str) -> None:
    assert only(text, SEO)[0] == "ga4_audience"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("cost of the Brand campaign on mobile", "ads_campaigns", {"campaign": "Brand", "device": "mobile"}),
        ("cât am cheltuit pe mobil luna trecută?", "ads_overview", {"device": "mobile", "range": "last_month"}),
        ("clicks by device", "ads_overview", {"by": "device"}),
        ("mobile vs desktop clicks", "ads_overview", {"by": "device"}),
        ("Tents campaign: clicks and CTR yesterday", "ads_campaigns", {"campaign": "Tents", "range": "yesterday"}),
        ("top 3 campaigns by ROAS", "ads_campaigns", {"limit": 50}),
        ("care e cea mai proastă campanie?", "ads_campaigns", {"limit": 50}),
        ('how much did search terms with "rental" cost us?', "ads_search_terms", {"contains": "rental"}),
        ("cât au costat termenii cu „gratuit”?", "ads_search_terms", {"contains": "gratuit"}),
        ("top 3 campaigns by clicks", "ads_campaigns", {"limit": 3, "sort_by": "clicks"}),
    ],
)
def test_advertising_is_asked_for_what_was_meant(text: str, name: str, expected: dict[str, Any]) -> None:
    found, args = only(text, PPC)
    assert (found, args | expected) == (name, args)


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("yesterday vs same day last week, sessions", ["yesterday", "2026-11-12..2026-11-12"]),
        ("câte sesiuni am avut ieri față de aceeași zi săptămâna trecută?", ["yesterday", "2026-11-12..2026-11-12"]),
        ("did sessions do better than in september?", ["this_month", "2026-09-01..2026-09-20"]),
    ],
)
def test_the_other_period_is_the_one_that_was_said(text: str, ranges: list[str]) -> None:
    made = ask(text, SEO)
    assert [call.args["range"] for call in made.calls] == ranges


@pytest.mark.parametrize("text", ["which campaign should I pause?", "ce campanie ar trebui să opresc?"])
def test_a_verb_is_no_campaign(text: str) -> None:
    assert "campaign" not in only(text, PPC)[1]


@pytest.mark.parametrize("text", ["average order value in October", "valoarea medie a comenzii în octombrie"])
def test_what_an_order_brings_is_no_conversion_value(text: str) -> None:
    name, args = only(text, SEO)
    assert (name, args["metrics"][0]) == ("ga4_report", "averagePurchaseRevenue")


@pytest.mark.parametrize("text", ["top 5 cities by revenue", "top 5 orașe după venituri"])
def test_the_first_by_another_measure_are_looked_for_among_all(text: str) -> None:
    name, args = only(text, SEO)
    assert (name, args["by"], args["limit"]) == ("ga4_audience", "city", 50)


@pytest.mark.parametrize("text", ["sessions versus last month", "sesiuni față de luna trecută"])
def test_a_period_only_held_against_is_not_the_one_asked_about(text: str) -> None:
    args = only(text, SEO)[1]
    assert (args["range"], args.get("compare")) == ("this_month", "previous")


def test_two_channels_and_a_period_after_them_keep_the_period() -> None:
    name, args = only("newsletter vs direct sessions last week", SEO)
    assert name == "ga4_traffic_sources"
    assert args["range"] == "2026-11-09..2026-11-15"
    assert "channel" not in args


@pytest.mark.parametrize(
    ("text", "slug", "before", "name", "expected"),
    [
        ("dar pe desktop?", SEO, "sesiuni pe mobil din Germania", "ga4_report",
         {"filters": ["deviceCategory==desktop", "country==Germany"]}),
        ("and in France?", SEO, "sessions on mobile in Germany", "ga4_report",
         {"filters": ["deviceCategory==mobile", "country==France"]}),
        ("why?", PPC, "ad spend last month", "ads_overview", {"range": "last_month"}),
        ("which one is the worst", PPC, "top 3 campaigns by ROAS this month", "ads_campaigns", {"range": "this_month"}),
        ("and on mobile?", SEO, "cele mai citite 5 articole săptămâna trecută", "ga4_report",
         {"dimensions": ["pagePath"], "filters": ["deviceCategory==mobile"], "limit": 5}),
    ],
)  # fmt: skip
def test_a_follow_up_keeps_what_it_does_not_change(
    text: str, slug: str, before: str, name: str, expected: dict[str, Any]
) -> None:
    found, args = only(text, slug, before)
    assert (found, args | expected) == (name, args)


@pytest.mark.parametrize("text", ["how much did this conversation cost me so far", "cât a costat conversația asta?"])
def test_what_the_chat_cost_is_no_matter_of_advertising(text: str) -> None:
    assert calls(ask(text, ASSISTANT)) == ["ct_balance"]


@pytest.mark.parametrize("text", ["câți cititori am avut ieri?", "how many readers did we have yesterday?"])
def test_another_agents_matter_is_handed_over_in_unusual_words_too(text: str) -> None:
    assert only(text, PPC)[1]["agent"] == SEO


def campaigns(*rows: tuple[str, float, float, float | None, float]) -> str:
    names = ("cost", "conversions", "cpa", "roas")
    kinds = ("money", "number", "money", "number")
    return json.dumps(
        {
            "title": "Campaigns",
            "source": "demo",
            "currency": "EUR",
            "date_range": {"start": "2026-10-24", "end": "2026-11-20"},
            "columns": [
                {"name": "campaign", "label": "Campaign", "kind": "text"},
                *({"name": n, "label": n, "kind": k} for n, k in zip(names, kinds, strict=True)),
            ],
            "rows": [list(row) for row in rows],
            "totals": {"cost": sum(row[1] for row in rows)},
            "notes": ["2026-11-09: cost 90.00 EUR, usually 10.00 EUR on that weekday (z 8.1)."],
        }
    )


LISTED = campaigns(("Big", 900, 30, 30.0, 8.0), ("Idle", 50, 0, None, 0.0), ("Small", 20, 1, 20.0, 2.0))


@pytest.mark.parametrize(
    "question", ["Which campaign should we pause?", "Which is our worst campaign?", "Care e cea mai proastă campanie?"]
)
def test_the_worst_campaign_is_not_the_one_that_spends_most(question: str) -> None:
    text = answered(question, ("ads_campaigns", LISTED))
    assert text.index("**Idle**") < text.index("**Small**") < text.index("**Big**")


def test_money_without_a_conversion_is_the_dearest() -> None:
    text = answered("Most expensive conversions by campaign?", ("ads_campaigns", LISTED))
    assert text.index("**Idle**") < text.index("**Big**") < text.index("**Small**")


@pytest.mark.parametrize("question", ["What stands out in the campaigns?", "How are the campaigns doing?"])
def test_a_finding_with_a_day_in_it_is_told(question: str) -> None:
    assert "9 Nov 2026: cost" in answered(question, ("ads_campaigns", LISTED))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("show Acme Dental's ad spend",
         "Nothing here is called “Acme Dental”: these figures are those of Alma Home."),
        ("show me the numbers of Acme Dental",
         "Nothing here is called “Acme Dental”: these figures are those of Alma Home."),
        ("arată-mi cheltuiala pe reclame la Acme Dental",
         "Aici nimic nu se numește „Acme Dental”: cifrele sunt ale clientului Alma Home."),
    ],
)  # fmt: skip
def test_no_figures_are_taken_for_those_of_another_client(question: str, words: str) -> None:
    assert words in answered(question, ("ads_campaigns", LISTED))


def test_a_campaign_of_that_name_is_no_stranger() -> None:
    assert "Nothing here" not in answered("What did we spend on Idle?", ("ads_campaigns", LISTED))
