"""Search over HTTP: open and the same for all, or signed in and of one client."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from tests.support.web import Camarad, code

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")


async def test_anyone_may_search_and_caches_may_keep_it(api: Camarad) -> None:
    answer = await api.browser().get("/api/search?q=ads")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    found = answer.json()
    assert found["query"] == "ads"
    assert found["results"][0] == {
        "type": "connector",
        "title": "Google Ads",
        "subtitle": "Overview, campaigns, ad groups, keywords, search terms, budgets, changes",
        "url": "/connectors/google-ads",
        "score": 80,
    }


async def test_the_same_query_gives_the_same_bytes_to_everybody(api: Camarad) -> None:
    ana, visitor = await api.sign_up(), api.browser()
    await ana.new_client()
    answers = [await ana.get("/api/search?q=a"), await visitor.get("/api/search?q=a", Accept_Language="ro")]
    assert answers[0].content == answers[1].content
    assert len(answers[0].json()["results"]) == 8


async def test_the_open_search_reads_no_database(api: Camarad) -> None:
    read: list[str] = []
    for engine in {api.services.database.reader, api.services.database.writer}:
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *of: read.append(of[2]))
    assert (await api.browser().get("/api/search?q=seo")).status_code == 200
    assert read == []


@pytest.mark.parametrize("query", ["limit=9&q=a", "limit=0&q=a", f"q={'x' * 81}", "limit=many&q=a"])
async def test_limits_are_strict(api: Camarad, query: str) -> None:
    assert (await api.browser().get(f"/api/search?{query}")).status_code == 422


async def test_no_query_finds_nothing(api: Camarad) -> None:
    assert (await api.browser().get("/api/search")).json() == {"query": "", "results": []}


async def test_the_scoped_search_is_for_those_signed_in(api: Camarad) -> None:
    answer = await api.browser().get("/api/app/search?q=a")
    assert answer.status_code == 401 and answer.headers["cache-control"] == "no-store"
    ana = await api.sign_up()
    answer = await ana.get("/api/app/search?q=a")
    assert answer.status_code == 400 and code(answer) == "client_required"


async def test_a_conversation_is_found_in_its_own_client_only(api: Camarad) -> None:
    ana = await api.sign_up()
    first = await ana.new_client("First")
    conversation = await ana.new_conversation()
    await ana.call("PATCH", f"/api/conversations/{conversation}", {"title": "Întâlnire despre țintire"})
    found = (await ana.get("/api/app/search?q=tintire")).json()["results"]
    assert [(each["type"], each["title"]) for each in found] == [("conversation", "Întâlnire despre țintire")]
    assert found[0]["url"] == f"/c/{first}/chat/thread/{conversation}"
    await ana.new_client("Second")
    assert (await ana.get("/api/app/search?q=tintire")).json()["results"] == []
    stranger = await api.sign_up("bob@example.com")
    await stranger.new_client()
    assert (await stranger.get("/api/app/search?q=tintire")).json()["results"] == []
