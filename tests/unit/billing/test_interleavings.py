"""Random interleavings of everything the ledger can be asked, on both databases, against a model of a few lines.

Steps of one round run at the same time and so end up in one batch, in the order given; after every round the books are
audited and compared with the model, which knows nothing of batches.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from billing.audit import audit
from billing.call import Reservation
from billing.meter import Meter
from billing.wallet import grant, open_wallet, refund
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import CamaradError
from camarad.models import CtHold, CtLedgerEntry, CtWallet, UsageRow
from tests.conftest import NOW
from tests.support.metering import WORKSPACE, costing

CAP = 60
GRANT = 50
OTHER = "workspace-two"

request = st.sampled_from([f"r{n}" for n in range(6)])
workspace = st.sampled_from([WORKSPACE, WORKSPACE, OTHER])
amount = st.integers(0, 30)
step = st.one_of(
    st.tuples(st.just("reserve"), workspace, request, amount),
    st.tuples(st.just("settle"), workspace, request, amount),
    st.tuples(st.just("release"), workspace, request, st.just(0)),
)
between = st.one_of(
    st.tuples(st.just("pass"), st.just(WORKSPACE), st.just(""), st.integers(0, 900)),
    st.tuples(st.just("topup"), workspace, request, st.integers(1, 20)),
    st.tuples(st.just("refund"), workspace, request, st.just(0)),
)
rounds = st.lists(st.tuples(st.lists(step, max_size=10), between), max_size=6)


@dataclass
class Books:
    """One workspace, the slow and plain way. Buckets are told apart by the audit; here only sums matter."""

    now: int = 0
    balance: int = GRANT
    used: int = 0
    holds: dict = field(default_factory=dict)  # request → [state, amount, expires, debited]
    refunded: set = field(default_factory=set)
    topups: dict = field(default_factory=dict)
    shortfall: int = 0

    @property
    def held(self):
        return sum(h[1] for h in self.holds.values() if h[0] == "held")

    def reserve(self, request, amount):
        known = self.holds.get(request)
        if known and known[0] in ("held", "settled"):
            return f"replay:{known[0]}" if known[1] == amount else "idempotency_mismatch"
        if self.balance - self.held < amount:
            return "insufficient_ct"
        if self.used + self.held + amount > CAP:
            return "max_daily_ct_per_workspace"
        self.holds[request] = ["held", amount, self.now + 600, None, None]
        return "held"

    def settle(self, request, amount):
        known = self.holds.get(request)
        if known is None:
            return "unknown_request"
        if known[0] == "released":
            return "hold_released"
        if known[0] == "settled":
            return known[4] if known[3] == amount else "idempotency_mismatch"
        own = known[1] if known[0] == "held" else 0
        take = min(amount, self.balance - self.held + own)
        known[0], known[3], known[4] = "settled", amount, take
        self.balance -= take
        self.used += take
        self.shortfall += amount - take
        return take

    def release(self, request, _):
        known = self.holds.get(request)
        if known is None or known[0] != "held":
            return False
        known[0] = "released"
        return True

    def sweep(self):
        for hold in self.holds.values():
            if hold[0] == "held" and hold[2] <= self.now:
                hold[0] = "expired"

    def topup(self, request, amount):
        if request in self.topups:
            return False if self.topups[request] == amount else "idempotency_mismatch"
        self.topups[request] = amount
        self.balance += amount
        return True

    def refund(self, request, _):
        known = self.holds.get(request)
        if known is None or known[0] != "settled":
            return "unknown_request"
        if request in self.refunded:
            return 0
        self.refunded.add(request)
        self.balance += known[4]
        return known[4]


class World:
    """The meter under test with its own event loop, kept across examples; every example starts from empty books."""

    def __init__(self, url, settings):
        self.runner = asyncio.Runner()
        self.clock = ManualClock(NOW)
        self.database = Database(url)
        self.meter = Meter(self.database, settings, self.clock)
        self.runner.run(self.meter.start())

    def close(self):
        self.runner.run(self.meter.close())
        self.runner.run(self.database.close())
        self.runner.close()

    def play(self, script):
        self.runner.run(self._play(script))

    async def _play(self, script):
        await self._empty()
        books = {WORKSPACE: Books(), OTHER: Books()}
        for steps, then in script:
            expected = [getattr(books[w], kind)(r, a) for kind, w, r, a in self._in_order(steps)]
            found = await asyncio.gather(*(self._do(*one) for one in self._in_order(steps)))
            assert found == expected
            await self._then(books, *then)
            await self._compare(books)

    @staticmethod
    def _in_order(steps):
        """The order a batch is decided in on PostgreSQL (see ct_meter_batch), for requests named once a round; SQLite
        decides in the order of arrival, so arrivals are sorted likewise."""
        rank = {"release": 0, "settle": 1, "reserve": 2}
        once = {}
        for one in steps:
            once.setdefault(one[1:3], one)
        return sorted(once.values(), key=lambda one: rank[one[0]])

    async def _empty(self):
        self.clock.instant = NOW
        async with self.database.unscoped("starts an example from nothing") as session:
            for table in (UsageRow, CtLedgerEntry, CtHold, CtWallet):
                await session.execute(delete(table))
        for name in (WORKSPACE, OTHER):
            await open_wallet(self.database, name, GRANT, self.clock)

    async def _do(self, kind, workspace, request, amount):
        try:
            if kind == "reserve":
                return await self.meter.reserve(Reservation(workspace, request, amount))
            if kind == "settle":
                return (await self.meter.settle(costing(amount, request, workspace_id=workspace))).ct_actual
            return await self.meter.release(workspace, request)
        except CamaradError as error:
            return error.code

    async def _then(self, books, kind, workspace, request, amount):
        if kind == "pass":
            self.clock.advance(timedelta(seconds=amount))
            await self.meter.sweep()
            for each in books.values():
                each.now += amount
                each.sweep()
            return
        expected = getattr(books[workspace], kind)(request, amount)
        try:
            if kind == "topup":
                found = await grant(self.database, workspace, amount, request, kind="topup", clock=self.clock)
            else:
                found = await refund(self.database, workspace, request, self.clock)
        except CamaradError as error:
            found = error.code
        assert found == expected

    async def _compare(self, books):
        assert await audit(self.database) == []
        async with self.database.read() as session:
            for wallet in await session.scalars(select(CtWallet)):
                model = books[wallet.workspace_id]
                found = (wallet.plan_balance + wallet.topup_balance, wallet.held, wallet.day_used, wallet.shortfall)
                assert found == (model.balance, model.held, model.used, model.shortfall)


@pytest.fixture
def world(database_url, settings):
    made = World(database_url, settings.model_copy(update={"max_daily_ct_per_workspace": CAP}))
    yield made
    made.close()


RANDOM = hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@RANDOM
@given(script=rounds)
def test_any_interleaving_leaves_the_books_as_the_model_says(world, script):
    world.play(script)


racing = st.lists(step, min_size=2, max_size=40)


@RANDOM
@given(steps=racing)
def test_any_race_on_the_same_requests_keeps_the_books_sound(world, steps):
    """The order is open here, so only invariants are checked: sound books, nobody overdrawn, one debit a request."""

    async def race():
        await world._empty()
        second = Meter(world.database, world.meter._settings, world.clock)
        await second.start()
        original, meters = world.meter, (world.meter, second)
        try:
            pending = []
            for n, one in enumerate(steps):
                world.meter = meters[n % 2]
                pending.append(asyncio.ensure_future(world._do(*one)))
                if n % 7 == 6:
                    pending[n - 3].cancel()
                    await asyncio.sleep(0)
                world.meter = original
            for task in pending:
                with suppress(asyncio.CancelledError):
                    await task
        finally:
            await second.close()
        assert await audit(world.database) == []

    world.runner.run(race())
