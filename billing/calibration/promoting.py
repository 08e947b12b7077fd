"""The second step: a rate that has priced traffic in the shadow, and held, becomes what Phase 3 debits."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.calibration.applying import view
from billing.calibration.evidence import Evidence, collect
from billing.calibration.guards import LEAST_ROWS, LEAST_WORKSPACES
from billing.calibration.proposal import read_id
from billing.calibration.standing import by_note, one_at_a_time, put, standing
from billing.calibration.tariffs import debits
from billing.calibration.window import LONGEST, SHORTEST, Window
from billing.rates import WHOLE_BP, Rate
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import Conflict
from camarad.models import CtRate
from camarad.settings import Settings

SHADOW_HOURS = 24
HOUR = timedelta(hours=1)


async def check(settings: Settings, database: Database, clock: Clock, proposal_id: str) -> dict[str, Any]:
    """How the rate of a proposal has done in the shadow since it was applied; `ready` says whether it may be promoted.

    `code` names what stands against it. Raises Conflict when the proposal was never applied.
    """
    read_id(proposal_id)
    async with database.snapshot() as session:
        return await _check(settings, session, clock, await _shadow(session, proposal_id))


async def promote(settings: Settings, database: Database, clock: Clock, proposal_id: str) -> dict[str, Any]:
    """Make the proposal's shadow rate the next version of the debit rate. Doing it again changes nothing.

    Raises Conflict with the check's code when the rate is not ready.
    """
    read_id(proposal_id)
    async with database.write() as session:
        await one_at_a_time(session)
        row = await _shadow(session, proposal_id)
        before = await by_note(session, "debit", proposal_id)
        if before is not None:
            return view(before)
        found = await _check(settings, session, clock, row)
        if not found["ready"]:
            raise Conflict(found["reason"], code=found["code"], hint="Keep it in the shadow, or calibrate again.")
        return view(await put(session, "debit", _rate(row), proposal_id, clock.now()))


async def _shadow(session: AsyncSession, proposal_id: str) -> CtRate:
    row = await by_note(session, "shadow", proposal_id)
    if row is None:
        raise Conflict(
            "This proposal was not applied.", code="not_in_shadow", hint="Apply it first; it prices in the shadow then."
        )
    return row


async def _check(settings: Settings, session: AsyncSession, clock: Clock, row: CtRate) -> dict[str, Any]:
    now = clock.now()
    hours = int((now - row.valid_from) / HOUR)
    if hours < SHADOW_HOURS:
        return _not_ready("too_early", hours, f"It has been in the shadow for {hours} of {SHADOW_HOURS} hours.")
    if (await standing(session, "shadow", now)).note != row.note:
        return _not_ready("superseded", hours, "Another shadow rate has taken its place.")
    window = Window(min(max(hours, SHORTEST), LONGEST), now)
    rate = _rate(row)
    evidence = await collect(settings, session, window, rate.eur_per_usd_ppm)
    ct = sum((await debits(session, window, rate)).values())
    return {"hours": hours, **_outcome(evidence, rate, ct)}


def _outcome(evidence: Evidence, rate: Rate, ct: int) -> dict[str, Any]:
    """The cost has to stay within recorded cost and buffer: the margin without what rounding adds."""
    recorded, actual = evidence.total("cost"), evidence.cost
    rows, workspaces = evidence.total("with_cost"), len({cell.workspace for cell in evidence.cells if cell.cost})
    worth = ct * rate.ct_value_micro_eur
    figures = {
        "rows": rows,
        "workspaces": workspaces,
        "recorded_cost_eur_micro": recorded,
        "actual_cost_eur_micro": actual,
        "ct": ct,
        "margin_bp": (worth - actual) * WHOLE_BP // worth if worth else None,
        "target_margin_bp": rate.margin_bp,
        "buffer_used_bp": _used(recorded, actual),
        "buffer_bp": rate.buffer_bp,
    }
    if rows < LEAST_ROWS or workspaces < LEAST_WORKSPACES:
        reason = f"Only {rows} calls of {workspaces} workspaces were priced since."
        return {**figures, "ready": False, "code": "shadow_thin", "reason": reason}
    if actual * WHOLE_BP > recorded * (WHOLE_BP + rate.buffer_bp):
        over = f"{figures['buffer_used_bp']} basis points"
        reason = f"Calls cost {over} more than recorded; the buffer is {rate.buffer_bp}."
        return {**figures, "ready": False, "code": "margin_missed", "reason": reason}
    return {**figures, "ready": True, "code": None, "reason": "The cost stayed within the buffer."}


def _used(recorded: int, actual: int) -> int | None:
    """By how much the cost went over what was recorded, rounded up; below 0 where it stayed under."""
    return None if not recorded else -(-(Fraction(actual, recorded) - 1) * WHOLE_BP // 1)


def _not_ready(code: str, hours: int, reason: str) -> dict[str, Any]:
    return {"hours": hours, "ready": False, "code": code, "reason": reason}


def _rate(row: CtRate) -> Rate:
    return Rate(row.ct_value_micro_eur, row.buffer_bp, row.margin_bp, row.eur_per_usd_ppm)
