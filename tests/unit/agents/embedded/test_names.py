"""Names said without a label, periods still to come, identifiers, and questions that only split what was asked."""

from __future__ import annotations

from datetime import date

import pytest

from agents.embedded.arguments.bare import bare_names
from agents.embedded.dates import read_dates, without_dates
from agents.embedded.masks import masked
from tests.support.planning import TODAY, ask, calls


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Compare Brand and Brand 2", ("Brand", "Brand 2")),
        ("compare brand and brand 2", ("brand", "brand 2")),
        ("Compară Brand cu Brand 2 luna trecută", ("Brand", "Brand 2")),
        ("Brand vs Brand 2 last month", ("Brand", "Brand 2")),
        ('Compare "A" and "B"', ("A", "B")),
        ("How did Spring Sale do over the last 30 days?", ("Spring Sale",)),
        ("How is Generic: ure & smykker doing?", ("Generic: ure & smykker",)),
        ("Which keywords in Brand have a low quality score?", ("Brand",)),
        ("cât a costat Display Iași luna trecută", ("Display Iași",)),
        ("Compare mobile and desktop", ()),
        ("Compare Organic Search with Direct", ()),
        ("Compară octombrie cu septembrie", ()),
        ("Compară 2025 cu 2026", ()),
        ("Compare clicks and cost", ()),
        ("How Did Our Google Ads Do Last Month?", ()),
        ("HOW MANY CLICKS LAST WEEK", ()),
        ("Should I buy Tesla shares?", ()),
        ("How are Alma Home ads doing?", ()),
    ],
)
def test_names_are_told_from_other_words(text: str, names: tuple[str, ...]) -> None:
    assert bare_names(without_dates(text, TODAY), "Alma Home") == names


def test_a_masked_question_is_restored() -> None:
    mask = masked("Compare Spring Sale and Spring Sales", TODAY)
    assert "Sale" not in mask.text
    assert mask.restored(mask.text) == "Compare Spring Sale and Spring Sales"


@pytest.mark.parametrize("text", ["Compare Brand and Brand 2", "Compară Brand cu Brand 2", "brand vs brand 2"])
def test_names_without_an_ad_word_go_to_google_ads_and_narrow_nothing(text: str) -> None:
    assert ask(text, "personal-assistant").calls[0].args["agent"] == "ppc-specialist"
    made = ask(text)
    assert calls(made) == ["ads_campaigns"]
    assert "campaign" not in made.calls[0].args
    assert made.calls[0].args["limit"] == 50


@pytest.mark.parametrize("text", ["what share of spend went on Spring Sale?", "ce pondere din cost are Spring Sale?"])
def test_a_share_is_of_the_whole(text: str) -> None:
    assert "campaign" not in ask(text).calls[0].args


@pytest.mark.parametrize("text", ["who is on the site this second", "câți oameni sunt acum pe site"])
def test_right_now_is_realtime_however_it_is_said(text: str) -> None:
    assert ask(text, "personal-assistant").calls[0].args["agent"] == "seo-strategist"
    assert calls(ask(text, "seo-strategist")) == ["ga4_realtime"]


def test_a_part_that_only_splits_is_no_second_question() -> None:
    made = ask("Anybody browsing right now, and from which country?", "seo-strategist")
    assert [(c.name, c.args.get("by")) for c in made.calls] == [("ga4_realtime", "country")]


def test_dates_are_blanked_where_they_stand_after_a_slip() -> None:
    assert without_dates("comapred lst week Brand", TODAY).endswith("k Brand") is False
    assert "Brand" in without_dates("clicks lst week Brand", TODAY)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("since the 1st", date(2026, 11, 1)),
        ("de la întâi încoace", date(2026, 11, 1)),
        ("since the 25th", date(2026, 10, 25)),
    ],
)
def test_a_day_without_a_month_is_the_latest(text: str, start: date) -> None:
    found = read_dates(text, TODAY).period
    assert found is not None
    assert (found.start, found.end) == (start, TODAY)


def test_overlapping_periods_named_outright_are_read_apart() -> None:
    made = ask("Ce cost am avut în 1–10 noiembrie față de 25 octombrie – 3 noiembrie?")
    assert [(c.args["range"], c.args["compare"]) for c in made.calls] == [
        ("2026-11-01..2026-11-10", "none"),
        ("2026-10-25..2026-11-03", "none"),
    ]
