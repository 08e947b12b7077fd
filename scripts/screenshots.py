"""Makes the pictures in docs/screenshots from the running product, in headless Chromium on a pinned business date."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
EMAIL, PASSWORD, TODAY = "demo@camarad.example", "a password for pictures", "2026-11-20"
TOKEN = "a token for pictures"
QUESTION = "How did our Google Ads do in the last 28 days against the 28 before, and where are we wasting money?"
INTREBARE = "Cum au mers reclamele Google Ads în ultimele 28 de zile față de cele 28 dinainte și unde pierdem bani?"
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def product(*, simulated: bool = False) -> Iterator[str]:
    """The running product's address; with `simulated`, after three days of calls by forty workspaces."""
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        if simulated:
            simulate(data)
        process = subprocess.Popen(
            [sys.executable, "-m", "camarad", "serve", "--port", str(port), "--data", data],
            cwd=ROOT,
            env={**os.environ, "CAMARAD_DEMO_PASSWORD": PASSWORD, "CAMARAD_TODAY": TODAY, "INTERNAL_TOKEN": TOKEN},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        try:
            if not any(line.startswith("READY ") for line in process.stdout):
                raise SystemExit("The server did not start; run scripts/run.sh to see why.")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def simulate(data: str) -> None:
    begin = datetime.now(UTC) - timedelta(hours=71, minutes=45)  # 48 hours, then 24 in the shadow
    command = ["-m", "camarad", "billing", "simulate", "--data", data, "--start", begin.isoformat(timespec="minutes")]
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def page_of(browser: Browser, base: str, *, phone: bool = False, dark: bool = False, locale: str = "en-GB") -> Page:
    context = browser.new_context(
        base_url=base,
        viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 860},
        device_scale_factor=1,
        color_scheme="dark" if dark else "light",
        locale=locale,
        reduced_motion="reduce",
    )
    return context.new_page()


def sign_in(page: Page) -> None:
    page.goto("/login")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/app**")


def ask(page: Page, client: str, question: str) -> None:
    page.goto(f"/c/{client}/chat/")
    page.wait_for_selector("html[data-chat-ready]")
    page.fill("#chat-input", question)
    page.click("#chat-submit")
    page.wait_for_selector("[data-testid=turn-footer]", timeout=60_000)
    page.wait_for_timeout(1500)  # late layout: elements load after the answer


def shoot(page: Page, name: str) -> None:
    page.screenshot(path=OUT / f"{name}.png")
    print(f"docs/screenshots/{name}.png")


def connectors(browser: Browser, base: str, client: str) -> None:
    """What is connected, consent at the emulated Google, and two tabs of figures."""
    page = page_of(browser, base)
    sign_in(page)
    for name, path in (
        ("connectors", f"/connectors?client={client}"),
        ("tab-ga4", f"/connectors/ga4?client={client}"),
        ("tab-google-ads", f"/connectors/google-ads/search-terms?client={client}"),
        ("consent", f"/connectors/google-ads/connect?client={client}"),
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        shoot(page, name)


def money(browser: Browser, base: str) -> None:
    """A plan bought on the emulated Stripe's page, and who is in the workspace."""
    page = page_of(browser, base)
    sign_in(page)
    page.goto("/settings/billing")
    page.get_by_role("button", name="Choose Pro").click()
    page.wait_for_url("**/checkout/**")
    shoot(page, "checkout")
    page.get_by_role("button", name="Subscribe").click()
    page.wait_for_url(f"{base}/settings/billing**")
    page.wait_for_load_state("networkidle")
    shoot(page, "billing")
    page.goto("/settings/members")
    shoot(page, "members")


def pages(browser: Browser, base: str) -> None:
    for name, path in (("landing", "/"), ("login", "/login"), ("pricing", "/pricing")):
        page = page_of(browser, base)
        page.goto(path)
        shoot(page, name)


def chats(browser: Browser, base: str, client: str) -> None:
    """A question, its figures, and who may be asked about; in the dark, in Romanian and on a phone."""
    for name, dark, phone, locale, question in (
        ("chat", False, False, "en-GB", QUESTION),
        ("chat-dark", True, False, "en-GB", QUESTION),
        ("chat-ro", False, False, "ro-RO", INTREBARE),
        ("chat-phone", False, True, "en-GB", QUESTION),
    ):
        page = page_of(browser, base, phone=phone, dark=dark, locale=locale)
        page.context.add_cookies([{"name": "camarad_language", "value": locale[:2], "url": base}])
        sign_in(page)
        if name == "chat":
            shoot(page, "clients")
        ask(page, client, question)
        shoot(page, f"{name}-figures")
        page.locator('[data-step-type="user_message"]').first.scroll_into_view_if_needed()
        shoot(page, name)


def costs(browser: Browser) -> None:
    """What operators see of simulated traffic: the figures of a day, then the chart and the models of a week."""
    with product(simulated=True) as base:
        page = page_of(browser, base)
        page.goto("/operations")
        page.fill("input[name=token]", TOKEN)
        page.press("input[name=token]", "Enter")
        page.wait_for_url("**/operations/costs")
        shoot(page, "costs")
        page.goto("/operations/costs?window=168")
        page.evaluate("scrollTo(0, document.querySelector('section.panel').offsetTop - 16)")
        shoot(page, "costs-models")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--client", default="demo-lampadar")
    parser.add_argument("--only", choices=("product", "costs"), help="the pictures of one part; all when left out")
    options = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=CHROMIUM)
        if options.only != "costs":
            with product() as base:
                pages(browser, base)
                chats(browser, base, options.client)
                connectors(browser, base, options.client)
                money(browser, base)
        if options.only != "product":
            costs(browser)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
