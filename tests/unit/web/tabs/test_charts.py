"""Charts are places computed from figures: nothing is left out, drawn twice or beyond the edge."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.blocks import Cell, Column, Kind
from tools.connectors.tabs import Section
from web.tabs.bars import bars
from web.tabs.figures import Figures
from web.tabs.funnel import funnel
from web.tabs.line import HEIGHT, TOP, WIDTH, line
from web.tabs.scale import scale
from web.tabs.shape import shape

SESSIONS = Column(name="sessions", label="Sessions", kind="integer")
DAYS = [f"2026-11-{day:02d}" for day in range(1, 11)]


@given(st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=20))
def test_a_scale_holds_every_value_in_few_steps(cents: list[int]) -> None:
    values = [each / 100 for each in cents]
    fit = scale(values, "number")
    assert fit.ticks[0] <= min(0, *values, 0) and fit.ticks[-1] >= max(0, *values, 0) * (1 - 1e-9)
    assert 2 <= len(fit.ticks) <= 8


@pytest.mark.parametrize(
    ("values", "kind", "ticks"),
    [
        ([618, 12], "integer", (0, 200, 400, 600, 800)),
        ([3], "integer", (0, 1, 2, 3)),
        ([0, 0], "integer", (0, 1)),
        ([], "money", (0, 1)),
        ([0.42], "percent", (0, 0.2, 0.4, 0.6)),
        ([95], "seconds", (0, 30, 60, 90, 120)),
        ([-50, 100], "money", (-50, 0, 50, 100)),
    ],
)
def test_scales_are_what_a_person_would_draw(values: list[float], kind: Kind, ticks: tuple[float, ...]) -> None:
    assert scale(values, kind).ticks == pytest.approx(ticks)


def test_a_line_has_a_point_a_day_and_goes_from_edge_to_edge(english: Figures) -> None:
    now: list[Cell] = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    drawn = line(english, "Sessions", DAYS, SESSIONS, now, [5] * 10)
    assert drawn is not None and len(drawn.points) == 10
    assert drawn.points[0].said == "1 Nov 2026: 10 (before: 5)"
    assert drawn.path.startswith("M0 ") and f"L{WIDTH} 0" in drawn.path and drawn.path.count("L") == 9
    assert drawn.points[-1].y == TOP and drawn.points[-1].x == 100
    assert sum(point.width for point in drawn.points) == pytest.approx(100, abs=0.1)
    assert "Highest on 10 Nov 2026: 100" in drawn.summary and "Lowest on 1 Nov 2026: 10" in drawn.summary


def test_a_missing_day_is_a_gap_and_never_zero(english: Figures) -> None:
    now: list[Cell] = [10, 20, None, 40, 50, 60, 70, 80, 90, 100]
    drawn = line(english, "Sessions", DAYS, SESSIONS, now, [])
    assert drawn is not None and drawn.path.count("M") == 2 and drawn.area == "" and drawn.before == ""
    assert drawn.points[2].y is None and drawn.points[2].said.endswith(": –")


def test_one_day_is_no_line(english: Figures) -> None:
    assert line(english, "Sessions", DAYS[:1], SESSIONS, [1], []) is None


@given(st.lists(st.one_of(st.none(), st.integers(-1000, 10**9)), min_size=2, max_size=90))
def test_no_point_is_drawn_outside_the_picture(values: list[int | None]) -> None:
    days = [f"2026-{1 + n // 28:02d}-{1 + n % 28:02d}" for n in range(len(values))]
    drawn = line(Figures.of("en", None), "x", days, SESSIONS, values, list(reversed(values)))
    assert drawn is not None
    heights = [float(y) for _, y in re.findall(r"[ML]([\d.e+-]+) ([\d.e+-]+)", drawn.path + drawn.before)]
    assert all(-0.01 <= height <= HEIGHT + 0.01 for height in heights)


def test_bars_are_the_largest_rows_beside_the_period_before(english: Figures, table_section: Section) -> None:
    form = shape(table_section)
    drawn = bars(english, table_section, form, form.drawn())
    assert drawn is not None and [bar.name for bar in drawn.bars] == ["Brand", "Ștergătoare", "=cmd()"]
    assert drawn.bars[0].width == 100 and drawn.bars[0].before_width == pytest.approx(81.0, abs=0.1)
    assert drawn.left == 2


def test_rows_that_share_a_name_have_no_bars(english: Figures, table_section: Section) -> None:
    twice = table_section.model_copy(update={"rows": [table_section.rows[0]] * 2})
    assert bars(english, twice, shape(twice), shape(twice).drawn()) is None


def test_a_funnel_says_who_went_on_and_who_was_lost(english: Figures) -> None:
    columns = [Column(name="step", label="Step"), Column(name="users", label="Users", kind="integer")]
    rows: list[list[Cell]] = [["session_start", 200], ["view_item", 50], ["purchase", 0]]
    section = Section(id="funnel", title="Funnel", kind="funnel", columns=columns, rows=rows)
    steps = funnel(english, section, shape(section))
    assert [step.name for step in steps] == ["Visit", "Product viewed", "Purchase"]
    assert (steps[1].kept, steps[1].lost, steps[1].share, steps[1].width) == ("25.0%", "150", "25.0%", 25)
    assert (steps[2].kept, steps[2].lost) == ("0.0%", "50")
    nobody = section.model_copy(update={"rows": [["session_start", 0], ["purchase", 0]]})
    assert funnel(english, nobody, shape(nobody)) == []
