"""When evidence is too thin, lopsided or restless to set a price by: each guard with its figure and its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from billing.calibration.estimate import PPM, Estimate
from billing.calibration.evidence import Evidence
from billing.rates import WHOLE_BP

LEAST_ROWS = 500
LEAST_WORKSPACES = 10
LEAST_DAYS = 2
LEAST_ROWS_A_DAY = 50
LEAST_COST = 100_000  # micro-EUR
LEAST_COVERAGE = 9_800
MOST_ESTIMATED = 2_000
MOST_OF_ONE_WORKSPACE = 4_000
MOST_OF_TOP_CALLS = 5_000
MOST_DRIFT = 50_000  # ppm
MOST_BUFFER = 5_000
INVOICE_RANGE = (500_000, 2_000_000)  # ppm


@dataclass(frozen=True, slots=True)
class Guard:
    """`value` has to be `at_least` or `at_most` `limit`. The unit is in the name where it is not a count."""

    name: str
    value: int
    rule: Literal["at_least", "at_most"]
    limit: int
    reason: str

    @property
    def ok(self) -> bool:
        return self.value >= self.limit if self.rule == "at_least" else self.value <= self.limit

    def view(self) -> dict[str, int | str | bool]:
        return {
            "name": self.name,
            "value": self.value,
            self.rule: self.limit,
            "ok": self.ok,
            "reason": self.reason,
        }

    def sentence(self) -> str:
        bound = self.rule.replace("_", " ")
        return f"{self.name} is {self.value:,}, and has to be {bound} {self.limit:,}: {self.reason}"


def guards(evidence: Evidence, found: Estimate | None) -> list[Guard]:
    return [*_amounts(evidence), *_quality(evidence), *_shape(evidence), *_steadiness(evidence, found)]


def _amounts(e: Evidence) -> Iterator[Guard]:
    days = _rows_by_day(e)
    busy = sum(rows >= LEAST_ROWS_A_DAY for rows in days.values())
    workspaces = len({cell.workspace for cell in e.cells if cell.cost})
    yield Guard(
        "rows",
        e.total("with_cost"),
        "at_least",
        LEAST_ROWS,
        "fewer priced calls leave the error of the ratio itself unknown.",
    )
    yield Guard(
        "workspaces",
        workspaces,
        "at_least",
        LEAST_WORKSPACES,
        "the error is measured between workspaces, and needs enough of them.",
    )
    yield Guard(
        "days",
        busy,
        "at_least",
        LEAST_DAYS,
        f"a day counts from {LEAST_ROWS_A_DAY} calls on, and one day says nothing of the next.",
    )
    yield Guard(
        "cost_micro_eur",
        e.total("cost"),
        "at_least",
        LEAST_COST,
        "below 0.10 EUR the rounding of each call up to a micro-EUR weighs in.",
    )


def _quality(e: Evidence) -> Iterator[Guard]:
    with_tokens = e.total("with_tokens")
    stamped = sum(cell.with_cost for cell in e.cells if cell.stamp)
    yield Guard(
        "priced_bp",
        _share(e.total("priced"), with_tokens),
        "at_least",
        LEAST_COVERAGE,
        "what calls without a price cost is not known; price them with shadow-sync.",
    )
    yield Guard(
        "stamped_bp",
        _share(stamped, e.total("with_cost")),
        "at_least",
        LEAST_COVERAGE,
        "a call without a stamp cannot be recounted, so its price would be taken on trust.",
    )
    yield Guard(
        "estimated_bp",
        _share(e.total("estimated"), with_tokens),
        "at_most",
        MOST_ESTIMATED,
        "where the provider named no usage the tokens were counted here, which is no evidence of its bill.",
    )
    if e.invoice_ppm is not None:
        low, high = INVOICE_RANGE
        reason = "an invoice this far from the recount belongs to another time or other calls."
        yield Guard("invoice_ppm", e.invoice_ppm, "at_least", low, reason)
        yield Guard("invoice_ppm", e.invoice_ppm, "at_most", high, reason)


def _shape(e: Evidence) -> Iterator[Guard]:
    recorded = e.total("cost")
    largest = max((cost for cost, _, _ in e.by("workspace").values()), default=0)
    yield Guard(
        "largest_workspace_bp",
        _share(largest, recorded),
        "at_most",
        MOST_OF_ONE_WORKSPACE,
        "one workspace of that weight sets the price for everybody.",
    )
    yield Guard(
        "top_calls_bp",
        _share(e.top_cost, recorded),
        "at_most",
        MOST_OF_TOP_CALLS,
        "the costliest hundredth of the calls outweighs all others, so a few calls decide.",
    )


def _steadiness(e: Evidence, found: Estimate | None) -> Iterator[Guard]:
    if found is None:
        return
    yield Guard(
        "drift_ppm",
        abs(found.drift),
        "at_most",
        MOST_DRIFT,
        "the ratio moved between the halves of the window; find out why before a price is set by it.",
    )
    yield Guard(
        "buffer_bp",
        found.buffer_bp,
        "at_most",
        MOST_BUFFER,
        "a buffer of this size covers up ignorance or a wrong price; correct the catalogue first.",
    )
    yield Guard(
        "ratio_ppm",
        found.ratio,
        "at_least",
        PPM // 2,
        "calls that cost half of what they were priced at point to a wrong price in the catalogue.",
    )


def _rows_by_day(e: Evidence) -> dict[int, int]:
    days: dict[int, int] = {}
    for cell in e.cells:
        block = e.window.block_of(e.window.slot_from(cell.start))
        days[block] = days.get(block, 0) + cell.with_cost
    return days


def _share(part: int, whole: int) -> int:
    """In basis points, rounded down; 0 of nothing."""
    return part * WHOLE_BP // whole if whole else 0
