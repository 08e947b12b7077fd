"""A proposal: what a CT should be worth, the buffer and the margin, from one window's evidence, with every reason."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.calibration.effect import Tariff, monthly, plan_effects
from billing.calibration.estimate import Estimate, estimate
from billing.calibration.evidence import Evidence, collect
from billing.calibration.guards import guards
from billing.calibration.standing import Standing, numbers, standing
from billing.calibration.tariffs import cost_of_ct, dearest_ct, debits, lowest_ct_value
from billing.calibration.views import estimate_view, evidence_view, window_view
from billing.calibration.window import Window
from billing.rates import Rate
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput
from camarad.models import Workspace
from camarad.settings import Settings

STAMP = "%Y%m%dT%H%M%S.%fZ"
ID = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)-(\d{1,4})-(\d{1,16})-[0-9a-f]{24}")
MOST_INVOICED = 10**15
IN_FLIGHT = timedelta(seconds=10)  # calls that ended less than this ago may not be written yet, and would change it


@dataclass(frozen=True, slots=True)
class Ask:
    """`until` is just now unless an earlier window is asked for again; `invoiced` is the providers' bill for the
    window in micro-EUR, where it is known."""

    window_hours: int = 48
    until: datetime | None = None
    invoiced: int | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until.tzinfo is None:
            raise BadInput("until needs a time zone, e.g. 2026-11-23T06:00:00Z.", code="bad_window")
        if self.invoiced is not None and not 1 <= self.invoiced <= MOST_INVOICED:
            raise BadInput(f"invoiced_eur_micro must be between 1 and {MOST_INVOICED}.", code="bad_amount")

    def window(self, now: datetime) -> Window:
        if self.until is not None and self.until > now:
            raise BadInput("until lies in the future.", code="bad_window")
        checked = Window(self.window_hours, self.until or now - IN_FLIGHT)
        return Window(checked.hours, checked.until.astimezone(UTC))


def read_id(proposal_id: str) -> Ask:
    """What a proposal was asked for; its id says it. Raises BadInput for what is no id of a proposal."""
    found = ID.fullmatch(proposal_id)
    try:
        if found is None:
            raise ValueError
        until = datetime.strptime(found[1], STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise BadInput(
            "This is not the id of a proposal.",
            code="bad_proposal",
            hint="Ask GET /api/billing/calibration-proposal and send the id of its answer.",
        ) from None
    return Ask(int(found[2]), until, int(found[3]) or None)


async def propose(settings: Settings, database: Database, clock: Clock, ask: Ask) -> dict[str, Any]:
    """The proposal of a window. It writes nothing, and the same rows, prices and rates give the same answer.

    Raises BadInput for a window that is too short, too long or not over yet.
    """
    now = clock.now()
    window = ask.window(now)
    async with database.snapshot() as session:
        body = await _body(settings, session, window, ask, now)
    return {"id": _id(window, ask, body), **body}


async def _body(settings: Settings, session: AsyncSession, window: Window, ask: Ask, now: datetime) -> dict[str, Any]:
    current = await standing(session, "shadow", now)
    evidence = await collect(settings, session, window, current.rate.eur_per_usd_ppm, ask.invoiced)
    found = estimate(evidence.parts())
    checked = guards(evidence, found)
    proposed = _proposed(current, found, settings) if found else None
    held = await workspaces(session)
    ct = await debits(session, window, proposed) if proposed else {}
    return {
        "window": window_view(window),
        "applicable": proposed is not None and all(guard.ok for guard in checked),
        "reasons": [guard.sentence() for guard in checked if not guard.ok],
        "current": current.view(),
        "proposed": numbers(proposed) if proposed else None,
        "estimate": estimate_view(found),
        "evidence": evidence_view(evidence, current.rate, ct),
        "guards": [guard.view() for guard in checked],
        "effect": _effects(evidence, proposed, found, ct, held, settings),
    }


def _proposed(current: Standing, found: Estimate, settings: Settings) -> Rate:
    """The buffer covers what the estimate bounds; a CT is worth what it brings in at the least; the margin wanted is
    the operator's and stays."""
    return replace(current.rate, ct_value_micro_eur=lowest_ct_value(settings), buffer_bp=found.buffer_bp)


def _id(window: Window, ask: Ask, body: Mapping[str, Any]) -> str:
    """The effect is left out: it follows from who is on which plan, and that is not what is applied."""
    said = {name: part for name, part in body.items() if name != "effect"}
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(canonical).hexdigest()[:24]
    return f"{window.until.strftime(STAMP)}-{window.hours}-{ask.invoiced or 0}-{digest}"


def _effects(
    evidence: Evidence,
    proposed: Rate | None,
    found: Estimate | None,
    ct: Mapping[str, int],
    held: Mapping[str, str],
    settings: Settings,
) -> dict[str, Any]:
    """Each plan under the debits of the window as they were, and under the proposed rate."""
    by_workspace = evidence.by("workspace")
    cost = {name: actual for name, (_, actual, _) in by_workspace.items()}
    debited = {name: amount for name, (_, _, amount) in by_workspace.items()}
    hours = evidence.window.hours
    as_it_was = Tariff(monthly(debited, cost, held, hours), dearest_ct(evidence))
    effects = {"as_debited": plan_effects(as_it_was, settings), "as_proposed": None}
    if proposed and found:
        tariff = Tariff(monthly(ct, cost, held, hours), cost_of_ct(proposed, found.upper))
        effects["as_proposed"] = plan_effects(tariff, settings)
    return effects


async def workspaces(session: AsyncSession) -> dict[str, str]:
    found = await session.execute(select(Workspace.id, Workspace.plan_code).where(Workspace.deleted_at.is_(None)))
    return {row.id: row.plan_code for row in found}
