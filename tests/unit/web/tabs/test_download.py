"""What goes into a file that a spreadsheet opens."""

from __future__ import annotations

from datetime import date

import pytest

from web.tabs.download import Cell, neutral


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_never_starts_a_formula(begin: str) -> None:
    assert neutral(f"{begin}SUM(A1)") == f"'{begin}SUM(A1)"


@pytest.mark.parametrize("cell", [-3, 1.5, "Brand = own", "", None, date(2026, 11, 20)])
def test_figures_and_usual_words_stay_as_they_are(cell: Cell) -> None:
    assert neutral(cell) == cell
