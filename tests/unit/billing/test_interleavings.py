"""Random interleavings of everything the ledger can be asked, on both databases, against a model of a few lines.

Steps of one round run at the same time and so end up in one batch, in the order given; after every round the books are
audited and compared with the model, which knows nothing of batches.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from billing import phase3
from billing.audit import audit
from billing.call import Reservation
from billing.meter import Meter
from billing.price import Price, Tokens
from billing.rates import DEFAULT_RATE
from billing.renewal import lapse, renew, set_daily_cap
from billing.wallet import give_again, grant, open_wallet, refund, take_back
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import CamaradError
from camarad.models import CtHold, CtLedgerEntry, CtRefusal, CtWallet, Phase3Window, UsageRow
from tests.conftest import NOW
from tests.support.metering import WORKSPACE, costing

CAP = 60
GRANT = 50
OTHER = "workspace-two"
MODEL, DEAR = "test/dear", {"input": 1_100_000, "output": 0}
SETTINGS = {
    "max_daily_ct_per_workspace": CAP,
    "billing_phase3_enabled": True,
    "camarad_model_prices": {MODEL: DEAR},
}

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
    st.tuples(st.just("take_back"), workspace, request, amount),
    st.tuples(st.just("give_again"), workspace, request, st.just(0)),
    st.tuples(st.just("renew"), workspace, request, st.integers(1, 60)),
    st.tuples(st.just("lapse"), workspace, request, st.just(0)),
    st.tuples(st.just("phase"), st.just(WORKSPACE), st.just(""), st.sampled_from([2, 3])),
    st.tuples(st.just("cap"), workspace, st.just(""), st.sampled_from([20, 40, 999])),
)
rounds = st.lists(st.tuples(st.lists(step, max_size=10), between), max_size=6)


def by_cost(amount):
    """CT of a call of `amount` CT at the flat tariff, when it is charged by cost."""
    tokens = Tokens(amount * 1000, 0, 0)
    return DEFAULT_RATE.shadow_ct(Price(DEAR["input"], DEAR["input"], 0, "settings").cost(tokens, 920_000))


@dataclass
class Known:
    """A hold as the model keeps it."""

    state: str
    amount: int
    expires: int
    phase: int
    actual: int = 0
    plan: int = 0
    topup: int = 0


@dataclass
class Books:
    """One workspace, the slow and plain way."""

    now: int = 0
    plan: int = GRANT
    extra: int = 0
    used: int = 0
    cap: int = CAP
    phase: int = 2
    holds: dict = field(default_factory=dict)
    refunded: set = field(default_factory=set)
    topups: dict = field(default_factory=dict)
    periods: set = field(default_factory=set)
    taken: dict = field(default_factory=dict)
    given: set = field(default_factory=set)
    shortfall: int = 0

    @property
    def held(self):
        return sum(h.amount for h in self.holds.values() if h.state == "held")

    @property
    def balance(self):
        return self.plan + self.extra

    def reserve(self, request, amount):
        known = self.holds.get(request)
        if known and known.state in ("held", "settled"):
            asked = by_cost(amount) if known.phase == 3 else amount
            return f"replay:{known.state}" if known.amount == asked else "idempotency_mismatch"
        wanted = by_cost(amount) if self.phase == 3 else amount
        if self.balance - self.held < wanted:
            return "insufficient_ct"
        if self.used + self.held + wanted > min(CAP, self.cap):
            return "max_daily_ct_per_workspace"
        self.holds[request] = Known("held", wanted, self.now + 600, self.phase)
        return "held"

    def settle(self, request, amount):
        known = self.holds.get(request)
        if known is None:
            return "unknown_request"
        if known.state == "released":
            return "hold_released"
        if known.state == "settled":
            same = known.phase == 3 or known.actual == amount
            return known.plan + known.topup if same else "idempotency_mismatch"
        due = by_cost(amount) if known.phase == 3 else amount
        take = min(due, self.balance - self.held + (known.amount if known.state == "held" else 0))
        known.state, known.actual, known.plan = "settled", due, min(take, self.plan)
        known.topup = take - known.plan
        self.plan -= known.plan
        self.extra -= known.topup
        self.used += take
        self.shortfall += due - take
        return take

    def release(self, request, _):
        known = self.holds.get(request)
        if known is None or known.state != "held":
            return False
        known.state = "released"
        return True

    def sweep(self):
        for hold in self.holds.values():
            if hold.state == "held" and hold.expires <= self.now:
                hold.state = "expired"

    def topup(self, request, amount):
        if request in self.topups:
            return False if self.topups[request] == amount else "idempotency_mismatch"
        self.topups[request] = amount
        self.extra += amount
        return True

    def refund(self, request, _):
        known = self.holds.get(request)
        if known is None or known.state != "settled":
            return "unknown_request"
        if request in self.refunded:
            return 0
        self.refunded.add(request)
        self.plan += known.plan
        self.extra += known.topup
        return known.plan + known.topup

    def take_back(self, request, amount):
        if request in self.taken:
            return None
        self.taken[request] = max(min(amount, self.extra, self.balance - self.held), 0)
        self.extra -= self.taken[request]
        return self.taken[request]

    def give_again(self, request, _):
        if request in self.given or request not in self.taken:
            return 0
        self.given.add(request)
        self.extra += self.taken[request]
        return self.taken[request]

    def renew(self, period, ct):
        if ("renew", period) in self.periods:
            return False
        left = min(self.plan, max(self.held - self.extra - ct, 0))
        self.periods.add(("renew", period))
        self.plan = left + ct
        return True

    def lapse(self, period, _):
        if ("lapse", period) in self.periods:
            return False
        self.periods.add(("lapse", period))
        self.plan = min(self.plan, max(self.held - self.extra, 0))
        return True


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
            for table in (UsageRow, CtLedgerEntry, CtHold, CtWallet, Phase3Window, CtRefusal):
                await session.execute(delete(table))
        for name in (WORKSPACE, OTHER):
            await open_wallet(self.database, name, GRANT, self.clock)

    async def _do(self, kind, workspace, request, amount, meter=None):
        meter = meter or self.meter
        try:
            if kind == "reserve":
                return await meter.reserve(Reservation(workspace, request, amount, by_cost(amount)))
            if kind == "settle":
                call = costing(amount, request, workspace_id=workspace, model=MODEL)
                return (await meter.settle(call)).ct_actual
            return await meter.release(workspace, request)
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
        if kind in ("phase", "cap"):
            await getattr(self, f"_{kind}")(books, workspace, amount)
            return
        expected = getattr(books[workspace], kind)(request, amount)
        if kind in ("renew", "lapse"):
            books[workspace].cap = CAP
        assert await self._book(kind, workspace, request, amount) == expected

    async def _book(self, kind, workspace, request, amount):
        try:
            if kind == "topup":
                return await grant(self.database, workspace, amount, request, kind="topup", clock=self.clock)
            if kind == "refund":
                return await refund(self.database, workspace, request, self.clock)
            if kind in ("take_back", "give_again"):
                return await self._reverse(kind, workspace, f"reversal:{request}", amount)
            return await self._period(kind, workspace, request, amount)
        except CamaradError as error:
            return error.code

    async def _beside(self, kind, workspace, request, amount, meter):
        """Any step while others are under way."""
        if kind in ("reserve", "settle", "release"):
            await self._do(kind, workspace, request, amount, meter)
        elif kind in ("phase", "cap"):
            with suppress(CamaradError):  # another one has opened a window meanwhile
                await getattr(self, f"_{kind}")({workspace: Books()}, workspace, amount)
        elif kind != "pass":
            await self._book(kind, workspace, request, amount)

    async def _reverse(self, kind, workspace, request, amount):
        async with self.database.write() as session:
            if kind == "take_back":
                return await take_back(session, workspace, request, amount, self.clock)
            return await give_again(session, workspace, request, self.clock)

    async def _period(self, kind, workspace, period, ct):
        terms = {"period_id": period, "daily_cap": CAP, "clock": self.clock}
        if kind == "renew":
            return await renew(self.database, workspace, ct=ct, **terms)
        return await lapse(self.database, workspace, **terms)

    async def _phase(self, books, _, phase):
        await phase3.close_window(self.database, self.clock)
        if phase == 3:
            await phase3.open_window(self.database, self.clock, self.meter._settings, 24)
        for each in books.values():
            each.phase = phase

    async def _cap(self, books, workspace, cap):
        async with self.database.write() as session:
            await set_daily_cap(session, workspace, cap)
        books[workspace].cap = cap

    async def _compare(self, books):
        assert await audit(self.database) == []
        async with self.database.read() as session:
            for wallet in await session.scalars(select(CtWallet)):
                model = books[wallet.workspace_id]
                found = (wallet.plan_balance, wallet.topup_balance, wallet.held, wallet.day_used, wallet.shortfall)
                assert found == (model.plan, model.extra, model.held, model.used, model.shortfall)


@pytest.fixture
def world(database_url, settings):
    made = World(database_url, settings.model_copy(update=SETTINGS))
    yield made
    made.close()


RANDOM = hypothesis_settings(
    phases=[Phase.explicit, Phase.generate],  # shrinking against a database takes minutes
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@RANDOM
@given(script=rounds)
def test_any_interleaving_leaves_the_books_as_the_model_says(world, script):
    world.play(script)


racing = st.lists(st.one_of(step, step, between), min_size=2, max_size=40)


@RANDOM
@given(steps=racing)
def test_any_race_on_the_same_requests_keeps_the_books_sound(world, steps):
    """Two meters, payments, windows and caps at once, some cancelled half-way. The order is open, so only invariants
    are checked: sound books, nobody overdrawn, one debit a request."""

    async def race():
        await world._empty()
        second = Meter(world.database, world.meter._settings, world.clock)
        await second.start()
        meters = (world.meter, second)
        try:
            pending = []
            for n, one in enumerate(steps):
                pending.append(asyncio.ensure_future(world._beside(*one, meters[n % 2])))
                if n % 7 == 6:
                    pending[n - 3].cancel()
                    await asyncio.sleep(0)
            for task in pending:
                with suppress(asyncio.CancelledError):
                    await task
        finally:
            await second.close()
        assert await audit(world.database) == []

    world.runner.run(race())
