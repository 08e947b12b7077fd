"""One product and one browser for all browser tests; each test gets a fresh profile."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.chromium import MOST_SECONDS, Chromium
from tests.support.model_server import ModelServer
from tests.support.product import EMAIL, PASSWORD, Product, running_product

PATIENCE = 30_000  # milliseconds a page may take for what it will do in one, on a quiet machine
INTERNAL_TOKEN = "a token of operators"

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
        "INTERNAL_TOKEN": INTERNAL_TOKEN,
        "CAMARAD_AGENT_MODELS": json.dumps({"seo-strategist": "openai/scripted"}),
        "CAMARAD_MODEL_BASES": json.dumps({"openai": slow_model.base}),
        "CAMARAD_MODEL_KEYS": json.dumps({"openai": "sk-loopback"}),
        "CAMARAD_MODEL_PRICES": json.dumps({"openai/scripted": {"input": 100_000, "output": 400_000}}),
    }
    with running_product(tmp_path_factory.mktemp("product"), **settings) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    started = Chromium()
    yield started
    started.stop()


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Browser]:
    """The browser of all tests. Profiles that a test opened are closed after it; one that takes too long loses it."""
    with chromium.killed_after(MOST_SECONDS):
        lent = chromium.browser()
        yield lent
        for context in lent.contexts:
            chromium.close(context)


@pytest.fixture
def visitor(browser: Browser, product: Product) -> BrowserContext:
    """A browser profile that is not signed in."""
    context = browser.new_context(locale="en-GB", base_url=product.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    return context


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
