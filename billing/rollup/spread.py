"""How many calls had which value, kept small, and exact percentiles over many such counts together.

Packed: the values in ascending order, then the number of calls up to and with each of them, as unsigned integers of 4
bytes, or of 8 where one of them needs it; the first byte tells which.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Final

from camarad.money import ceil_div

SMALL: Final = 2**32
PERCENTILES: Final = (50, 90, 99)

Counts = tuple["array[int]", "array[int]"]


def counted(counts: Mapping[int, int]) -> Counts:
    values = sorted(counts)
    upto = list(accumulate(counts[value] for value in values))
    code = "I" if not values or max(values[-1], upto[-1]) < SMALL else "Q"
    return array(code, values), array(code, upto)


def listed(values: list[int | None]) -> Counts:
    """The same of single calls; a value may come more than once. Nothing for a call without one."""
    known = sorted(value for value in values if value is not None)
    code = "I" if not known or max(known[-1], len(known)) < SMALL else "Q"
    return array(code, known), array(code, range(1, len(known) + 1))


def pack(counts: Mapping[int, int]) -> bytes | None:
    """None for no calls at all."""
    if not counts:
        return None
    values, upto = counted(counts)
    return values.typecode.encode() + values.tobytes() + upto.tobytes()


def unpack(packed: bytes) -> Counts:
    code = packed[:1].decode()
    both = array(code)
    both.frombytes(packed[1:])
    half = len(both) >> 1
    return both[:half], both[half:]


def merged(parts: Iterable[Counts]) -> Counter[int]:
    total: Counter[int] = Counter()
    for values, upto in parts:
        before = 0
        for value, reached in zip(values, upto, strict=True):
            total[value] += reached - before
            before = reached
    return total


def percentiles(parts: list[Counts]) -> dict[str, int | None]:
    """The smallest value that so many percent of all calls do not exceed (nearest rank); None without calls."""
    parts = [part for part in parts if part[0]]
    total = sum(upto[-1] for _, upto in parts)
    found: dict[str, int | None] = dict.fromkeys((f"p{percent}" for percent in PERCENTILES), None)
    if parts:
        low, high = min(values[0] for values, _ in parts), max(values[-1] for values, _ in parts)
        for percent in PERCENTILES:
            found[f"p{percent}"] = low = _at_rank(parts, ceil_div(percent * total, 100), low, high)
    return found


def _at_rank(parts: list[Counts], rank: int, low: int, high: int) -> int:
    while low < high:
        middle = (low + high) >> 1
        if _upto(parts, middle) >= rank:
            high = middle
        else:
            low = middle + 1
    return low


def _upto(parts: list[Counts], value: int) -> int:
    """Calls whose value is at most `value`."""
    found = 0
    for values, upto in parts:
        position = bisect_right(values, value)
        if position:
            found += upto[position - 1]
    return found
