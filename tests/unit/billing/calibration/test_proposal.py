"""Proposals from rows in a database: what they estimate, when they refuse, and what applying them does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from billing.calibration import Ask, apply, check, promote, propose, recommend
from billing.calibration.tariffs import lowest_ct_value
from billing.price import Price
from billing.rates import DEFAULT_RATE, Rate
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import BadInput, Conflict
from camarad.ids import new_id
from camarad.models import CtLedgerEntry, CtRate
from camarad.settings import Settings
from tests.support.traffic import MODEL, PRICE, Traffic, catalogue, dearer, steady

JUST_NOW = timedelta(seconds=10)
FREE = Price(0, 0, 0, "test")


def failed(proposal: dict[str, Any]) -> set[str]:
    return {guard["name"] for guard in proposal["guards"] if not guard["ok"]}


async def shown(settings: Settings, database: Database, clock: ManualClock, **ask: Any) -> dict[str, Any]:
    return await propose(settings, database, clock, Ask(**ask))


async def test_calls_that_cost_what_was_recorded_are_proposed_the_buffer_of_unseen_days(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    traffic = steady(clock.now() - JUST_NOW)
    await traffic.write(database)
    await catalogue(database, PRICE, clock.now() - timedelta(days=9))
    found = await shown(settings, database, clock)
    assert found["applicable"] and found["reasons"] == []
    assert found["estimate"]["cost_ratio_ppm"] == 1_000_000
    assert found["proposed"] == {
        "ct_value_micro_eur": lowest_ct_value(settings),
        "buffer_bp": 346,
        "margin_bp": 4_000,
        "eur_per_usd_ppm": 920_000,
    }
    assert found["evidence"]["rows"] == found["evidence"]["rows_with_cost"] == 1_200
    assert found["evidence"]["recorded_cost_eur_micro"] == sum(row["cost_micro_eur"] for row in traffic.rows)


async def test_what_the_proposal_would_debit_is_the_formula_call_by_call(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    traffic = steady(clock.now() - JUST_NOW)
    await traffic.write(database)
    found = await shown(settings, database, clock)
    rate = Rate(**found["proposed"])
    assert found["evidence"]["ct_proposed"] == sum(rate.shadow_ct(row["cost_micro_eur"]) for row in traffic.rows)


async def test_a_price_that_was_entered_late_is_what_the_buffer_has_to_cover(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    """For 48 hours calls were priced 5 % too low; the catalogue knows it now."""
    await steady(clock.now() - JUST_NOW).write(database)
    await catalogue(database, PRICE, clock.now() - timedelta(days=9))
    await catalogue(database, dearer(5), clock.now() - timedelta(hours=60))
    found = await shown(settings, database, clock)
    assert found["estimate"]["cost_ratio_ppm"] == pytest.approx(1_050_000, abs=20)
    assert found["proposed"]["buffer_bp"] == pytest.approx(500 + 346, abs=2)


async def test_a_rise_known_in_time_needs_no_buffer(settings: Settings, database: Database, clock: ManualClock) -> None:
    """Calls since the rise were priced with it, earlier ones without: both rightly."""
    traffic, now = Traffic(clock.now() - JUST_NOW), clock.now()
    for number in range(20):
        for call in range(60):
            ago = (call + 0.5) * 48 / 60
            after = ago < 24
            traffic.call(f"w-{number:03}", ago, price=dearer(30) if after else PRICE, model=MODEL)
            traffic.rows[-1]["stamp"] = "new" if after else "old"
    traffic.stamps = {"old": PRICE, "new": dearer(30)}
    await traffic.write(database)
    await catalogue(database, PRICE, now - timedelta(days=9))
    await catalogue(database, dearer(30), now - JUST_NOW - timedelta(hours=24))
    found = await shown(settings, database, clock)
    assert found["estimate"]["cost_ratio_ppm"] == 1_000_000 and found["applicable"]


async def test_a_weaker_euro_raises_the_cost_of_calls_that_are_not_paid_yet(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    await steady(clock.now() - JUST_NOW).write(database)
    await catalogue(database, PRICE, clock.now() - timedelta(days=9))
    async with database.write() as session:
        session.add(
            CtRate(
                id=new_id(),
                scope="default",
                ct_value_micro_eur=1_000,
                buffer_bp=1_000,
                margin_bp=4_000,
                eur_per_usd_ppm=938_400,
                valid_from=clock.now() - timedelta(hours=1),
            )
        )
    found = await shown(settings, database, clock)
    assert found["estimate"]["cost_ratio_ppm"] == pytest.approx(1_020_000, abs=20)


async def test_attempts_that_were_lost_count_at_their_models_mean(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    traffic = steady(clock.now() - JUST_NOW)
    answered = {"model": MODEL, "outcome": "answered"}
    for row in traffic.rows[::10]:
        row["attempts"] = [{"model": MODEL, "outcome": "Timeout"}, answered]
    for row in traffic.rows[5::10]:
        row["attempts"] = [{"model": MODEL, "outcome": "RateLimitError"}, answered]  # which nobody bills
    broken = traffic.rows[7]
    broken |= {"status": "failed", "attempts": [{"model": MODEL, "outcome": "Timeout"}]}  # its row has what it used
    await traffic.write(database)
    found = await shown(settings, database, clock)
    assert found["evidence"]["lost_attempts"] == 120
    assert found["estimate"]["cost_ratio_ppm"] == pytest.approx(1_100_000, abs=100)


async def test_an_invoice_has_the_last_word(settings: Settings, database: Database, clock: ManualClock) -> None:
    traffic = steady(clock.now() - JUST_NOW)
    await traffic.write(database)
    recorded = sum(row["cost_micro_eur"] for row in traffic.rows)
    found = await shown(settings, database, clock, invoiced=recorded * 108 // 100)
    assert found["estimate"]["cost_ratio_ppm"] == pytest.approx(1_080_000, abs=200)
    wrong = await shown(settings, database, clock, invoiced=recorded * 3)
    assert not wrong["applicable"] and "invoice_ppm" in failed(wrong)


async def test_the_same_rows_give_the_same_bytes_in_any_order_and_later(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    traffic = steady(clock.now() - JUST_NOW)
    traffic.rows.reverse()
    await traffic.write(database)
    first = await shown(settings, database, clock)
    until = clock.now() - JUST_NOW
    clock.advance(timedelta(hours=5))
    assert await shown(settings, database, clock, until=until) == first
    assert (await shown(settings, database, clock))["id"] != first["id"]


@pytest.mark.parametrize(
    ("given", "guard"),
    [
        ({"workspaces": 20, "calls": 24}, "rows"),
        ({"workspaces": 9}, "workspaces"),
        ({"hours": 20}, "days"),
        ({"tokens_out": 0, "price": Price(20_000, 20_000, 20_000, "test")}, "cost_micro_eur"),
        ({"estimated": True}, "estimated_bp"),
        ({"stamp": None}, "stamped_bp"),
    ],
)
async def test_thin_evidence_is_refused_by_the_guard_that_names_it(
    settings: Settings, sqlite_database: Database, clock: ManualClock, given: dict[str, Any], guard: str
) -> None:
    await steady(clock.now() - JUST_NOW, **given).write(sqlite_database)
    found = await shown(settings, sqlite_database, clock)
    assert not found["applicable"] and failed(found) == {guard}
    assert len(found["reasons"]) == 1 and guard in found["reasons"][0]
    with pytest.raises(Conflict) as refused:
        await apply(settings, sqlite_database, clock, found["id"])
    assert refused.value.code == "calibration_thin" and guard in refused.value.message


async def test_calls_without_a_price_are_refused(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    traffic = steady(clock.now() - JUST_NOW)
    for number in range(60):
        traffic.call(f"w-{number % 20:03}", 3, price=None, model="nobody/knows")
    await traffic.write(sqlite_database)
    assert failed(await shown(settings, sqlite_database, clock)) == {"priced_bp"}


async def test_calls_at_a_price_of_nothing_are_priced(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    """Half of the calls went to a model that is free: there is nothing to price, and nothing that is not known."""
    traffic = steady(clock.now() - JUST_NOW)
    for number in range(1_200):
        traffic.call(f"w-{number % 20:03}", 1 + number % 46, price=FREE, model="test/free")
    await traffic.write(sqlite_database)
    found = await shown(settings, sqlite_database, clock)
    assert found["applicable"] and found["reasons"] == []
    assert found["estimate"]["cost_ratio_ppm"] == 1_000_000
    assert found["evidence"]["rows_with_cost"] == 1_200


async def test_calls_that_turn_out_not_to_have_been_free_are_counted(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    traffic = steady(clock.now() - JUST_NOW, price=FREE, model="test/free")
    traffic.call("w-000", 3)
    await traffic.write(sqlite_database)
    await catalogue(sqlite_database, PRICE, clock.now() - timedelta(days=9), "test/free")
    found = await shown(settings, sqlite_database, clock)
    assert not found["applicable"]
    recorded, actual = (found["evidence"][f"{name}_cost_eur_micro"] for name in ("recorded", "actual"))
    assert recorded == traffic.rows[-1]["cost_micro_eur"] and actual > 1_000 * recorded


async def test_a_workspace_that_outweighs_the_others_is_refused(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    traffic = steady(clock.now() - JUST_NOW)
    for number in range(900):
        traffic.call("w-000", 1 + number % 46, tokens_in=2_500, tokens_out=400)
    await traffic.write(sqlite_database)
    assert failed(await shown(settings, sqlite_database, clock)) == {"largest_workspace_bp"}


async def test_a_few_calls_that_outweigh_all_others_are_refused(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    traffic = steady(clock.now() - JUST_NOW)
    for row in traffic.rows[::110]:
        row["cost_micro_eur"] *= 150
    await traffic.write(sqlite_database)
    assert failed(await shown(settings, sqlite_database, clock)) == {"top_calls_bp"}


async def test_traffic_whose_cost_drifts_between_the_halves_is_refused(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    """Since noon of the first day the price has been 8 % higher, and nobody knew."""
    await steady(clock.now() - JUST_NOW).write(sqlite_database)
    await catalogue(sqlite_database, PRICE, clock.now() - timedelta(days=9))
    await catalogue(sqlite_database, dearer(8), clock.now() - timedelta(hours=24))
    found = await shown(settings, sqlite_database, clock)
    assert failed(found) == {"drift_ppm"}
    assert found["estimate"]["drift_ppm"] == pytest.approx(80_000, abs=100)


async def test_nothing_recorded_is_an_answer_too(settings: Settings, database: Database, clock: ManualClock) -> None:
    found = await shown(settings, database, clock)
    assert not found["applicable"] and found["estimate"] is None and found["proposed"] is None
    assert {"rows", "workspaces", "days", "cost_micro_eur"} <= failed(found)
    advice = await recommend(settings, database, clock, 7)
    assert not advice["reliable"] and {p["advice"] for p in advice["tariffs"]["flat"]} == {"unknown"}


async def test_applying_versions_the_shadow_rate_once_and_touches_no_ledger(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    await steady(clock.now() - JUST_NOW).write(database)
    found = await shown(settings, database, clock)
    clock.advance(timedelta(minutes=3))
    applied = await apply(settings, database, clock, found["id"])
    assert applied["scope"] == "shadow" and applied["version"] == 1
    assert {name: applied[name] for name in found["proposed"]} == found["proposed"]
    clock.advance(timedelta(minutes=3))
    assert await apply(settings, database, clock, found["id"]) == applied
    async with database.read() as session:
        rates = list(await session.scalars(select(CtRate)))
        assert len(rates) == 1 and rates[0].note == found["id"]
        assert list(await session.scalars(select(CtLedgerEntry))) == []


async def test_a_second_calibration_ends_the_first(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    database = sqlite_database
    await steady(clock.now() - JUST_NOW).write(database)
    first = await apply(settings, database, clock, (await shown(settings, database, clock))["id"])
    clock.advance(timedelta(minutes=1))
    again = await shown(settings, database, clock)
    assert again["current"]["scope"] == "shadow" and again["current"]["version"] == 1
    second = await apply(settings, database, clock, again["id"])
    assert second["version"] == 2
    async with database.read() as session:
        rates = {r.version: r for r in await session.scalars(select(CtRate))}
    assert rates[1].valid_to == rates[2].valid_from and rates[2].valid_to is None
    assert first["version"] == 1


async def test_only_what_was_shown_is_applied(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    database = sqlite_database
    await steady(clock.now() - JUST_NOW).write(database)
    await catalogue(database, PRICE, clock.now() - timedelta(days=9))
    found = await shown(settings, database, clock)
    forged = found["id"][:-24] + "0" * 24
    for proposal_id, code in ((forged, "proposal_changed"), (found["id"][:-1] + "!", "bad_proposal")):
        with pytest.raises((Conflict, BadInput)) as refused:
            await apply(settings, database, clock, proposal_id)
        assert refused.value.code == code
    await catalogue(database, dearer(1), clock.now() - timedelta(hours=50))
    with pytest.raises(Conflict) as changed:
        await apply(settings, database, clock, found["id"])
    assert changed.value.code == "proposal_changed"


async def test_a_proposal_is_good_for_a_day(settings: Settings, sqlite_database: Database, clock: ManualClock) -> None:
    await steady(clock.now() - JUST_NOW).write(sqlite_database)
    found = await shown(settings, sqlite_database, clock)
    with pytest.raises(BadInput) as unnamed:
        await apply(settings, sqlite_database, clock, "")
    assert unnamed.value.code == "proposal_required"
    clock.advance(timedelta(hours=24))
    with pytest.raises(Conflict) as stale:
        await apply(settings, sqlite_database, clock, found["id"])
    assert stale.value.code == "proposal_stale"


@pytest.mark.parametrize("hours", [23, 721, 0, -48])
async def test_a_window_out_of_bounds_is_refused(
    settings: Settings, sqlite_database: Database, clock: ManualClock, hours: int
) -> None:
    with pytest.raises(BadInput):
        await shown(settings, sqlite_database, clock, window_hours=hours)


async def in_shadow(settings: Settings, database: Database, clock: ManualClock) -> str:
    """A rate applied a day ago, with a day's traffic since."""
    await steady(clock.now() - JUST_NOW).write(database)
    await catalogue(database, PRICE, clock.now() - timedelta(days=9))
    found: str = (await shown(settings, database, clock))["id"]
    await apply(settings, database, clock, found)
    return found


async def a_day_later(database: Database, clock: ManualClock) -> None:
    clock.advance(timedelta(hours=24))
    traffic = steady(clock.now(), hours=24)
    for row in traffic.rows:
        row["workspace_id"] = row["workspace_id"].replace("w-", "x-")
        row["request_id"] = f"later-{row['request_id']}"
    traffic.stamps = {}
    await traffic.write(database)


async def test_a_rate_that_held_in_the_shadow_is_promoted_once(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    proposal_id = await in_shadow(settings, database, clock)
    clock.advance(timedelta(hours=23))
    with pytest.raises(Conflict) as early:
        await promote(settings, database, clock, proposal_id)
    assert early.value.code == "too_early"
    clock.advance(-timedelta(hours=23))
    await a_day_later(database, clock)
    checked = await check(settings, database, clock, proposal_id)
    assert checked["ready"] and checked["margin_bp"] >= checked["target_margin_bp"]
    promoted = await promote(settings, database, clock, proposal_id)
    assert promoted["scope"] == "debit" and promoted["version"] == 1
    assert await promote(settings, database, clock, proposal_id) == promoted
    async with database.read() as session:
        assert sorted(r.scope for r in await session.scalars(select(CtRate))) == ["debit", "shadow"]


async def test_a_rate_that_missed_its_margin_or_saw_too_little_stays_in_the_shadow(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    database = sqlite_database
    proposal_id = await in_shadow(settings, database, clock)
    clock.advance(timedelta(hours=24))
    with pytest.raises(Conflict) as thin:
        await promote(settings, database, clock, proposal_id)
    assert thin.value.code == "shadow_thin"
    clock.advance(-timedelta(hours=24))
    await a_day_later(database, clock)
    await catalogue(database, dearer(5), clock.now() - timedelta(hours=24))
    with pytest.raises(Conflict) as missed:
        await promote(settings, database, clock, proposal_id)
    assert missed.value.code == "margin_missed"


async def test_only_the_shadow_rate_in_force_is_promoted(
    settings: Settings, sqlite_database: Database, clock: ManualClock
) -> None:
    database = sqlite_database
    first = await in_shadow(settings, database, clock)
    clock.advance(timedelta(minutes=1))
    await apply(settings, database, clock, (await shown(settings, database, clock))["id"])
    await a_day_later(database, clock)
    with pytest.raises(Conflict) as superseded:
        await promote(settings, database, clock, first)
    assert superseded.value.code == "superseded"
    with pytest.raises(Conflict) as unknown:
        await promote(settings, database, clock, first[:-24] + "0" * 24)
    assert unknown.value.code == "not_in_shadow"


async def test_a_month_of_traffic_says_what_each_plan_earns(
    settings: Settings, database: Database, clock: ManualClock
) -> None:
    await steady(clock.now() - JUST_NOW, hours=160, calls=120).write(database)
    found = await recommend(settings, database, clock, 7)
    assert found["reliable"] and found["debit_rate"]["scope"] == "built-in"
    plans = {plan["plan"]: plan for plan in found["tariffs"]["cost_based"]}
    assert plans["starter"]["full_use_profit_eur_micro"] < plans["starter"]["net_eur_micro"]
    assert plans["free"]["advice"] == "given_away" and plans["free"]["full_use_margin_bp"] is None
    for plan in found["tariffs"]["flat"]:
        if plan["plan"] != "free":
            assert plan["advice"] in {"keep", "raise_price_or_include_fewer_ct"}
            assert plan["ct_included_at_target"] > 0 and plan["price_eur_cents_at_target"] > 0
    assert DEFAULT_RATE.ct_value_micro_eur == found["debit_rate"]["ct_value_micro_eur"]
    with pytest.raises(BadInput):
        await recommend(settings, database, clock, 31)
