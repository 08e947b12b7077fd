"""The evidence of a window: what its calls were priced at, what they cost by what is known now, what was debited."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil

from sqlalchemy.ext.asyncio import AsyncSession

from billing.calibration.estimate import Part
from billing.calibration.gather import Cell, Gathered, gather, models
from billing.calibration.recount import Prices, mean_costs, recounted
from billing.calibration.window import Window
from camarad.settings import Settings


@dataclass(frozen=True)
class Evidence:
    """`actual` goes with `cells`: what each of them cost, with its share of the lost calls and of the invoice."""

    window: Window
    cells: tuple[Cell, ...]
    actual: tuple[int, ...]
    lost_calls: int
    top_cost: int
    invoice_ppm: int | None  # an invoice's total as a share of the recount; None without an invoice

    def parts(self) -> list[Part]:
        """One a workspace and slot, in a fixed order."""
        sums: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
        for cell, actual in zip(self.cells, self.actual, strict=True):
            pair = sums[cell.workspace, self.window.slot_from(cell.start)]
            pair[0] += cell.cost
            pair[1] += actual
        block, late = self.window.block_of, self.window.is_late
        return [Part(name, block(slot), late(slot), *pair) for (name, slot), pair in sorted(sums.items())]

    def total(self, name: str) -> int:
        return sum(getattr(cell, name) for cell in self.cells)

    @property
    def cost(self) -> int:
        return sum(self.actual)

    def by(self, name: str) -> dict[str, tuple[int, int, int]]:
        """By model or workspace: recorded cost, actual cost, CT that were debited."""
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for cell, actual in zip(self.cells, self.actual, strict=True):
            for position, value in enumerate((cell.cost, actual, cell.ct_actual)):
                sums[getattr(cell, name)][position] += value
        return {key: (recorded, actual, ct) for key, (recorded, actual, ct) in sorted(sums.items())}


async def collect(
    settings: Settings, session: AsyncSession, window: Window, eur_per_usd_ppm: int, invoiced: int | None = None
) -> Evidence:
    """`invoiced` is what providers really charged for the window, in micro-EUR, where that is known."""
    prices = await Prices.load(settings, session, await models(session, window))
    gathered = await gather(session, window, prices.changes)
    plain = [(cell, recounted(cell, gathered, prices, eur_per_usd_ppm)) for cell in gathered.cells]
    actual = _with_lost(plain, gathered)
    total = sum(actual, Fraction(0))
    factor = Fraction(invoiced) / total if invoiced and total else Fraction(1)
    return Evidence(
        window=window,
        cells=gathered.cells,
        actual=tuple(ceil(amount * factor) for amount in actual),
        lost_calls=len(gathered.lost),
        top_cost=gathered.top_cost,
        invoice_ppm=ceil(factor * 1_000_000) if invoiced else None,
    )


def _with_lost(plain: list[tuple[Cell, int]], gathered: Gathered) -> list[Fraction]:
    """Each cell's cost with that of the attempts lost beside it, each at its model's mean."""
    means = mean_costs(plain)
    extra: dict[tuple[str, datetime], Fraction] = defaultdict(Fraction)
    for lost in gathered.lost:
        extra[lost.workspace, lost.start] += means.get(lost.model, means.get("", Fraction(0)))
    return [amount + extra.pop((cell.workspace, cell.start), Fraction(0)) for cell, amount in plain]
