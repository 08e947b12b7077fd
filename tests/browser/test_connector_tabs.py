"""The tabs of the connectors as a person reads them: figures against the JSON, script or none, wide or narrow."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.product import EMAIL, PASSWORD, Product
from tools.connectors.tabs import ADS_TABS, GA4_TABS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CLIENT = "demo-lampadar"
TABS = [("ga4", tab) for tab in GA4_TABS] + [("google-ads", tab) for tab in ADS_TABS if tab != "metrics"]
CHECKS = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const named = (e) => e.textContent.trim() || e.ariaLabel || e.labels?.length;
  const levels = all("main h1, main h2, main h3").map((h) => +h.tagName[1]);
  const ids = all("[id]").map((e) => e.id);
  return {
    unnamed: all("a, button, input:not([type=hidden]), select").filter((e) => !named(e)).length,
    skipped: levels.filter((level, n) => n && level > levels[n - 1] + 1).length,
    first: levels.filter((level) => level === 1).length,
    repeated: ids.filter((id, n) => ids.indexOf(id) !== n),
    tables: all("main table").filter((t) => !t.caption || t.querySelector("thead th:not([scope])")).length,
    pictures: all("svg[role=img]").filter((s) => !s.querySelector("title")?.textContent).length,
    styled: document.querySelectorAll("main [style]").length,
    wide: document.documentElement.scrollWidth - innerWidth,
  };
}"""
CLEAN = {"unnamed": 0, "skipped": 0, "first": 1, "repeated": [], "tables": 0, "pictures": 0, "styled": 0, "wide": 0}


def opened(browser: Browser, product: Product, troubles: list[str], **options: Any) -> tuple[BrowserContext, Page]:
    context = browser.new_context(**{"locale": "en-GB", "base_url": product.url, **options})
    context.set_default_timeout(30_000)
    answer = context.request.post("/api/auth/login", data={"email": EMAIL, "password": PASSWORD})
    assert answer.ok, answer.text()
    page = context.new_page()
    page.on("console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda sent: troubles.append(sent.url) if product.pages_left(sent.url) else None)
    return context, page


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def reader(request: pytest.FixtureRequest, browser: Browser, product: Product) -> Iterator[Page]:
    """A reader of the demo client, with script and without. Nothing may stand on the console or leave the host."""
    troubles: list[str] = []
    _, page = opened(browser, product, troubles, java_script_enabled=request.param)
    yield page
    assert troubles == []


@pytest.fixture
def phone(browser: Browser, product: Product) -> Iterator[Page]:
    troubles: list[str] = []
    context, page = opened(browser, product, troubles, viewport={"width": 360, "height": 780}, color_scheme="dark")
    context.add_cookies([{"name": "camarad_language", "value": "ro", "url": product.url}])
    yield page
    assert troubles == []


def json_of(page: Page, path: str) -> dict[str, Any]:
    answer = page.request.get(f"/api/connectors/{path}", headers={"X-Client-ID": CLIENT})
    assert answer.ok, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def section(report: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in report["sections"] if each["id"] == name)
    return found


def test_every_tab_is_sound_on_every_screen(page: Page, phone: Page) -> None:
    for provider, tab in TABS:
        for shown in (page, phone):
            shown.goto(f"/connectors/{provider}/{tab}")
            expect(shown.locator(".tabs [aria-current=page]")).to_have_count(1)
            expect(shown.locator(".panel").first).to_be_visible()
            found = shown.evaluate(CHECKS)
            assert found == CLEAN | {"wide": min(0, found["wide"])}, (provider, tab, found)


def test_the_figures_are_those_of_the_json(reader: Page) -> None:
    report = json_of(reader, "google-ads/campaigns?range=30days&compare=previous")
    table = section(report, "campaigns")
    names = [column["name"] for column in table["columns"]]
    reader.goto("/connectors/google-ads/campaigns?range=30days")
    rows = reader.locator("#campaigns tbody tr")
    expect(rows).to_have_count(len(table["rows"]))
    for n, row in enumerate(table["rows"]):
        cells = dict(zip(names, row, strict=True))
        expect(rows.nth(n).locator("th")).to_have_text(cells["campaign"])
        expect(rows.nth(n)).to_contain_text(f"{cells['impressions']:,}")
        expect(rows.nth(n)).to_contain_text(f"€{cells['cost']:,.2f}")
        if cells["cost_change"] is not None:
            expect(rows.nth(n)).to_contain_text(f"{round(abs(Decimal(str(cells['cost_change']))) * 100, 1)}%")
    expect(reader.locator("#campaigns tfoot")).to_contain_text(f"€{table['totals']['cost']:,.2f}")
    expect(reader.locator("#totals")).to_contain_text(f"€{section(report, 'totals')['rows'][0][9]:,.2f}")


def test_the_line_has_every_day_and_its_figures(reader: Page) -> None:
    days = section(json_of(reader, "ga4/overview?range=7days&compare=previous"), "days")
    reader.goto("/connectors/ga4?range=7days")
    said = reader.locator("#days .day > title").all_text_contents()
    at = [column["name"] for column in days["columns"]].index("sessions")
    assert len(said) == 7
    for words, row in zip(said, days["rows"], strict=True):
        assert f": {row[at]:,} (before: {row[at + 1]:,})" in words
    reader.locator("#days details summary").click()
    expect(reader.locator("#days tbody tr")).to_have_count(7)


def test_range_and_comparison_stay_from_tab_to_tab(reader: Page) -> None:
    reader.goto("/connectors/ga4")
    reader.get_by_label("Dates").select_option("7days")
    reader.get_by_label("Compare with").select_option("year")
    reader.get_by_role("button", name="Apply").click()
    expect(reader).to_have_url(re.compile(r"/connectors/ga4\?client=demo-lampadar&range=7days&compare=year$"))
    for tab in ("Sources", "Realtime", "Funnels", "Overview"):
        reader.get_by_role("navigation", name="reports").get_by_role("link", name=tab).click()
        expect(reader).to_have_url(re.compile(r"range=7days&compare=year$"))
    expect(reader.locator(".read")).to_contain_text("13 Nov – 19 Nov 2026")
    expect(reader.locator(".read")).to_contain_text("against 14 Nov – 20 Nov 2025")
    expect(reader.get_by_label("Dates")).to_have_value("7days")


def test_dates_of_ones_own_and_dates_that_make_no_sense(browser: Browser, product: Product) -> None:
    _, page = opened(browser, product, [])
    page.goto("/connectors/google-ads/campaigns")
    expect(page.get_by_label("From")).to_be_hidden()
    page.get_by_label("Dates").select_option("custom")
    page.get_by_label("From").fill("2026-11-01")
    page.get_by_label("To", exact=True).fill("2026-11-10")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile(r"campaigns\?client=demo-lampadar&range=2026-11-01\.\.2026-11-10$"))
    expect(page.locator(".read h2")).to_contain_text("1 Nov – 10 Nov 2026")
    answer = page.goto("/connectors/google-ads/campaigns?range=custom&from=2026-11-10&to=2026-11-01&compare=year")
    assert answer is not None and answer.status == 422
    expect(page.get_by_role("alert")).to_contain_text("The last day is before the first one.")
    assert (page.locator("#from").input_value(), page.locator("#to").input_value()) == ("2026-11-10", "2026-11-01")
    expect(page.get_by_label("Compare with")).to_have_value("year")
    page.get_by_role("link", name="Show the usual dates").click()
    expect(page.locator("#campaigns tbody tr").first).to_be_visible()


def test_old_figures_never_stand_under_new_dates(page: Page) -> None:
    page.goto("/connectors/ga4")
    expect(page.locator("[data-stale]")).to_be_hidden()
    page.get_by_label("Dates").select_option("90days")
    expect(page.locator("[data-stale]")).to_be_visible()
    page.get_by_label("Dates").select_option("28days")
    expect(page.locator("[data-stale]")).to_be_hidden()
    page.evaluate("document.querySelector('[data-dates]').addEventListener('submit', (e) => e.preventDefault())")
    page.get_by_label("Dates").select_option("90days")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#results")).to_be_hidden()
    expect(page.locator("[data-skeleton]")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Reading the figures…")
    page.goto("/connectors/ga4?range=90days")
    expect(page.locator(".read h2")).to_contain_text("22 Aug – 19 Nov 2026")


def test_a_table_is_sorted_with_and_without_script(reader: Page) -> None:
    reader.goto("/connectors/google-ads/campaigns?range=7days")
    heading = reader.locator("#campaigns thead th").filter(has_text="Clicks")
    for order, direction in ((True, "descending"), (False, "ascending")):
        heading.get_by_role("link", name="Clicks", exact=True).click()
        expect(heading).to_have_attribute("aria-sort", direction)
        expect(reader).to_have_url(re.compile(r"range=7days&sort\.campaigns=-?clicks"))
        report = section(json_of(reader, "google-ads/campaigns?range=7days"), "campaigns")
        at = [column["name"] for column in report["columns"]].index("clicks")
        expected = [row[0] for row in sorted(report["rows"], key=lambda row: row[at], reverse=order)]
        assert reader.locator("#campaigns tbody th").all_text_contents() == expected


def test_sorting_in_place_keeps_the_focus_and_the_page(page: Page) -> None:
    page.goto("/connectors/google-ads/campaigns")
    page.evaluate("window.same = true")
    link = page.locator("#campaigns thead").get_by_role("link", name="Cost", exact=True)
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#campaigns th[aria-sort=descending]")).to_contain_text("Cost")
    assert page.evaluate("window.same") is True
    expect(page.locator("#campaigns thead").get_by_role("link", name="Cost", exact=True)).to_be_focused()


def test_a_table_comes_as_a_file_with_the_exact_figures(reader: Page, tmp_path: Path) -> None:
    report = section(json_of(reader, "google-ads/keywords?range=7days&compare=none"), "keywords")
    reader.goto("/connectors/google-ads/keywords?range=7days&compare=none")
    with reader.expect_download() as waiting:
        reader.get_by_role("link", name="Download Keywords as CSV").click()
    assert waiting.value.suggested_filename == "lampadar-home-google-ads-keywords-keywords-2026-11-13-2026-11-19.csv"
    body = Path(waiting.value.path()).read_bytes()
    assert body.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    table = lines[lines.index([]) + 1 :]
    assert ["Period", "2026-11-13 .. 2026-11-19"] in lines and ["Source", "demo data"] in lines
    expected = [["" if cell is None else str(cell) for cell in row] for row in report["rows"]]
    assert table[1 : 1 + len(expected)] == expected


def test_a_client_without_the_connection_is_told_how_to_get_one(reader: Page) -> None:
    reader.goto("/connectors/google-ads/campaigns")
    reader.get_by_label("Client").select_option(label="Gazeta Verde")
    reader.locator(".switch button").click()
    expect(reader).to_have_url(re.compile("/connectors/google-ads/campaigns$"))
    expect(reader.locator(".trouble")).to_contain_text("No Google Ads account is connected for Gazeta Verde.")
    expect(reader.get_by_role("link", name="Connect Google Ads")).to_be_visible()
    expect(reader.locator(".dates")).to_have_count(0)


def test_two_tabs_on_two_clients_never_show_each_others_figures(browser: Browser, product: Product) -> None:
    context, page = opened(browser, product, [])
    page.goto("/connectors/ga4")
    other = context.new_page()
    other.goto("/connectors/ga4")
    other.get_by_label("Client").select_option(label="Gazeta Verde")
    other.locator(".switch button").click()
    expect(other.locator(".account strong")).not_to_have_text("Lampadar Home – shop")
    page.get_by_role("navigation", name="reports").get_by_role("link", name="Sources").click()
    expect(page.locator(".account strong")).to_have_text("Lampadar Home – shop")
    expect(page.get_by_label("Client")).to_have_value(CLIENT)


def test_realtime_reads_itself_again_unless_it_is_paused(browser: Browser, product: Product) -> None:
    _, page = opened(browser, product, [])
    page.clock.install()
    page.goto("/connectors/ga4/realtime")
    reads: list[str] = []
    page.on("request", lambda sent: reads.append(sent.url) if "realtime" in sent.url else None)
    with page.expect_response(re.compile("realtime")):
        page.clock.run_for(61_000)
    expect(page.locator("#totals")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    before = len(reads)
    page.clock.run_for(180_000)
    assert len(reads) == before
    with page.expect_response(re.compile("realtime")):
        page.get_by_role("button", name="Resume").click()


def test_a_chart_is_read_with_the_arrow_keys(page: Page) -> None:
    page.goto("/connectors/ga4?range=7days")
    page.locator("#days figure").focus()
    page.keyboard.press("End")
    expect(page.locator("#days [data-readout]")).to_contain_text("19 Nov 2026: ")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#days [data-readout]")).to_contain_text("18 Nov 2026: ")


def test_on_a_phone_a_wide_table_scrolls_in_its_box_under_its_first_column(phone: Page) -> None:
    phone.goto("/connectors/google-ads/campaigns")
    box = phone.locator("#campaigns .scroll")
    assert box.evaluate("(e) => e.scrollWidth > e.clientWidth")
    name = phone.locator("#campaigns tbody th").first
    before = name.bounding_box()
    box.evaluate("(e) => { e.scrollLeft = 300; }")
    after = name.bounding_box()
    assert before is not None and after is not None and after["x"] == pytest.approx(before["x"], abs=17)
    expect(phone.locator(".tabs [aria-current]")).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
