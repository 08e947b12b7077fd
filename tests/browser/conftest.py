"""One product and one browser for all browser tests; each test gets a fresh profile."""

from __future__ import annotations

import inspect
import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.support.model_server import ModelServer
from tests.support.product import EMAIL, PASSWORD, Product, running_product
from tests.support.serving import children

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 30_000  # milliseconds a page may take for what it will do in one, on a quiet machine

MOST_SECONDS = 240.0  # of one test with what surrounds it, below pytest's own limit for these tests
MOST_TO_CLOSE = 30.0

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests over bare sockets before those with a browser: Playwright's loop runs from its first use to the end, and no
    asynchronous test can begin beside it."""
    here = Path(__file__).parent
    browser = [item for item in items if item.path.parent == here]
    browser.sort(key=lambda item: not inspect.iscoroutinefunction(getattr(item, "function", None)))
    items[:] = [*(item for item in items if item.path.parent != here), *browser]


@pytest.fixture(scope="session")
def slow_model() -> Iterator[ModelServer]:
    """What the SEO strategist of `product` thinks with: scripted, so that a test can take its time while it speaks."""
    server = ModelServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, slow_model: ModelServer) -> Iterator[Product]:
    settings = {
        "CAMARAD_AGENT_MODELS": json.dumps({"seo-strategist": "openai/scripted"}),
        "CAMARAD_MODEL_BASES": json.dumps({"openai": slow_model.base}),
        "CAMARAD_MODEL_KEYS": json.dumps({"openai": "sk-loopback"}),
        "CAMARAD_MODEL_PRICES": json.dumps({"openai/scripted": {"input": 100_000, "output": 400_000}}),
    }
    with running_product(tmp_path_factory.mktemp("product"), **settings) as running:
        yield running


@contextmanager
def ended_after(seconds: float, processes: set[int]) -> Iterator[None]:
    """Kill these processes when the body takes longer.

    Playwright waits without limit where no timeout can be given: closing, evaluating, opening a page. Without its
    driver each of its calls raises at once.
    """

    def kill() -> None:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@pytest.fixture(scope="session")
def driver() -> Iterator[tuple[Playwright, set[int]]]:
    """Playwright with the processes of its own, which are to be killed when it hangs."""
    before = set(children(os.getpid()))
    playwright = sync_playwright().start()
    processes = set(children(os.getpid())) - before
    yield playwright, processes
    with ended_after(MOST_TO_CLOSE, processes):
        playwright.stop()


@pytest.fixture(scope="session")
def browser(driver: tuple[Playwright, set[int]]) -> Iterator[Browser]:
    playwright, processes = driver
    launched = playwright.chromium.launch(executable_path=str(CHROMIUM) if CHROMIUM.exists() else None, args=ARGUMENTS)
    yield launched
    with ended_after(MOST_TO_CLOSE, processes):
        launched.close()


@pytest.fixture
def visitor(browser: Browser, driver: tuple[Playwright, set[int]], product: Product) -> Iterator[BrowserContext]:
    """A browser profile that is not signed in."""
    with ended_after(MOST_SECONDS, driver[1]):
        context = browser.new_context(locale="en-GB", base_url=product.url, viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        yield context
        with ended_after(MOST_TO_CLOSE, driver[1]):
            context.close()


@pytest.fixture
def profile(visitor: BrowserContext) -> BrowserContext:
    """The same, signed in to the demo workspace."""
    answer = visitor.request.post("/api/auth/login", data={"email": EMAIL, "password": PASSWORD})
    assert answer.ok, answer.text()
    return visitor


@pytest.fixture
def page(profile: BrowserContext, product: Product) -> Iterator[Page]:
    """A signed-in page; whatever it asks of another host, or throws, fails the test."""
    opened = profile.new_page()
    left: list[str] = []
    thrown: list[str] = []
    opened.on("request", lambda request: left.append(request.url) if product.pages_left(request.url) else None)
    opened.on("pageerror", lambda error: thrown.append(str(error)))
    yield opened
    assert left == []
    assert thrown == []
