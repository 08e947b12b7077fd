"""Which of the waiting operations share a commit."""

import asyncio

import pytest

from billing.call import Reservation
from billing.lane import HALVED_FROM, LARGEST, Lane
from billing.operation import Operation, Outcome

CHEAP, DEAR = 0, None


class Ledger:
    """Notes the batches; each takes one turn of the loop."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    async def apply(self, batch: list[Operation]) -> list[Outcome]:
        await asyncio.sleep(0)
        self.batches.append([operation.request_id for operation in batch])
        if any(operation.request_id == "bad" for operation in batch):
            raise ConnectionError
        return [Outcome("held", int(operation.request_id)) for operation in batch]


async def through(flush: int | None, callers: int, turns: int = 1) -> Ledger:
    """So many callers at once, each waiting for its outcome before its next operation."""
    ledger = Ledger()
    lane = Lane(ledger.apply, lambda: flush)

    async def caller(number: int) -> None:
        for turn in range(turns):
            request = str(number * turns + turn)
            assert (await lane.submit(Reservation("w", request, 1))).debited == int(request)

    await asyncio.gather(*(caller(number) for number in range(callers)))
    await lane.close()
    return ledger


async def test_all_that_wait_share_a_commit_where_flushes_are_slow() -> None:
    ledger = await through(DEAR, 128, turns=3)
    assert [len(batch) for batch in ledger.batches] == [128, 128, 128]


async def test_half_of_them_are_written_while_the_others_work_where_flushes_are_quick() -> None:
    ledger = await through(CHEAP, 128, turns=3)
    assert [len(batch) for batch in ledger.batches][:4] == [64, 64, 64, 64]
    assert sorted(int(request) for batch in ledger.batches for request in batch) == list(range(384))


async def test_few_callers_are_never_parted() -> None:
    ledger = await through(CHEAP, HALVED_FROM - 1)
    assert [len(batch) for batch in ledger.batches] == [HALVED_FROM - 1]


@pytest.mark.parametrize("flush", [CHEAP, DEAR])
async def test_no_batch_is_larger_than_the_largest(flush: int | None) -> None:
    ledger = await through(flush, 3 * LARGEST)
    assert max(len(batch) for batch in ledger.batches) == LARGEST


@pytest.mark.parametrize("flush", [CHEAP, DEAR])
async def test_the_same_request_is_never_twice_in_a_batch(flush: int | None) -> None:
    ledger = Ledger()
    lane = Lane(ledger.apply, lambda: flush)
    waiting = [lane.submit(Reservation("w", str(n % 50), 1)) for n in range(200)]
    assert [(await future).debited for future in waiting] == [n % 50 for n in range(200)]
    assert all(len(set(batch)) == len(batch) for batch in ledger.batches)
    await lane.close()


@pytest.mark.parametrize("flush", [CHEAP, DEAR])
async def test_one_bad_operation_fails_alone(flush: int | None) -> None:
    ledger = Ledger()
    lane = Lane(ledger.apply, lambda: flush)
    requests = [*map(str, range(40)), "bad", *map(str, range(40, 80))]
    waiting = [lane.submit(Reservation("w", request, 1)) for request in requests]
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in done].count(ConnectionError) == 1 and isinstance(done[40], ConnectionError)
    await lane.close()


async def test_closing_writes_what_is_queued() -> None:
    ledger = Ledger()
    lane = Lane(ledger.apply, lambda: CHEAP)
    waiting = [lane.submit(Reservation("w", str(n), 1)) for n in range(100)]
    await lane.close()
    assert all(future.done() for future in waiting)
    with pytest.raises(RuntimeError):
        lane.submit(Reservation("w", "late", 1))
