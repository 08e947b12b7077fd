"""The grounding check on answers as models write them, in both languages and both number formats."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from graphs.grounding import check
from tools.blocks import Column
from tools.result import Meta, Period, ToolResult

META = Meta(
    source="demo",
    as_of=datetime(2026, 11, 20, 12, 5, tzinfo=UTC),
    range=Period(start=date(2026, 10, 23), end=date(2026, 11, 19)),
    compare=Period(start=date(2026, 9, 25), end=date(2026, 10, 22)),
    currency="EUR",
)
COLUMNS = [
    Column(name="campaign", label="Campaign"),
    Column(name="cost", label="Cost", kind="money"),
    Column(name="clicks", label="Clicks", kind="integer"),
    Column(name="ctr", label="CTR", kind="percent"),
]
ADS = ToolResult(
    title="Campaigns",
    meta=META,
    columns=COLUMNS,
    rows=[["Black Friday 2026 -50%", 1234.56, 2481, 0.0612], ["Brand", 400.0, 1600, 0.123]],
    totals={"cost": 1634.56, "clicks": 4081},
    compare_totals={"cost": 1311.2, "clicks": 3777},
    notes=["3 keywords spent 87.40 EUR without a conversion."],
)


def untraced(text: str, words: str = "", results: tuple[ToolResult, ...] = (ADS,)) -> list[str]:
    return check(text, results, words).untraced


@pytest.mark.parametrize(
    "text",
    [
        "Cost was 1,234.56 EUR from 2,481 clicks.",
        "Costul a fost 1.234,56 EUR din 2.481 clicuri.",
        "Costul a fost 1 234,56 EUR din 2\u00a0481 clicuri.",
        "Cost was €1,235 and about 1.2k.",
        "CTR 6.12 %, or 6.1%; for Brand 12,3 %.",
        "CTR de 6 la sută.",
        "Between 2026-10-23 and 2026-11-19 (28 days), read at 2026-11-20T12:05:00Z.",
        "Between October 23 and November 19, 2026.",
        "Black Friday 2026 leads; 87.4 EUR went to 3 keywords.",
        "GA4 and Q4, at 12:05, on https://example.com/2025/77.",
        "1. Brand\n2. Black Friday\n",
    ],
)
def test_a_number_that_a_tool_returned_is_traced_however_it_is_written(text: str) -> None:
    assert untraced(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Cost rose by 323.36 EUR.",  # difference of totals
        "Cost rose by 24.7 %.",  # change
        "Brand took 24.47% of the cost.",  # share of the total
        "A click of Brand cost 0.25 EUR.",  # ratio within a row
        "Costul a crescut cu 24,7 %.",
    ],
)
def test_one_arithmetic_step_is_traced(text: str) -> None:
    assert untraced(text) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Cost was 1,999.10 EUR.", ["1,999.10"]),
        ("Costul a fost 1.999,10 EUR și 777 conversii.", ["1.999,10", "777"]),
        ("CTR was 31.7 %.", ["31.7 %"]),
        ("Since 2025-01-31.", ["2025-01-31"]),
        ("Cost was 1,234.65 EUR.", ["1,234.65"]),
    ],
)
def test_an_invented_number_is_listed_as_written(text: str, wrong: list[str]) -> None:
    assert untraced(text) == wrong


def test_the_persons_own_numbers_may_be_repeated_and_compared() -> None:
    assert untraced("Against your target of 2,000 EUR, 365.44 EUR are left.", words="Our target is 2000 EUR") == []


def test_without_results_any_figure_is_untraced() -> None:
    assert untraced("You had 4,812 sessions.", results=()) == ["4,812"]


def test_figures_are_counted_and_listed_once() -> None:
    found = check("98.7 and 98.7 and 1234.56", [ADS], "")
    assert (found.numbers, found.untraced) == (3, ["98.7"])


def test_a_small_count_of_rows_is_no_invention_but_a_larger_one_is() -> None:
    assert untraced("Both of the 2 campaigns.") == []
    assert untraced("All 17 campaigns.") == ["17"]


@pytest.mark.parametrize("broken", [{"rows": []}, {"rows": [[None, None, None, None]]}, {"columns": [], "rows": []}])
def test_an_empty_result_is_no_trouble(broken: dict[str, Any]) -> None:
    assert untraced("Cost was 55.5.", results=(ToolResult(title="x", meta=META, **broken),)) == ["55.5"]
