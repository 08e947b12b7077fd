"""Tables: sorted by the address, missing figures last, everything of the report in the cells and in the file."""

from __future__ import annotations

import csv
import io

import pytest

from tools.blocks import Cell
from tools.connectors.tabs import Section, TabReport
from web.tabs.address import Address, read
from web.tabs.download import document, file_name
from web.tabs.figures import Figures
from web.tabs.panels import panels
from web.tabs.shape import shape
from web.tabs.table import FIRST_ROWS, Table, table


def shown(figures: Figures, section: Section, query: dict[str, str]) -> Table:
    return table(figures, section, shape(section), read("google-ads", "campaigns", query))


def first(found: Table) -> list[str]:
    return [row[0].text for row in found.rows]


@pytest.mark.parametrize(
    ("sort", "order", "aria"),
    [
        ("", ["Brand", "=cmd()", "Ștergătoare"], ["", "", "", ""]),
        ("-cost", ["Brand", "Ștergătoare", "=cmd()"], ["", "", "descending", ""]),
        ("cost", ["=cmd()", "Ștergătoare", "Brand"], ["", "", "ascending", ""]),
        ("ctr", ["Brand", "Ștergătoare", "=cmd()"], ["", "", "", "ascending"]),
        ("-ctr", ["Ștergătoare", "Brand", "=cmd()"], ["", "", "", "descending"]),
        ("campaign", ["=cmd()", "Brand", "Ștergătoare"], ["ascending", "", "", ""]),
        ("-nonsense", ["Brand", "=cmd()", "Ștergătoare"], ["", "", "", ""]),
    ],
)
def test_a_table_is_sorted_by_the_address(
    english: Figures, table_section: Section, sort: str, order: list[str], aria: list[str]
) -> None:
    found = shown(english, table_section, {"sort.campaigns": sort})
    assert first(found) == order and [head.sort for head in found.heads] == aria


def test_sorting_by_change_is_a_link_of_its_own(english: Figures, table_section: Section) -> None:
    found = shown(english, table_section, {"sort.campaigns": "cost_change"})
    assert first(found) == ["Ștergătoare", "Brand", "=cmd()"] and found.heads[2].change_sort == "ascending"
    assert found.heads[2].change_link.endswith("sort.campaigns=-cost_change") and not found.heads[0].change_link


def test_a_figure_stands_with_its_change_and_what_it_was(english: Figures, table_section: Section) -> None:
    cost = shown(english, table_section, {}).rows[0][2]
    assert (cost.text, cost.before) == ("RON\xa01,234.50", "RON\xa01,000.00")
    assert cost.change is not None and cost.change.text == "23.4%" and cost.change.tone == "bad"


def test_the_foot_is_googles_own_total(english: Figures, table_section: Section) -> None:
    totals = shown(english, table_section, {}).totals
    assert [cell.text for cell in totals] == ["Total", "", "RON\xa01,544.75", "6.0%"]
    assert totals[2].before == "RON\xa01,400.00"


def test_many_rows_wait_behind_a_link(english: Figures, table_section: Section) -> None:
    rows: list[list[Cell]] = [[f"Campaign {n:03d}", *table_section.rows[0][1:]] for n in range(90)]
    long = table_section.model_copy(update={"rows": rows})
    few = shown(english, long, {})
    assert len(few.rows) == FIRST_ROWS and few.hidden == 90 - FIRST_ROWS and "all.campaigns=1" in few.toggle
    whole = shown(english, long, {"all.campaigns": "1"})
    assert len(whole.rows) == 90 and whole.hidden == 0 and "all." not in whole.toggle


def test_links_carry_the_range_and_other_choices(english: Figures, table_section: Section) -> None:
    query = {"range": "7days", "compare": "year", "sort.other": "x", "show.days": "clicks"}
    base = "/connectors/google-ads/campaigns?range=7days&compare=year"
    link = shown(english, table_section, query).heads[2].link
    assert link == f"{base}&sort.other=x&sort.campaigns=-cost&show.days=clicks"
    other = read("google-ads", "campaigns", query).to("keywords")
    assert other == "/connectors/google-ads/keywords?range=7days&compare=year"
    assert Address("ga4", "pages").to("overview") == "/connectors/ga4"
    named = Address("ga4", "pages", client="a&b", range="7days")
    assert named.to("events") == "/connectors/ga4/events?client=a%26b&range=7days"
    assert named.for_another() == "/connectors/ga4/pages?range=7days"
    assert named.mending() == "/connectors?client=a%26b#ga4"
    assert named.mending("connect") == "/connectors/ga4/connect?client=a%26b"


def lines(report: TabReport, figures: Figures) -> tuple[dict[str, str], list[list[str]]]:
    body = document(figures, report, report.sections[0], "=Client", "Lumina Ads 742")
    assert body.startswith(b"\xef\xbb\xbf")
    found = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    blank = found.index([])
    return dict(found[:blank]), found[blank + 1 :]


def test_a_file_has_the_exact_figures_under_what_they_are(report: TabReport, english: Figures) -> None:
    about, table = lines(report, english)
    assert about["Period"] == "2026-10-23 .. 2026-11-19" and about["Compared with"] == "2026-09-25 .. 2026-10-22"
    assert (about["Source"], about["Currency"], about["Rows not included"]) == ("demo data", "RON", "2")
    assert table[0][:4] == ["Campaign", "Status", "Cost", "Cost before"]
    assert table[1] == ["Brand", "ENABLED", "1234.5", "1000.0", "0.2345", "0.05", "0.04", "0.25"]
    assert table[-1] == ["Total", "", "1544.75", "1400.0", "0.1034", "0.06", "0.05", ""]


def test_no_text_of_the_data_is_a_formula_and_no_figure_is_changed(report: TabReport, english: Figures) -> None:
    about, table = lines(report, english)
    assert about["Client"] == "'=Client"
    assert table[2][0] == "'=cmd()" and table[3][4] == "-0.2494"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_every_way_into_a_formula_is_closed(report: TabReport, english: Figures, start: str) -> None:
    section = report.sections[0].model_copy(update={"rows": [[start + "1", *report.sections[0].rows[0][1:]]]})
    text = document(english, report.model_copy(update={"sections": [section]}), section, "", "").decode("utf-8-sig")
    assert f"'{start}1" in text


def test_a_files_name_is_plain(report: TabReport) -> None:
    name = file_name(report, report.sections[0], 'Știri & "Co"\r\nX: y')
    assert name == "tiri-co-x-y-google-ads-campaigns-campaigns-2026-10-23-2026-11-19.csv"


def test_a_panel_has_bars_notes_in_words_and_a_file(report: TabReport) -> None:
    (panel,) = panels(Figures.of("ro", "RON"), report, Address("google-ads", "campaigns"))
    assert panel.title == "Campanii" and panel.bars is not None and panel.table is not None
    assert panel.notes[0].startswith("Google păstrează") and panel.download.endswith("format=csv&section=campaigns")


def test_a_section_where_nothing_happened_is_empty(report: TabReport, english: Figures) -> None:
    section = report.sections[0].model_copy(update={"rows": []})
    (panel,) = panels(english, report.model_copy(update={"sections": [section]}), Address("google-ads", "campaigns"))
    assert panel.empty and panel.table is None and panel.bars is None
