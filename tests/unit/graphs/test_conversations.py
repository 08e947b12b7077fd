"""The store of conversations within one scope."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import BadInput, NotFound
from camarad.scope import Scope
from graphs import conversations
from graphs.conversations import title_of
from tests.support.model_server import ModelServer, calls, text
from tests.support.turns import Engine


async def test_conversations_are_listed_latest_first_and_found_by_title(
    database: Database, scope: Scope, clock: ManualClock
) -> None:
    made = []
    for title in ("Ads in May", "SEO 50%", "Ads in June"):
        view = await conversations.create(database, scope, clock)
        made.append((await conversations.rename(database, scope, view.id, f"  {title}\n")).title)
        clock.advance(timedelta(minutes=1))
    listed = await conversations.list_(database, scope)
    assert [view.title for view in listed] == made[::-1]
    assert [view.title for view in await conversations.list_(database, scope, query="ads")] == [made[2], made[0]]
    assert [view.title for view in await conversations.list_(database, scope, query="50%")] == ["SEO 50%"]
    assert await conversations.list_(database, scope, query="%zz") == []
    page = await conversations.list_(database, scope, limit=1, before=listed[0].updated_at)
    assert [view.title for view in page] == ["SEO 50%"]


async def test_another_scope_sees_and_changes_nothing(
    database: Database, scope: Scope, sibling_scope: Scope, other_scope: Scope, clock: ManualClock
) -> None:
    mine = await conversations.create(database, scope, clock)
    reaches: list[Callable[[Scope], Awaitable[object]]] = [
        lambda s: conversations.get(database, s, mine.id),
        lambda s: conversations.rename(database, s, mine.id, "Stolen"),
        lambda s: conversations.messages(database, s, mine.id),
        lambda s: conversations.export(database, s, mine.id),
        lambda s: conversations.delete(database, s, mine.id),
    ]
    for stranger in (sibling_scope, other_scope):
        assert await conversations.list_(database, stranger) == []
        for reach in reaches:
            with pytest.raises(NotFound):
                await reach(stranger)
    assert await conversations.get(database, scope, mine.id) == mine


@pytest.mark.parametrize("title", ["", "  \n ", "x" * 201])
async def test_a_title_has_to_be_a_title(
    sqlite_database: Database, scope: Scope, clock: ManualClock, title: str
) -> None:
    view = await conversations.create(sqlite_database, scope, clock)
    with pytest.raises(BadInput):
        await conversations.rename(sqlite_database, scope, view.id, title)


async def test_an_agent_that_does_not_answer_cannot_be_opened(
    sqlite_database: Database, scope: Scope, clock: ManualClock
) -> None:
    with pytest.raises(NotFound):
        await conversations.create(sqlite_database, scope, clock, "flow-composer")


async def test_deleting_takes_messages_and_calls_along(camarad_on_both: Engine, model_server: ModelServer) -> None:
    camarad = camarad_on_both
    model_server.script(calls(("ct_balance", {})), text("Fine."))
    conversation = await camarad.new()
    await camarad.ask("How many CT?", conversation)
    await conversations.delete(camarad.database, camarad.scope, conversation)
    with pytest.raises(NotFound):
        await conversations.messages(camarad.database, camarad.scope, conversation)
    async with camarad.database.read(camarad.scope) as session:
        from sqlalchemy import func, select

        from camarad.models import Message, ToolCall, Turn

        for table in (Message, ToolCall, Turn):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


async def test_an_export_tells_everything_with_sources(camarad: Engine, model_server: ModelServer) -> None:
    model_server.script(calls(("ct_balance", {})), text("You have 4,998 CT."))
    conversation = await camarad.new()
    await camarad.ask("How many CT?", conversation)
    markdown, kind = await conversations.export(camarad.database, camarad.scope, conversation)
    assert kind.startswith("text/markdown")
    for part in ("# How many CT?", "## You", "## Personal Assistant", "4,998 CT", "`ct_balance()` source camarad"):
        assert part in markdown
    body, kind = await conversations.export(camarad.database, camarad.scope, conversation, "json")
    told = json.loads(body)
    assert kind == "application/json"
    assert told["format"] == "camarad.conversation/1"
    assert [message["role"] for message in told["messages"]] == ["user", "assistant"]
    assert told["messages"][1]["tool_calls"][0]["result"]["meta"]["source"] == "camarad"


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("How did our ads do?", "How did our ads do?"),
        ("First line\nsecond", "First line"),
        (
            "How did our Google Ads do in the last 28 days against the 28 before, and why?",
            "How did our Google Ads do in the last 28 days against the…",
        ),
        ("x" * 100, "x" * 59 + "…"),
        ("😀", "😀"),
    ],
)
def test_a_title_is_the_start_of_the_first_message(message: str, title: str) -> None:
    assert title_of(message) == title
