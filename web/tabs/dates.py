"""The choice of dates as a form: what is chosen, what was typed, and what is wrong with a range that was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tools.ranges import MAX_SPAN
from tools.result import Period
from web.tabs.address import COMPARISONS, CUSTOM, PRESETS, Address


@dataclass(frozen=True, slots=True)
class DateForm:
    """`chosen` is a preset or `custom`; `start` and `end` are ISO dates, or what was typed when it was refused."""

    chosen: str
    start: str
    end: str
    compare: str
    latest: str
    presets: tuple[str, ...] = PRESETS
    comparisons: tuple[str, ...] = COMPARISONS


def form(address: Address, period: Period | None, today: date) -> DateForm:
    typed = address.typed or _ends(address.range)
    shown = (str(period.start), str(period.end)) if period and address.typed is None else typed
    return DateForm(
        chosen=address.range if address.range in PRESETS else CUSTOM,
        start=shown[0],
        end=shown[1],
        compare=address.compare if address.compare in COMPARISONS else "previous",
        latest=str(today),
    )


def _ends(text: str) -> tuple[str, str]:
    start, _, end = text.partition("..")
    return (start, end) if _day(start) and _day(end) else ("", "")


def both(typed: tuple[str, str]) -> bool:
    """Whether both ends are dates, in whatever order."""
    return all(_day(text) for text in typed)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def wrong(address: Address, today: date) -> str:
    """Why a range was refused, as the end of a key of words (`tabs.bad.<key>`)."""
    if address.compare not in COMPARISONS:
        return "compare"
    start, _, end = address.range.partition("..")
    first, last = _day(start), _day(end or start)
    if first is None or last is None:
        return "missing" if address.typed is not None and not all(address.typed) else "unknown"
    if last < first:
        return "reversed"
    if last > today:
        return "future"
    return "long" if (last - first).days + 1 > MAX_SPAN else "unknown"
