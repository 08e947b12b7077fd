"""How much more calls cost than they were priced at, and how sure that is, in exact integers and fractions.

R = sum of actual cost / sum of recorded cost. The bound on a future stretch as long as this one is

    R + t · sqrt(2 · SE²(workspaces) + 2 · SE²(days)) + trend

Calls of one workspace resemble each other, so the first error is that of sums by workspace; a day has troubles of its
own, so the second is that of day blocks. Few blocks say little about it, hence a floor. Twice, since the future errs as
well as the past. A ratio that rose from the first half of the window to the second is taken to go on rising.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

PPM = 1_000_000
DAY_FLOOR_PPM = 20_000  # the least standard deviation between days that is believed: 2 %
MOST_DAYS = 3
CONFIDENCE_BP = 9_500
# 95 % quantiles of Student's t, one-sided, in thousandths, for 1, 2, … 30 degrees of freedom; then the normal one.
T_95 = (
    6314, 2920, 2353, 2132, 2015, 1943, 1895, 1860, 1833, 1812, 1796, 1782, 1771, 1761, 1753,
    1746, 1740, 1734, 1729, 1725, 1721, 1717, 1714, 1711, 1708, 1706, 1703, 1701, 1699, 1697,
)  # fmt: skip
NORMAL_95, NORMAL_975 = 1645, 1960


@dataclass(frozen=True, slots=True)
class Part:
    """What the calls of one workspace in one slot were priced at and cost, in micro-EUR."""

    workspace: str
    block: int
    late: bool
    recorded: int
    actual: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """In millionths of the recorded cost. `upper` is the bound that a buffer has to cover; `drift` is the later half's
    ratio less the earlier half's, `trend` what such a rise adds until the middle of the next window."""

    ratio: int
    interval: tuple[int, int]
    upper: int
    workspace_error: int
    day_error: int
    drift: int
    trend: int

    @property
    def buffer_bp(self) -> int:
        return max(0, -(-(self.upper - PPM) // 100))


def estimate(parts: Iterable[Part]) -> Estimate | None:
    """None when nothing was recorded."""
    known = list(parts)
    recorded, actual = sum(p.recorded for p in known), sum(p.actual for p in known)
    if recorded <= 0:
        return None
    ratio = Fraction(actual, recorded)
    workspaces, days, drift = _workspace_variance(known), _day_variance(known), _drift(known)
    rise = max(Fraction(0), 2 * drift)
    future = 2 * (workspaces + days) + (4 * _drift_variance(known) if rise else 0)
    quantile = _quantile(len({p.workspace for p in known}) - 1)
    reach = _up(Fraction(quantile * _root(future), 1000 * PPM))
    half = _up(Fraction(NORMAL_975 * _root(workspaces), 1000 * PPM))
    return Estimate(
        ratio=_down(ratio),
        interval=(max(0, _down(ratio) - half), _up(ratio) + half),
        upper=_up(ratio) + reach + _up(rise),
        workspace_error=_root(workspaces),
        day_error=_root(days),
        drift=_down(drift),
        trend=_up(rise),
    )


def _workspace_variance(parts: list[Part]) -> Fraction:
    """Of the ratio, linearised, by sums of whole workspaces, with the correction for few of them."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for p in parts:
        sums[p.workspace][0] += p.actual
        sums[p.workspace][1] += p.recorded
    actual, recorded = (sum(pair[n] for pair in sums.values()) for n in (0, 1))
    if len(sums) < 2:
        return Fraction(0)
    squares = sum((a * recorded - actual * r) ** 2 for a, r in sums.values())
    return Fraction(squares * len(sums), recorded**4 * (len(sums) - 1))


def _day_variance(parts: list[Part]) -> Fraction:
    """Of the mean of the days: the variance of their ratios, at least the floor, over their number; over no more than
    three, since days are like their neighbours and many of them are not many independent ones."""
    days = [Fraction(a, r) for a, r in _by_block(parts) if r]
    floor = Fraction(DAY_FLOOR_PPM, PPM) ** 2
    if len(days) < 2:
        return floor
    mean = sum(days, Fraction(0)) / len(days)
    spread = sum(((day - mean) ** 2 for day in days), Fraction(0)) / (len(days) - 1)
    return max(spread, floor) / min(len(days), MOST_DAYS)


def _by_block(parts: list[Part]) -> list[tuple[int, int]]:
    blocks = sorted({p.block for p in parts})
    return [_total(p for p in parts if p.block == block) for block in blocks]


def _drift(parts: list[Part]) -> Fraction:
    """0 when one of the halves is empty."""
    (before, base), (after, later_base) = (_total(p for p in parts if p.late is late) for late in (False, True))
    return Fraction(after, later_base) - Fraction(before, base) if base and later_base else Fraction(0)


def _drift_variance(parts: list[Part]) -> Fraction:
    """Of the drift, by workspaces: what a workspace is always like cancels out between the halves."""
    names = sorted({p.workspace for p in parts})
    halves = [{name: [0, 0] for name in names} for _ in (False, True)]
    for p in parts:
        halves[p.late][p.workspace][0] += p.actual
        halves[p.late][p.workspace][1] += p.recorded
    totals = [(sum(a for a, _ in half.values()), sum(r for _, r in half.values())) for half in halves]
    if len(names) < 2 or not all(recorded for _, recorded in totals):
        return Fraction(0)
    (before, base), (after, later_base) = totals
    first, last = halves
    squares = Fraction(0)
    for name in names:
        early = (first[name][0] * base - before * first[name][1]) * later_base**2
        late = (last[name][0] * later_base - after * last[name][1]) * base**2
        squares += (late - early) ** 2
    return squares / (base * later_base) ** 4 * Fraction(len(names), len(names) - 1)


def _total(parts: Iterable[Part]) -> tuple[int, int]:
    chosen = list(parts)
    return sum(p.actual for p in chosen), sum(p.recorded for p in chosen)


def _quantile(freedom: int) -> int:
    return T_95[max(freedom, 1) - 1] if freedom <= len(T_95) else NORMAL_95


def _root(variance: Fraction) -> int:
    """The square root in millionths, rounded up."""
    scaled = -(-variance.numerator * PPM * PPM // variance.denominator)
    root = isqrt(scaled)
    return root + (root * root < scaled)


def _down(value: Fraction) -> int:
    return value.numerator * PPM // value.denominator


def _up(value: Fraction) -> int:
    return -(-value.numerator * PPM // value.denominator)
