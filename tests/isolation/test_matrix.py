"""The matrix over the whole product, as `scripts/isolation_report` runs it, and that no route can stay out of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from camarad.settings import Settings
from tests.isolation import chat, matrix
from tests.isolation.books import on_postgres
from tests.isolation.canaries import fixtures
from tests.isolation.entries import ENTRIES, missing
from tests.isolation.matrix import Report
from tests.isolation.world import UNLIMITED, World
from tests.support.product import running_product
from web.app import build_app
from web.services import build_services

TOKEN = "the operators' token"


async def test_every_route_has_an_entry(settings: Settings, sqlite_url: str) -> None:
    """A new route needs a record in tests/isolation/entries.py, and with it comes under every attack."""
    services = build_services(settings)
    assert missing(build_app(services).openapi()) == []
    await services.close()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("isolation")
    (folder / "clients.json").write_text(json.dumps(fixtures()))
    settings = {**UNLIMITED, "CAMARAD_FIXTURES": str(folder / "clients.json"), "INTERNAL_TOKEN": TOKEN}
    with (
        on_postgres() if request.param == "postgres" else nullcontext(({}, None)) as (more, books),
        running_product(folder / "data", **settings, **more) as product,
    ):
        made = World(product.url, product.data, TOKEN, books)
        made.build()
        yield made
        made.http.close()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_nothing_of_one_client_reaches_another(world: World) -> None:
    """Every route on SQLite; on PostgreSQL, behind both walls, those that name something by its id or read a chat."""
    report, on_sqlite = Report(), world.books.engine.name == "sqlite"
    matrix.run(world, report, lambda entry: on_sqlite or "{" in entry.path or "conversations" in entry.path)
    chat.run(world, report, matrix.ended(world))
    matrix.timings(world, report)
    matrix.stored(world, report)
    assert report.findings == []
    assert report.alive == {"words", "data"}  # or else there would have been nothing to find
    tried = {(method, route) for method, route, _ in report.tried}
    assert {entry.key for entry in ENTRIES if on_sqlite} <= tried
