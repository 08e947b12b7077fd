"""Applying exactly the proposal that was shown: its id names the window, and a digest of everything it said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from billing.calibration.proposal import Ask, propose, read_id
from billing.calibration.standing import by_note, numbers, one_at_a_time, put, standing
from billing.rates import Rate
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput, Conflict
from camarad.models import CtRate
from camarad.settings import Settings

GOOD_FOR = timedelta(hours=24)
ASK_AGAIN = "Ask for a new proposal and apply that one."


async def apply(settings: Settings, database: Database, clock: Clock, proposal_id: str | None) -> dict[str, Any]:
    """Make a proposal the next version of the shadow rate. Applying it again changes nothing and answers the same.

    The proposal is made again from the rows first. Raises Conflict when it is not applicable, when anything in it came
    out differently, or when it is more than a day old; BadInput for an id that is none.
    """
    ask = read_id(proposal_id) if proposal_id else Ask()
    if proposal_id and (before := await _applied(database, proposal_id)) is not None:
        return before
    found = await propose(settings, database, clock, ask)
    if not found["applicable"]:
        raise Conflict(
            "The evidence is too thin or too uneven to set a price by. " + " ".join(found["reasons"]),
            code="calibration_thin",
            hint="Let more traffic come in, or ask for a longer window.",
        )
    if not proposal_id:
        raise BadInput("Name the proposal to apply by its id.", code="proposal_required", hint=ASK_AGAIN)
    if clock.now() - ask.window(clock.now()).until > GOOD_FOR:
        raise Conflict("This proposal is more than a day old.", code="proposal_stale", hint=ASK_AGAIN)
    if found["id"] != proposal_id:
        raise Conflict(
            "Made again, this proposal comes out differently: calls, prices or rates changed since.",
            code="proposal_changed",
            hint=ASK_AGAIN,
        )
    return await _put(database, clock, proposal_id, found)


async def _applied(database: Database, proposal_id: str) -> dict[str, Any] | None:
    async with database.read() as session:
        row = await by_note(session, "shadow", proposal_id)
    return None if row is None else view(row)


async def _put(database: Database, clock: Clock, proposal_id: str, found: dict[str, Any]) -> dict[str, Any]:
    async with database.write() as session:
        await one_at_a_time(session)
        before = await by_note(session, "shadow", proposal_id)
        if before is not None:  # the same request, twice at once
            return view(before)
        now = clock.now()
        if (await standing(session, "shadow", now)).view() != found["current"]:
            raise Conflict("Another rate was set at this moment.", code="proposal_changed", hint=ASK_AGAIN)
        return view(await put(session, "shadow", Rate(**found["proposed"]), proposal_id, now))


def view(row: CtRate) -> dict[str, Any]:
    return {
        "id": row.note,
        "scope": row.scope,
        "version": row.version,
        "valid_from": row.valid_from.isoformat(),
        **numbers(Rate(row.ct_value_micro_eur, row.buffer_bp, row.margin_bp, row.eur_per_usd_ppm)),
    }
