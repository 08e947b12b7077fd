"""What operators are shown of any telemetry: all that is in it by its name, and nothing invented for what is not."""

from __future__ import annotations

from datetime import date

import pytest

from billing.coverage import NAMES
from billing.daily import Day
from billing.rollup import columns
from web import i18n
from web.operators.costs import METRICS, MOST_ROWS, TOLD_ALREADY, Writer, report

WINDOW = {
    "rows": 3,
    "rows_with_tokens": 3,
    "rows_with_cost": 2,
    "rows_estimated": 0,
    "tokens_in": 10,
    "tokens_out": 5,
    "cost_eur_micro": 1_234_567,
    "billable_eur_micro": 2_000_000,
    "ct_actual": 1000,
    "ct_shadow": 900,
    "ct_delta": -100,
    "implied_ct_value_eur_micro": None,
}
BASE = {"as_of": "2026-11-20T12:00:00+00:00", "windows": {"24h": WINDOW}, "latest": []}
DAYS = [Day(date(2026, 11, day)) for day in range(14, 21)]


def test_figures_are_written_to_the_unit_and_unknown_ones_are_a_dash():
    cards = report("en", BASE, DAYS).windows[0].figures
    assert [card.text for card in cards] == ["3", "10", "5", "€1.2346", "€2.0000", "1,000", "900", "-100", "–"]
    assert Writer("en").text(1, "fine") == "€0.000001" and Writer("ro").text(1, "fine").startswith("0,000001")


@pytest.mark.parametrize(("part", "whole", "said"), [(2, 3, "66.6%"), (3, 3, "100%"), (0, 3, "0%"), (0, 0, "–")])
def test_a_share_is_rounded_down_so_that_all_means_all(part, whole, said):
    assert Writer("en").percent(part, whole) == said


def test_percentiles_and_marks_are_shown_where_telemetry_has_them():
    more = {
        "percentiles": {"ct_actual": {"p50": 3, "p99": 40}, "cost": {"p50": 5, "p99": None}},
        "coverage": {
            "tokens": {"rows": 3, "share_bp": 10_000},
            "late": {"rows": 1, "share_bp": 3333},
            "new": {"rows": 2},
        },
    }
    window = report("en", {**BASE, "windows": {"24h": WINDOW | more}}, DAYS).windows[0]
    assert window.ranks == ["p50", "p99"]
    assert window.spread == [["CT debited", "3", "40"], ["Cost", "€0.000005", "–"]]
    labels = [card.label for card in window.coverage]
    assert "Priced afterwards" in labels and "new" in labels and "tokens" not in labels
    assert report("en", BASE, DAYS).windows[0].spread == []


@pytest.mark.parametrize("language", ["en", "ro"])
def test_whatever_telemetry_counts_and_every_end_of_a_call_has_words(language):
    write = Writer(language)
    for name in (*(METRICS.get(each, (each,))[0] for each in columns.METRICS), *(f"flag.{name}" for name in NAMES)):
        assert i18n.has(language, f"costs.{name}") or name in TOLD_ALREADY, name
    for status in ("settled", "cancelled", "failed"):
        assert i18n.has(language, f"costs.status.{status}")
    assert write.named("status.new") == "new"


def test_a_long_table_ends_with_how_many_more_there_are():
    rows = [{"workspace_id": f"w{n:02}", **WINDOW, "ct_actual": 500 - n} for n in range(MOST_ROWS + 2)]
    group = report("en", {**BASE, "by_workspace": rows}, DAYS).groups[2]
    assert len(group.rows) == MOST_ROWS and group.more.startswith("And 2 more;")
    assert report("en", {**BASE, "by_workspace": rows[:MOST_ROWS]}, DAYS).groups[2].more == ""


def test_every_day_of_a_week_is_named_under_the_chart():
    drawn = report("en", BASE, DAYS).line
    assert drawn is not None and len(drawn.labels) == 7
    assert [label.minor for label in drawn.labels] == [False, True, True, False, True, True, False]


@pytest.mark.parametrize(
    ("phase3", "state"),
    [
        (None, "off"),
        ({"enabled": False, "window": None}, "off"),
        ({"enabled": True, "open": False, "window": None}, "allowed, no window open"),
        ({"enabled": True, "open": True, "window": {"closes_at": "2026-11-21T12:00:00+00:00"}}, "on"),
    ],
)
def test_phase_3_is_said_as_it_is(phase3, state):
    found = report("en", {**BASE, "phase3": phase3}, DAYS)
    assert found.phase3[0].text == state
    assert any("21 Nov 2026" in card.text for card in found.phase3) == (state == "on")


def test_bars_are_whole_percent_of_the_longest_and_the_longest_comes_first():
    rows = [{"model": "a", **WINDOW}, {"model": "b", **WINDOW, "ct_actual": 10, "ct_shadow": 2000}]
    group = report("en", {**BASE, "by_model": rows}, DAYS).groups[0]
    assert [(bar.name, bar.width, bar.before_width) for bar in group.bars] == [("b", 100, 0), ("a", 45, 50)]
    assert [row[0] for row in group.rows] == ["b", "a"]
