from datetime import UTC, date, datetime

from tools.blocks import Column
from tools.connectors.report import Answer, Report, Row
from tools.notes import Notes
from tools.pictures import bar_chart, daily_chart
from tools.result import Meta, Period, ToolResult
from tools.tables import tabulate

NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 11, 3))
OCTOBER = Period(start=date(2026, 10, 29), end=date(2026, 10, 31))
NOTES = Notes("en", "EUR")
KEYS = [Column(name="campaign", label="Campaign")]


def meta(compare: Period | None = OCTOBER) -> Meta:
    return Meta(
        source="demo", as_of=datetime(2026, 11, 20, tzinfo=UTC), range=NOVEMBER, compare=compare, currency="EUR"
    )


def campaigns(**more: object) -> Report:
    rows = (
        Row(("Brand",), {"cost": 10.004, "clicks": 4.0, "conversions": 0.0}, {"cost": 5.0, "clicks": 2.0}),
        Row(("",), {"cost": 1.0, "clicks": 0.0, "conversions": 0.0}, None),
    )
    totals = {"cost": 30.0, "clicks": 10.0, "conversions": 0.0}
    return Report(("campaign.name",), tuple(totals), rows, totals, {"cost": 20.0, "clicks": 8.0}, 7)


def table(compare: Period | None = OCTOBER, limit: int | None = None) -> ToolResult:
    found = campaigns()
    return tabulate(
        NOTES, "T", Answer((found,), meta(compare)), found, KEYS, ("cost", "avg_cpc", "cpa"), ("cost",), limit
    )


def test_a_compared_metric_gets_its_two_columns_beside_it() -> None:
    assert [c.name for c in table().columns] == [
        "campaign", "cost", "cost_previous", "cost_change", "avg_cpc", "cpa",
    ]  # fmt: skip


def test_without_a_comparison_there_are_no_such_columns() -> None:
    assert [c.name for c in table(None).columns] == ["campaign", "cost", "avg_cpc", "cpa"]


def test_cells_are_rounded_and_unknown_ones_empty() -> None:
    first, second = table().rows
    assert first == ["Brand", 10.0, 5.0, 1.0008, 2.5, None]
    assert second == ["(not set)", 1.0, None, None, None, None]


def test_totals_are_the_reports_and_not_those_of_the_rows() -> None:
    result = table()
    assert result.totals == {"cost": 30.0, "avg_cpc": 3.0, "cost_change": 0.5}
    assert result.compare_totals == {"cost": 20.0, "avg_cpc": 2.5}


def test_what_was_left_out_is_told() -> None:
    assert table().truncated == 5
    assert table(limit=1).truncated == 6
    assert len(table(limit=1).rows) == 1


def test_the_model_gets_compact_json_without_blocks() -> None:
    text = table().for_model()
    assert '"blocks"' not in text
    assert ": " not in text.replace("“", "")
    assert '"date_range":["2026-11-01","2026-11-03"]' in text


def test_a_chart_has_a_value_for_every_day_also_where_nothing_happened() -> None:
    days = (Row(("2026-11-02",), {"cost": 3.0}, {"cost": 1.0}),)
    (chart,) = daily_chart("Cost", Report(("date",), ("cost",), days, {"cost": 3.0}), "cost", meta())
    assert chart.type == "chart"
    assert chart.categories == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert [series.values for series in chart.series] == [[0, 3.0, 0], [None, 1.0, None]]
    assert chart.currency == "EUR"


def test_one_day_or_nothing_makes_no_chart() -> None:
    nothing = Report(("date",), ("cost",), ())
    assert daily_chart("Cost", nothing, "cost", meta()) == []
    assert bar_chart("Cost", nothing, "cost", meta()) == []


def test_bars_compare_only_when_every_bar_has_a_past() -> None:
    (chart,) = bar_chart("Cost", campaigns(), "cost", meta())
    assert chart.type == "chart"
    assert len(chart.series) == 1


def test_a_client_that_sells_nothing_gets_no_columns_of_zero_revenue() -> None:
    row = Row(("Brand",), {"cost": 1.0, "conversion_value": 0.0})
    found = Report(("campaign.name",), ("cost", "conversion_value"), (row,), row.values)
    answer = Answer((found,), meta(None))
    assert [c.name for c in tabulate(NOTES, "T", answer, found, KEYS).columns] == ["campaign", "cost"]
    assert tabulate(NOTES, "T", answer, found, KEYS).totals["conversion_value"] == 0
    assert len(tabulate(NOTES, "T", answer, found, KEYS, whole=True).columns) == 3
