"""Figures are written in the reader's language; a change says by word and sign what its colour says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tools.blocks import Cell, Column, Kind
from tools.result import Period
from web.tabs.figures import Figures
from web.tabs.notes import said


@pytest.mark.parametrize(
    ("value", "kind", "english", "romanian"),
    [
        (1234.5, "money", "RON 1,234.50", "1.234,50 RON"),
        (0.1234, "percent", "12.3%", "12,3 %"),
        (1234567, "integer", "1,234,567", "1.234.567"),
        (None, "money", "–", "–"),
        (75, "seconds", "1:15", "1:15"),
        (541567, "seconds", "150 h 26 min", "150 h 26 min"),
        ("2026-11-03", "date", "3 Nov 2026", "3 nov. 2026"),
    ],
)
def test_figures_follow_the_language_and_the_currency(value: Cell, kind: Kind, english: str, romanian: str) -> None:
    assert Figures.of("en", "RON").text(value, kind).replace("\xa0", " ") == english
    assert Figures.of("ro", "RON").text(value, kind).replace("\xa0", " ") == romanian


@pytest.mark.parametrize(
    ("share", "name", "arrow", "tone", "word"),
    [
        (0.1, "clicks", "▲", "good", "up 10.0%, better"),
        (0.1, "cost", "▲", "bad", "up 10.0%, worse"),
        (-0.1, "clicks", "▼", "bad", "down 10.0%, worse"),
        (-0.1, "cpa", "▼", "good", "down 10.0%, better"),
        (0.0, "clicks", "=", "even", "unchanged"),
    ],
)
def test_a_change_is_good_or_bad_by_its_metric(share: float, name: str, arrow: str, tone: str, word: str) -> None:
    change = Figures.of("en", None).change(share, name)
    assert change is not None and (change.arrow, change.tone, change.said) == (arrow, tone, word)


def test_nothing_to_compare_with_is_no_change(english: Figures) -> None:
    assert english.change(None, "clicks") is None


def test_googles_names_of_states_are_words_and_names_people_gave_are_not(english: Figures) -> None:
    status, campaign = Column(name="status", label="Status"), Column(name="campaign", label="Campaign")
    names = ("ENABLED", "PERFORMANCE_MAX", "SOME_NEW_STATE", "odd")
    assert [english.cell(name, status) for name in names] == ["Enabled", "Performance Max", "Some new state", "odd"]
    assert [english.cell(name, campaign) for name in ("ENABLED", "BRAND_RO")] == ["ENABLED", "BRAND_RO"]


def test_a_period_of_one_day_is_one_date_and_times_are_the_accounts(english: Figures) -> None:
    day = date(2026, 11, 19)
    assert english.period(Period(start=day, end=day)) == "19 Nov 2026"
    assert english.period(Period(start=date(2025, 12, 30), end=day)) == "30 Dec 2025 – 19 Nov 2026"
    assert english.moment(datetime(2026, 11, 20, 12, 3, tzinfo=UTC), "Europe/Bucharest") == "20 Nov, 14:03"


def test_sentences_of_connectors_are_in_the_readers_language() -> None:
    romanian = Figures.of("ro", None)
    sampled = said(romanian, "Sampled: 12000 of 50000 events were read.")
    assert "12.000" in sampled and sampled.startswith("Eșantionat")
    assert said(romanian, "A sentence of tomorrow.") == "A sentence of tomorrow."


def test_every_sentence_the_tabs_say_has_words_of_ours() -> None:
    from tools.connectors.session import TODAY_WARNING
    from tools.connectors.tabs import ads_budgets, ads_changes, ga4_funnel, ga4_realtime

    romanian = Figures.of("ro", None)
    known = (TODAY_WARNING, ads_budgets.NOTE, ads_changes.NOTE, ga4_funnel.SILENT, ga4_realtime.NOBODY)
    assert [sentence for sentence in known if said(romanian, sentence) == sentence] == []
