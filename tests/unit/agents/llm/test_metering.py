"""What every way of ending leaves in the books, on both databases. `make_bench` audits them after each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from agents.llm import Chunk, ReplyStream
from billing.wallet import snapshot
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import Conflict, LimitReached, Misconfigured, Upstream
from camarad.settings import Settings
from tests.support.model_server import calls, failure, quiet, text
from tests.unit.agents.llm.conftest import FALLBACK, GRANT, MODEL, TOOL, USER, Bench, MakeBench

LONG = "a long answer in many words that is going to be stopped somewhere in the middle of it"


@pytest.fixture
def books(database: Database) -> Database:
    return database


async def read(stream: ReplyStream, pieces: int) -> list[Chunk]:
    """The first pieces of a stream, which is then left standing open."""
    iterator: AsyncIterator[Chunk] = aiter(stream)
    return [await anext(iterator) for _ in range(pieces)]


async def stopped_in_the_middle(bench: Bench, pieces: int = 3) -> None:
    """Start a streamed call in a task, wait until it has read some pieces, and cancel the task as a stop does."""
    reading = asyncio.Event()

    async def turn() -> None:
        async with bench.door.stream(bench.context(), USER) as stream:
            await read(stream, pieces)
            reading.set()
            await anext(stream)

    task = asyncio.create_task(turn())
    await asyncio.wait_for(reading.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_stop_in_the_middle_charges_what_was_read_and_hangs_up(bench: Bench) -> None:
    bench.server.script(text(LONG, hang_after=3))
    await stopped_in_the_middle(bench)
    (row,) = await bench.usage()
    assert (row.status, row.estimated) == ("cancelled", True)
    assert 0 < row.tokens_in <= 20 and 0 < row.tokens_out <= 6
    assert row.ct_actual_debit == 1
    assert await asyncio.to_thread(bench.server.wait_for_disconnects)


async def test_leaving_a_stream_early_settles_it_and_hangs_up(bench: Bench) -> None:
    bench.server.script(text(LONG, hang_after=3))
    async with bench.door.stream(bench.context(), USER) as stream:
        await read(stream, 2)
    (row,) = await bench.usage()
    assert row.status == "cancelled" and row.tokens_out > 0
    assert await asyncio.to_thread(bench.server.wait_for_disconnects)


async def test_a_stream_that_is_only_forgotten_is_settled_too(bench: Bench) -> None:
    bench.server.script(text(LONG, hang_after=3))
    stream = bench.door.stream(bench.context(), USER)
    await read(stream, 2)
    del stream
    assert await asyncio.to_thread(bench.server.wait_for_disconnects)
    await bench.door.close()
    (row,) = await bench.usage()
    assert row.status == "cancelled"


async def test_a_stop_before_the_first_word_charges_what_was_sent(bench: Bench) -> None:
    bench.server.script(quiet(30))
    task = asyncio.create_task(bench.door.complete(bench.context(), USER))
    assert await asyncio.to_thread(bench.server.wait_for_requests)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (row,) = await bench.usage()
    assert (row.status, row.tokens_out, row.estimated) == ("cancelled", 0, True)
    assert row.tokens_in > 0


async def test_a_stop_while_the_hold_is_made_leaves_nothing_behind(bench: Bench) -> None:
    task = asyncio.create_task(bench.door.complete(bench.context(), USER))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert bench.server.requests == []
    await bench.door.close()
    assert await bench.usage() == []


async def test_stopping_twice_still_settles_once(bench: Bench) -> None:
    bench.server.script(text(LONG, hang_after=3))
    reading = asyncio.Event()

    async def turn() -> None:
        async with bench.door.stream(bench.context(), USER) as stream:
            await read(stream, 2)
            reading.set()
            await anext(stream)

    task = asyncio.create_task(turn())
    await asyncio.wait_for(reading.wait(), 10)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await bench.door.close()
    assert [row.status for row in await bench.usage()] == ["cancelled"]


async def test_a_retry_is_one_request_with_two_attempts_and_one_debit(bench: Bench) -> None:
    bench.server.script(failure(500), text("hello"))
    reply = await bench.ask(True)
    assert [a["outcome"] for a in reply.attempts] == ["InternalServerError", "answered"]
    assert len(bench.server.requests) == 2 and len(bench.pauses) == 1
    (row,) = await bench.usage()
    assert (row.status, row.ct_actual_debit, len(row.attempts)) == ("settled", 1, 2)


async def test_a_fallback_answers_under_its_own_name_and_price(make_bench: MakeBench) -> None:
    bench = await make_bench(camarad_fallback_models=[FALLBACK])
    bench.server.script(failure(500), failure(503), text("hello"))
    reply = await bench.ask(True)
    assert reply.model == FALLBACK
    assert [a["model"] for a in reply.attempts] == [MODEL, MODEL, FALLBACK]
    (row,) = await bench.usage()
    assert (row.model, row.status, row.ct_actual_debit) == (FALLBACK, "settled", 1)


async def test_a_call_that_fails_for_good_is_free(bench: Bench) -> None:
    bench.server.script(failure(500), failure(500))
    with pytest.raises(Upstream) as caught:
        await bench.ask(True)
    assert caught.value.code == "model_unavailable"
    (row,) = await bench.usage()
    assert (row.status, row.tokens_in, row.tokens_out, row.ct_actual_debit) == ("failed", 0, 0, 0)


async def test_a_drop_in_the_middle_is_not_tried_again_and_charges_what_was_read(bench: Bench) -> None:
    bench.server.script(text(LONG, drop_after=4))
    words: list[str] = []
    with pytest.raises(Upstream) as caught:
        async with bench.door.stream(bench.context(), USER) as stream:
            async for chunk in stream:
                words.append(chunk.text)
    assert caught.value.code == "model_unavailable"
    assert len(words) == 4 and len(bench.server.requests) == 1
    (row,) = await bench.usage()
    assert (row.status, row.estimated) == ("failed", True)
    assert row.tokens_out > 0


async def test_a_drop_inside_a_tool_call_is_tried_again_because_nobody_has_read_it(bench: Bench) -> None:
    bench.server.script(calls(("ads_overview", {"range": "28days"}), drop_after=2), calls(("ads_overview", {})))
    reply = await bench.ask(True, tools=[TOOL])
    assert [c.args for c in reply.tool_calls] == [{}]
    assert [row.status for row in await bench.usage()] == ["settled"]


async def test_a_model_that_falls_silent_is_given_up_at_the_deadline(make_bench: MakeBench) -> None:
    bench = await make_bench(camarad_model_timeout=1, camarad_model_retries=0)
    bench.server.script(text(LONG, hang_after=3))
    with pytest.raises(Upstream) as caught:
        await bench.ask(True)
    assert (caught.value.code, caught.value.status) == ("model_timeout", 504)
    (row,) = await bench.usage()
    assert row.status == "failed" and row.tokens_out > 0
    assert await asyncio.to_thread(bench.server.wait_for_disconnects)


async def test_the_same_request_id_is_never_charged_twice(bench: Bench) -> None:
    await bench.door.complete(bench.context(request_id="same"), USER)
    with pytest.raises(Conflict) as caught:
        await bench.door.complete(bench.context(request_id="same"), USER)
    assert caught.value.code == "request_id_used"
    assert len(bench.server.requests) == 1
    assert len(await bench.usage()) == 1


async def test_the_same_request_id_at_the_same_time_calls_the_model_once(bench: Bench) -> None:
    bench.server.otherwise = text("hello", delay=0.1)
    same = [bench.door.complete(bench.context(request_id="same"), USER) for _ in range(8)]
    outcomes = await asyncio.gather(*same, return_exceptions=True)
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if isinstance(outcome, BaseException))
    assert len(bench.server.requests) == 1


async def test_a_turn_the_server_resumes_may_repeat_its_call_and_pays_once(bench: Bench) -> None:
    first = await bench.door.complete(bench.context(request_id="same"), USER)
    bench.server.script(text("other words this time", usage={"prompt_tokens": 4000, "completion_tokens": 900}))
    second = await bench.door.complete(bench.context(request_id="same", resumed=True), USER)
    assert second.text == "other words this time "
    (row,) = await bench.usage()
    assert (row.ct_actual_debit, row.tokens_in) == (first.charge.ct_actual, 111)


async def test_a_resumed_call_takes_over_the_hold_of_the_process_that_died(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.script(text(LONG, hang_after=3))
    stream = bench.door.stream(bench.context(request_id="same"), USER)
    await read(stream, 2)  # the first process holds, and never gets to settle
    survivor = await make_bench()
    reply = await survivor.door.complete(survivor.context(request_id="same", resumed=True), USER)
    assert reply.charge.ct_actual == 1
    assert [row.status for row in await bench.usage()] == ["settled"]
    await stream.aclose()  # the first process was not dead after all: its late settlement changes nothing
    assert [row.ct_actual_debit for row in await bench.usage()] == [1]


async def test_a_cap_refuses_before_anything_is_sent(make_bench: MakeBench) -> None:
    bench = await make_bench(max_ct_per_request=2)
    with pytest.raises(LimitReached) as caught:
        await bench.ask(True)
    assert caught.value.code == "max_ct_per_request"
    assert bench.server.requests == [] and await bench.usage() == []


async def test_an_unpriced_model_is_refused_with_the_way_to_price_it(make_bench: MakeBench) -> None:
    bench = await make_bench(camarad_model="openai/unheard-of")
    with pytest.raises(Misconfigured) as caught:
        await bench.ask(False)
    assert "CAMARAD_MODEL_PRICES" in caught.value.hint and "openai/unheard-of" in caught.value.hint
    assert bench.server.requests == []


async def test_a_priced_unknown_model_is_called(make_bench: MakeBench) -> None:
    bench = await make_bench(
        camarad_model="openai/unheard-of", camarad_model_prices={"openai/unheard-of": {"input": 150_000, "output": 1}}
    )
    assert (await bench.ask(True)).charge.ct_shadow is not None


async def test_many_calls_at_once_add_up(bench: Bench, books: Database, clock: ManualClock, settings: Settings) -> None:
    replies = await asyncio.gather(*(bench.ask(n % 2 == 0) for n in range(24)))
    spent = sum(reply.charge.ct_actual for reply in replies)
    shown = await snapshot(books, bench.scope.workspace_id, settings, clock)
    assert spent == 24 and shown["balance_ct"] == GRANT - spent and shown["held_ct"] == 0
