import asyncio
from datetime import date, timedelta

import pytest

from camarad.clock import ManualClock
from tools.connectors.cache import RECENT, REFRESHED_IN, REFRESHES, SETTLED, WITH_TODAY, Cache, ttl
from tools.result import Period

HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 20)


class Upstream:
    """Counts reads; each waits for `gate` when there is one."""

    def __init__(self, gate: asyncio.Event | None = None, fails: bool = False) -> None:
        self.reads, self.gate, self.fails = 0, gate, fails

    async def __call__(self) -> int:
        self.reads += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.fails:
            raise ValueError("no")
        return self.reads


async def test_an_answer_is_kept_and_says_so(clock: ManualClock) -> None:
    cache, upstream = Cache(clock), Upstream()
    first, second = await cache.get("k", HOUR, upstream), await cache.get("k", HOUR, upstream)
    assert (upstream.reads, first.cached, second.cached) == (1, False, True)


async def test_a_kept_answer_keeps_the_time_it_was_read(clock: ManualClock) -> None:
    cache, upstream = Cache(clock), Upstream()
    first = await cache.get("k", HOUR, upstream)
    clock.advance(timedelta(minutes=30))
    assert (await cache.get("k", HOUR, upstream)).at == first.at


async def test_an_answer_past_its_time_is_read_again(clock: ManualClock) -> None:
    cache, upstream = Cache(clock), Upstream()
    await cache.get("k", HOUR, upstream)
    clock.advance(HOUR)
    assert not (await cache.get("k", HOUR, upstream)).cached
    assert upstream.reads == 2


async def test_refresh_skips_what_is_kept_and_keeps_the_new_answer(clock: ManualClock) -> None:
    cache, upstream = Cache(clock), Upstream()
    await cache.get("k", HOUR, upstream)
    assert (await cache.get("k", HOUR, upstream, refresh=True)).value == 2
    assert (await cache.get("k", HOUR, upstream)).value == 2


async def test_a_flood_of_refreshes_costs_so_many_reads_a_minute(clock: ManualClock) -> None:
    cache, upstream = Cache(clock), Upstream()
    await cache.get("k", HOUR, upstream)
    answers = [await cache.get("k", HOUR, upstream, refresh=True) for _ in range(50)]
    assert upstream.reads == 1 + REFRESHES and answers[-1].cached
    assert not (await cache.get("other", HOUR, upstream, refresh=True)).cached
    clock.advance(REFRESHED_IN)
    assert not (await cache.get("k", HOUR, upstream, refresh=True)).cached


async def test_many_equal_questions_at_once_make_one_read(clock: ManualClock) -> None:
    gate = asyncio.Event()
    cache, upstream = Cache(clock), Upstream(gate)
    callers = [asyncio.create_task(cache.get("k", HOUR, upstream)) for _ in range(20)]
    await asyncio.sleep(0)
    gate.set()
    assert {kept.value for kept in await asyncio.gather(*callers)} == {1}
    assert upstream.reads == 1


async def test_one_caller_giving_up_does_not_end_the_read_for_others(clock: ManualClock) -> None:
    gate = asyncio.Event()
    cache, upstream = Cache(clock), Upstream(gate)
    first, second = (asyncio.create_task(cache.get("k", HOUR, upstream)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    assert (await second).value == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_failure_is_shared_and_never_kept(clock: ManualClock) -> None:
    cache, upstream = Cache(clock), Upstream(fails=True)
    results = await asyncio.gather(*(cache.get("k", HOUR, upstream) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in results] == [ValueError] * 3
    upstream.fails = False
    assert (await cache.get("k", HOUR, upstream)).value == 2


async def test_the_oldest_answers_make_room(clock: ManualClock) -> None:
    cache, upstream = Cache(clock, size=2), Upstream()
    for key in ("a", "b", "a", "c"):
        await cache.get(key, HOUR, upstream)
    assert (await cache.get("a", HOUR, upstream)).cached
    assert not (await cache.get("b", HOUR, upstream)).cached


async def test_a_connection_can_be_forgotten_without_the_others(clock: ManualClock) -> None:
    cache, upstream = Cache(clock), Upstream()
    for key in (("one", "x"), ("two", "x")):
        await cache.get(key, HOUR, upstream)
    cache.forget("one")
    assert not (await cache.get(("one", "x"), HOUR, upstream)).cached
    assert (await cache.get(("two", "x"), HOUR, upstream)).cached


async def test_a_read_under_way_is_not_kept_for_a_connection_forgotten_meanwhile(clock: ManualClock) -> None:
    gate = asyncio.Event()
    cache, before, after = Cache(clock), Upstream(gate), Upstream()
    after.reads = 10
    old = asyncio.create_task(cache.get(("one", "r"), HOUR, before))
    await asyncio.sleep(0)
    cache.forget("one")
    new = await cache.get(("one", "r"), HOUR, after)
    gate.set()
    assert ((await old).value, new.value) == (1, 11)
    assert (await cache.get(("one", "r"), HOUR, after)).value == 11


async def test_closing_ends_reads_under_way(clock: ManualClock) -> None:
    cache = Cache(clock)
    caller = asyncio.create_task(cache.get("k", HOUR, Upstream(asyncio.Event())))
    await asyncio.sleep(0)
    await cache.close()
    with pytest.raises(asyncio.CancelledError):
        await caller


@pytest.mark.parametrize(("ends", "kept"), [(0, WITH_TODAY), (1, RECENT), (3, RECENT), (4, SETTLED)])
def test_recent_figures_are_kept_shorter(ends: int, kept: timedelta) -> None:
    end = TODAY - timedelta(days=ends)
    assert ttl(Period(start=end, end=end), TODAY) == kept


async def test_what_is_made_from_a_kept_value_is_made_once_for_it(clock):
    cache, made = Cache(clock), []

    def make(name):
        return lambda: made.append(name) or name

    first, second = object(), object()
    assert [cache.derived(("c", 1), first, make("one")) for _ in range(2)] == ["one", "one"]
    assert cache.derived(("c", 1), second, make("two")) == "two"
    cache.forget("c")
    assert cache.derived(("c", 1), second, make("three")) == "three"
    assert made == ["one", "two", "three"]
