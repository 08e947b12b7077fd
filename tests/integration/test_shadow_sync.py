"""`POST /api/billing/shadow-sync`: calls without a price get one, and nothing else in the books moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, event, func, insert, select

from billing.audit import audit
from billing.call import Reservation
from billing.coverage import Coverage
from billing.meter import Meter
from billing.rate_book import set_price, set_rate
from billing.rates import Rate
from billing.stamp import reprice
from billing.wallet import open_wallet
from camarad.ids import new_id
from camarad.models import AuditEvent, Base, PriceStamp, PricingEntry, UsageRow
from camarad.settings import Settings
from tests.support.metering import WORKSPACE, settlement
from tests.support.web import Browser, Camarad, code, running

TOKEN, SYNC = "internal-token-of-the-test", "/api/billing/shadow-sync"
BOOKS = ("ct_wallets", "ct_holds", "ct_ledger", "phase3_windows", "ct_rates", "pricing_catalog")
UNKNOWN = "openai/unheard-of"


@pytest.fixture
async def camarad(settings: Settings, database_url: str) -> AsyncIterator[Camarad]:
    changes = {"internal_token": SecretStr(TOKEN), "database_url": database_url}
    async with running(settings.model_copy(update=changes)) as made:
        yield made


@pytest.fixture
def operator(camarad: Camarad) -> Browser:
    browser = camarad.browser()
    browser.http.headers["X-Internal-Token"] = TOKEN
    return browser


async def used(camarad: Camarad, names: list[str], model: str = UNKNOWN) -> None:
    """Calls through a meter of their own, debited by the flat tariff."""
    meter = Meter(camarad.services.database, camarad.services.settings, camarad.services.clock)
    await meter.start()
    for name in names:
        await meter.reserve(Reservation(WORKSPACE, name, 10))
        await meter.settle(settlement(name, model=model, tokens_cached=200, calls={"tool:report": 2}))
    await meter.close()


async def priced(camarad: Camarad, **other: Any) -> None:
    columns: dict[str, Any] = {
        "id": new_id(),
        "kind": "model",
        "provider": "",
        "model": UNKNOWN,
        "source": "invoice",
        "call_price": 0,
        **dict.fromkeys(("input_price", "cached_input_price", "cache_write_price", "output_price"), 2_000_000),
        "valid_from": camarad.services.clock.now() - timedelta(days=2),
    }
    await set_price(camarad.services.database, PricingEntry(**(columns | other)))


async def rows_of(camarad: Camarad) -> list[UsageRow]:
    async with camarad.services.database.read() as session:
        return [*await session.scalars(select(UsageRow).order_by(UsageRow.id))]


async def books(camarad: Camarad) -> list[Any]:
    """Every byte of whatever holds CT, and of what they are priced by."""
    tables = [Base.metadata.tables[name] for name in BOOKS if name in Base.metadata.tables]
    async with camarad.services.database.read() as session:
        return [[*map(tuple, await session.execute(select(each).order_by(*each.primary_key)))] for each in tables]


async def test_calls_without_a_price_get_one_once_and_the_books_stay_as_they_are(
    camarad: Camarad, operator: Browser
) -> None:
    await open_wallet(camarad.services.database, WORKSPACE, 1_000)
    await used(camarad, ["a", "b", "c"])
    await used(camarad, ["d"], model="nobody/knows")
    await used(camarad, ["e"], model="openai/gpt-5-mini")
    await priced(camarad)
    await priced(camarad, kind="tool", model="report", call_price=500)
    before, known = await books(camarad), await rows_of(camarad)
    answer = await operator.post(SYNC)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"looked": 4, "priced": 3, "unpriced": {"nobody/knows": 1}, "next": None}
    assert (await operator.post(SYNC)).json() == {
        "looked": 1,
        "priced": 0,
        "unpriced": {"nobody/knows": 1},
        "next": None,
    }
    assert await books(camarad) == before and await audit(camarad.services.database) == []
    rows = await rows_of(camarad)
    assert [row.ct_actual_debit for row in rows] == [row.ct_actual_debit for row in known]
    assert [row.cost_micro_eur for row in rows[:3]] == [2 * 2_000 * 92 // 100 + 920] * 3
    assert rows[3].cost_micro_eur is None and rows[4].stamp == known[4].stamp
    async with camarad.services.database.read() as session:
        stamps = {each.id: each.numbers for each in await session.scalars(select(PriceStamp))}
        assert list(await session.scalars(select(AuditEvent.act))) == ["shadow_synced"] * 2
    for row in rows[:3]:
        assert reprice(row, stamps[str(row.stamp)]) == (row.cost_micro_eur, row.ct_shadow_debit)
        assert row.coverage & Coverage.LATE and row.coverage & Coverage.CALL_COST


async def test_each_call_gets_price_and_rate_of_its_own_moment(camarad: Camarad, operator: Browser) -> None:
    await open_wallet(camarad.services.database, WORKSPACE, 1_000)
    await used(camarad, ["before"])
    services = camarad.services
    await set_rate(services.database, services.clock, "shadow", Rate(1, 0, 0, 1_000_000))
    await used(camarad, ["after"])
    first, second = await rows_of(camarad)
    await priced(camarad, valid_from=first.at - timedelta(microseconds=1))
    await priced(camarad, valid_from=second.at, input_price=9_000_000)
    assert (await operator.post(SYNC)).json()["priced"] == 2
    first, second = await rows_of(camarad)
    assert (first.cost_micro_eur, second.cost_micro_eur) == (3_680, 800 * 9 + 1_200 * 2)
    assert first.ct_shadow_debit == Rate().shadow_ct(3_680)
    assert second.ct_shadow_debit == second.cost_micro_eur


async def test_batches_are_bounded_and_follow_each_other(camarad: Camarad, operator: Browser) -> None:
    await many(camarad, 23)
    await priced(camarad)
    looked, after = [], ""
    while after is not None:
        answer = (await operator.post(f"{SYNC}?limit=10&after={after}")).json()
        looked.append((answer["looked"], answer["priced"]))
        after = answer["next"]
    assert looked == [(10, 10), (10, 10), (3, 3)]
    assert (await operator.post(SYNC)).json()["looked"] == 0


async def many(camarad: Camarad, count: int) -> None:
    now = camarad.services.clock.now()
    row: dict[str, Any] = {
        "workspace_id": WORKSPACE,
        "agent": "ppc-specialist",
        "model": UNKNOWN,
        "status": "settled",
        "attempts": [],
        "tokens_in": 10,
        "tokens_cached": 0,
        "tokens_out": 5,
        "estimated": False,
        "duration_ms": 1,
        "ct_actual_debit": 1,
        "at": now,
    }
    async with camarad.services.database.write() as session:
        await session.execute(insert(UsageRow), [{**row, "id": (n := new_id()), "request_id": n} for _ in range(count)])


async def test_the_catalogue_is_read_once_for_a_whole_batch(camarad: Camarad, operator: Browser) -> None:
    await many(camarad, 60)
    await priced(camarad)
    database, asked = camarad.services.database, list[str]()
    engine = database.reader.sync_engine

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "FROM pricing_catalog" in statement and "valid_to" in statement and "count(" not in statement:
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    assert (await operator.post(SYNC)).json()["priced"] == 60
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 1


async def test_rows_erased_or_priced_meanwhile_are_let_alone(
    camarad: Camarad, operator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the rows and the writing somebody else is at work on them."""
    from billing import shadow

    await many(camarad, 3)
    await priced(camarad)
    keep, rows = shadow._keep, await rows_of(camarad)

    async def late(*given: Any) -> None:
        await keep(*given)
        async with camarad.services.database.write() as session:
            await session.execute(delete(UsageRow).where(UsageRow.id == rows[0].id))
            other = await session.get(UsageRow, rows[1].id)
            assert other is not None
            other.cost_micro_eur = 1

    monkeypatch.setattr(shadow, "_keep", late)
    assert (await operator.post(SYNC)).json()["priced"] == 1
    assert [row.cost_micro_eur for row in await rows_of(camarad)] == [1, 28]


async def test_bad_input_is_refused_and_writes_nothing(camarad: Camarad, operator: Browser) -> None:
    await many(camarad, 2)
    await priced(camarad)
    for query in (
        "limit=0",
        "limit=-1",
        "limit=5001",
        "limit=x",
        "limit=1e3",
        "limit=1.5",
        "limit=",
        "limit=" + "9" * 30,
    ):
        refused = await operator.post(f"{SYNC}?{query}")
        assert refused.status_code == 422 and code(refused), query
    assert (await operator.post(f"{SYNC}?after=a%00b")).status_code == 404  # the edge lets none of these in
    for after in ("zzz", "%F0%9F%98%80", "'%3B--", "%ED%A0%80"):
        assert (await operator.post(f"{SYNC}?after={after}")).status_code == 200, after
    assert (await operator.get(SYNC)).status_code == 405


async def test_nobody_but_an_operator_may_ask(camarad: Camarad) -> None:
    await many(camarad, 1)
    await priced(camarad)
    ana, stranger = await camarad.sign_up(), camarad.browser()
    key = await ana.post("/api/keys", {"name": "mine"})
    assert key.status_code == 201, key.text
    bearer = {"Authorization": f"Bearer {key.json()['secret']}"}
    for browser, headers in (
        *((ana, {}), (stranger, {}), (stranger, {"X-Internal-Token": "wrong"}), (stranger, {"X-Internal-Token": ""})),
        (stranger, bearer),
    ):
        refused = await browser.post(SYNC, **{name.replace("-", "_"): value for name, value in headers.items()})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    async with camarad.services.database.read() as session:
        assert await session.scalar(select(func.count(UsageRow.cost_micro_eur))) == 0
