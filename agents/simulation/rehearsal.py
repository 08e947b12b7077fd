"""The whole procedure on simulated traffic: telemetry, proposal, shadow, more traffic, check, promotion."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from agents.llm import engine
from agents.simulation import provider
from agents.simulation.drive import drive
from agents.simulation.schedule import Tenant, events, tenants
from agents.simulation.world import World, build, enter_price, priced
from billing.audit import audit
from billing.calibration import Ask, apply, check, promote, propose
from billing.price import Price
from billing.telemetry import telemetry
from camarad.errors import BadInput

START = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)  # a Monday; a fixed one, so that a seed says everything
YEARS = range(2000, 2100)
SHADOW_HOURS = 24
LATE_RISE_PERCENT = 4
MOST_WORKSPACES = 2_000
TELEMETRY_WINDOWS = (24, 48, 168)


@dataclass(frozen=True, slots=True)
class Plan:
    hours: int
    workspaces: int
    seed: int
    models: tuple[str, ...]
    start: datetime = START

    def __post_init__(self) -> None:
        if not 24 <= self.hours <= 720:
            raise BadInput("--hours must be between 24 and 720.", code="bad_window")
        if not 1 <= self.workspaces <= MOST_WORKSPACES:
            raise BadInput(f"--workspaces must be between 1 and {MOST_WORKSPACES}.", code="bad_amount")
        if self.start.year not in YEARS:
            raise BadInput(f"--start must be between {YEARS[0]} and {YEARS[-1]}.", code="bad_window")
        priced(self.models)


@dataclass
class Rehearsal:
    """What happened, for the report. What comes after a refusal stays empty."""

    plan: Plan
    tenants: list[Tenant]
    ends: Counter[str] = field(default_factory=Counter)
    telemetry: dict[str, Any] = field(default_factory=dict)
    correction: str = ""
    proposal: dict[str, Any] = field(default_factory=dict)
    applied: dict[str, Any] | None = None
    shadow_ends: Counter[str] = field(default_factory=Counter)
    checked: dict[str, Any] | None = None
    promoted: dict[str, Any] | None = None
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0


async def rehearse(plan: Plan, folder: Path, say: Callable[[str], None]) -> Rehearsal:
    """Raises BadInput for a folder in use."""
    random = Random(plan.seed)  # noqa: S311 - traffic, not secrets
    engine.load()
    with provider.installed():
        who = tenants(plan.workspaces, random)
        world = await build(folder, plan.models, who, plan.start)
        found, began = Rehearsal(plan, who), time.monotonic()
        try:
            await _procedure(world, found, random, say)
            found.findings = [str(finding) for finding in await audit(world.database)]
        finally:
            await world.database.close()
        found.seconds = time.monotonic() - began
    return found


async def _procedure(world: World, found: Rehearsal, random: Random, say: Callable[[str], None]) -> None:
    plan, where = found.plan, (world.settings, world.database, world.clock)
    say(f"{plan.hours} hours of {plan.workspaces} workspaces")
    found.ends = await _traffic(world, found.tenants, plan.hours, plan.start, random, "past")
    say("a late correction of a price, telemetry, proposal")
    found.correction = await _correct(world, plan)
    window = next((w for w in TELEMETRY_WINDOWS if w >= plan.hours), TELEMETRY_WINDOWS[-1])
    found.telemetry = await telemetry(world.database, world.clock, window)
    found.proposal = await propose(*where, Ask(plan.hours))
    if not found.proposal["applicable"]:
        return
    found.applied = await apply(*where, found.proposal["id"])
    say(f"{SHADOW_HOURS} hours in the shadow")
    later = world.clock.now()
    found.shadow_ends = await _traffic(world, found.tenants, SHADOW_HOURS, later, random, "shadow")
    found.checked = await check(*where, found.proposal["id"])
    if found.checked["ready"]:
        found.promoted = await promote(*where, found.proposal["id"])


async def _traffic(
    world: World, who: Sequence[Tenant], hours: int, start: datetime, random: Random, label: str
) -> Counter[str]:
    door = await world.door()
    try:
        return await drive(world, door, events(list(who), hours, start.hour, random), start, label)
    finally:
        await door.close()
        world.clock.instant = start + timedelta(hours=hours, seconds=10)


async def _correct(world: World, plan: Plan) -> str:
    """The provider of the dearest model raised its price just before, and its letter comes now."""
    name, model = next(
        (n, m) for n, m in world.models.items() if m == max(plan.models, key=lambda m: priced([m])[m].output)
    )
    old = priced([model])[model]
    grown = [each * (100 + LATE_RISE_PERCENT) // 100 for each in (old.input, old.cached_input, old.output)]
    new = Price(grown[0], grown[1], grown[2], "catalog")
    await enter_price(world, name, new, plan.start - timedelta(hours=1), f"{model}, corrected")
    return f"{model} turned out to cost {LATE_RISE_PERCENT} % more since before the window began"
