"""Versions of rates and prices: each begins where the one before ends, without overlap or gap.

A version is put in at a moment: the one in force then ends there, and the new one holds until the next one begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing import pricefile
from billing.rates import WHOLE_BP, Rate
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput, Conflict
from camarad.ids import new_id
from camarad.models import CtRate, PricingEntry
from camarad.money import MOST

SCOPES: Final = ("default", "shadow", "debit")
LOCK: Final = 7_301_220_431  # whoever changes rates or prices on PostgreSQL holds it
SLACK: Final = timedelta(seconds=60)  # between the clock that named a moment and ours


async def set_rate(
    database: Database,
    clock: Clock,
    scope: str,
    rate: Rate,
    *,
    valid_from: datetime | None = None,
    source: str = "operator",
    note: str = "",
) -> CtRate:
    """The next version of a scope's rate, from `valid_from` or from now on.

    Raises BadInput for a rate that prices nothing or for a moment in the past, since what was priced then stays as it
    is; Conflict when a version begins at that very moment."""
    check_rate(scope, rate)
    now = clock.now()
    begins = valid_from or now
    if begins < now - SLACK:
        raise BadInput("A rate cannot begin in the past: calls since then were priced by another.", code="rate_in_past")
    async with database.write() as session:
        await one_at_a_time(session)
        versions = (
            await session.scalars(select(CtRate).where(CtRate.scope == scope).order_by(CtRate.valid_from))
        ).all()
        row = CtRate(
            id=new_id(),
            scope=scope,
            version=max((each.version for each in versions), default=0) + 1,
            ct_value_micro_eur=rate.ct_value_micro_eur,
            buffer_bp=rate.buffer_bp,
            margin_bp=rate.margin_bp,
            eur_per_usd_ppm=rate.eur_per_usd_ppm,
            source=source,
            note=note,
            valid_from=begins,
        )
        put_in(versions, row)
        session.add(row)
    return row


def check_rate(scope: str, rate: Rate) -> None:
    if scope not in SCOPES:
        raise BadInput(f"scope is one of {', '.join(SCOPES)}.", code="bad_rate")
    ranges = {
        "ct_value_micro_eur": (1, 10**9),
        "buffer_bp": (0, 10 * WHOLE_BP),
        "margin_bp": (0, WHOLE_BP - 1),
        "eur_per_usd_ppm": (1, 10**8),
    }
    for name, (least, most) in ranges.items():
        value = getattr(rate, name)
        if type(value) is not int or not least <= value <= most:
            raise BadInput(f"{name} is a whole number from {least} to {most}, not {value!r}.", code="bad_rate")


def put_in(versions: Sequence[Any], row: Any) -> None:
    """Fit a new version between those there are, oldest first."""
    for each in versions:
        if each.valid_from == row.valid_from:
            raise Conflict("A version begins at that very moment.", code="version_exists", hint="Choose another one.")
    before = [each for each in versions if each.valid_from < row.valid_from]
    after = [each.valid_from for each in versions if each.valid_from > row.valid_from]
    row.valid_to = min(after, default=None)
    if before and (before[-1].valid_to is None or before[-1].valid_to > row.valid_from):
        before[-1].valid_to = row.valid_from


async def one_at_a_time(session: AsyncSession) -> None:
    """Let no other process change rates or prices until this transaction ends; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(LOCK)))


async def rates(database: Database) -> list[CtRate]:
    """Every version, by scope and time."""
    async with database.read() as session:
        return [*await session.scalars(select(CtRate).order_by(CtRate.scope, CtRate.valid_from))]


async def set_price(database: Database, entry: PricingEntry) -> PricingEntry:
    """Put a version of a price in, also for a time that is past: what was priced then keeps its numbers.

    Raises BadInput for a price below zero, Conflict when a version begins at that very moment."""
    for name in ("input_price", "cached_input_price", "cache_write_price", "output_price", "call_price"):
        value = getattr(entry, name)
        if type(value) is not int or not 0 <= value <= MOST:
            raise BadInput(f"{name} is a whole number of micro-USD from 0 to {MOST}, not {value!r}.", code="bad_price")
    same = (PricingEntry.kind == entry.kind, PricingEntry.model == entry.model)
    async with database.write() as session:
        await one_at_a_time(session)
        versions = (await session.scalars(select(PricingEntry).where(*same).order_by(PricingEntry.valid_from))).all()
        await _no_namesake(session, entry)
        if not entry.provider and entry.kind == "model":  # it goes by `<provider>/<name>` too
            entry.provider = versions[-1].provider if versions else pricefile.listed().get(entry.model, ("",))[0]
        put_in(versions, entry)
        session.add(entry)
    return entry


async def _no_namesake(session: AsyncSession, entry: PricingEntry) -> None:
    """A model, a tool and a connector may share a name, but not the moment a version of it begins."""
    other = (PricingEntry.model == entry.model, PricingEntry.kind != entry.kind)
    kind = await session.scalar(
        select(PricingEntry.kind).where(*other, PricingEntry.valid_from == entry.valid_from).limit(1)
    )
    if kind is not None:
        raise Conflict(
            f"A version of the {kind} of that name begins at that very moment.",
            code="version_exists",
            hint="Choose another one.",
        )
