"""The rate that is in force for a scope, with its version, and how a new version takes its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.catalog import valid_at
from billing.rates import DEFAULT_RATE, Rate
from camarad.ids import new_id
from camarad.models import CtRate

Scope = Literal["shadow", "debit"]
SOURCE: Final = "calibration"
RATES_LOCK: Final = 7_301_220_431


@dataclass(frozen=True, slots=True)
class Standing:
    """`scope` is where the rate was found: that of the question, `default`, or `built-in` where no row is valid."""

    rate: Rate
    scope: str
    version: int
    note: str = ""
    since: datetime | None = None

    def view(self) -> dict[str, Any]:
        return {"scope": self.scope, "version": self.version, **numbers(self.rate)}


def numbers(rate: Rate) -> dict[str, int]:
    return {
        "ct_value_micro_eur": rate.ct_value_micro_eur,
        "buffer_bp": rate.buffer_bp,
        "margin_bp": rate.margin_bp,
        "eur_per_usd_ppm": rate.eur_per_usd_ppm,
    }


async def standing(session: AsyncSession, scope: Scope, now: datetime) -> Standing:
    for name in (scope, "default"):
        row = await session.scalar(
            select(CtRate)
            .where(CtRate.scope == name, *valid_at(CtRate, now))
            .order_by(CtRate.valid_from.desc())
            .limit(1)
        )
        if row is not None:
            rate = Rate(row.ct_value_micro_eur, row.buffer_bp, row.margin_bp, row.eur_per_usd_ppm)
            return Standing(rate, row.scope, row.version, row.note, row.valid_from)
    return Standing(DEFAULT_RATE, "built-in", 0)


async def by_note(session: AsyncSession, scope: Scope, note: str) -> CtRate | None:
    """The version that came from a proposal."""
    found = select(CtRate).where(CtRate.scope == scope, CtRate.source == SOURCE, CtRate.note == note)
    return (await session.scalars(found.limit(1))).first()


async def one_at_a_time(session: AsyncSession) -> None:
    """Let no other process change rates until this transaction ends; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(RATES_LOCK)))


async def put(session: AsyncSession, scope: Scope, rate: Rate, note: str, now: datetime) -> CtRate:
    """The next version of a scope, valid from now on; the version before ends here."""
    version = int(await session.scalar(select(func.max(CtRate.version)).where(CtRate.scope == scope)) or 0) + 1
    await _end_earlier(session, scope, now)
    row = CtRate(id=new_id(), scope=scope, version=version, source=SOURCE, note=note, valid_from=now, **numbers(rate))
    session.add(row)
    await session.flush()
    return row


async def _end_earlier(session: AsyncSession, scope: Scope, now: datetime) -> None:
    open_rows = select(CtRate).where(
        CtRate.scope == scope, CtRate.valid_from < now, or_(CtRate.valid_to.is_(None), CtRate.valid_to > now)
    )
    for row in await session.scalars(open_rows):
        row.valid_to = now
