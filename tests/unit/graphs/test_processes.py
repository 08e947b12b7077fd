"""Two processes of one deployment: each sees, stops and waits for the other's turns through the database alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from agents.roster import PPC_SPECIALIST
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import Conflict
from camarad.settings import Settings
from graphs import conversations, turn
from graphs.events import TokenEvent
from graphs.owners import Owner
from tests.support.model_server import ModelServer, text
from tests.support.turns import Engine, document, engine, hosted


@pytest.fixture
async def pair(
    settings: Settings,
    database: Database,
    clock: ManualClock,
    model_server: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[Engine, Engine]]:
    monkeypatch.setattr(turn, "HEARTBEAT", 0.05)
    agreed = hosted(settings, model_server)
    async with (
        engine(agreed, database, clock, owner=Owner(host="a")) as one,
        engine(agreed, database, clock, owner=Owner(host="b")) as two,
    ):
        yield one, two


async def begin(camarad: Engine, conversation: str) -> None:
    events = camarad.assistant.run_turn(camarad.scope, conversation, "Tell me", request_id="r")
    async for event in events:
        if isinstance(event, TokenEvent):
            break
    await events.aclose()  # type: ignore[attr-defined]


async def test_the_other_process_refuses_a_second_message_and_can_stop_the_first(
    pair: tuple[Engine, Engine], model_server: ModelServer
) -> None:
    one, two = pair
    conversation = await one.new(agent=PPC_SPECIALIST)
    model_server.script(text("word " * 500, piece_delay=0.02))
    await begin(one, conversation)
    with pytest.raises(Conflict) as caught:
        await two.ask("Me too", conversation)
    assert caught.value.code == "turn_in_progress"
    partial = ""
    while not partial:  # the words so far come with the heartbeat
        partial = (await conversations.messages(two.database, two.scope, conversation))[-1].text
        await asyncio.sleep(0.02)
    assert await two.assistant.stop(two.scope, conversation)
    assert await asyncio.to_thread(model_server.wait_for_disconnects, 1, 30)
    rest = [event async for event in one.assistant.subscribe(one.scope, conversation)]
    stored = (await conversations.messages(two.database, two.scope, conversation))[-1]
    assert stored.status == "stopped"
    assert stored.text.startswith(partial)
    assert rest == [] or document(rest).status == "stopped"
    model_server.script(text("Now here."))
    assert document(await two.ask("And now?", conversation)).message.text == "Now here."


async def test_a_reader_at_the_other_process_gets_the_answer_when_it_is_stored(
    pair: tuple[Engine, Engine], model_server: ModelServer
) -> None:
    one, two = pair
    conversation = await one.new(agent=PPC_SPECIALIST)
    model_server.script(text("one two three four five six", piece_delay=0.05))
    await begin(one, conversation)
    seen = [event async for event in two.assistant.subscribe(two.scope, conversation)]
    assert document(seen).message.text == "one two three four five six"
