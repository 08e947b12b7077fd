"""Which days are unusual: a robust z-score of each day against the same weekday of the weeks before.

The score is (value - median) / (1.4826 * median absolute deviation), as in Iglewicz and Hoaglin, with 3.5 as the bar.
The deviation is not let below a tenth of the median, so that very even histories do not make noise loud; for counts not
below the square root of the median either, which is the deviation chance alone gives them (Poisson).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import median

BAR = 3.5
WEEKS = 8
FEWEST = 4  # earlier weeks needed to judge a day
FLOOR = 0.1


@dataclass(frozen=True, slots=True)
class Anomaly:
    day: date
    value: float
    usual: float
    score: float


def usual(series: Mapping[date, float], day: date, weeks: int = WEEKS) -> list[float]:
    """The same weekday's values in the weeks before, those that are known."""
    days = [day - timedelta(weeks=n) for n in range(1, weeks + 1)]
    return [series[d] for d in days if d in series]


def score(value: float, history: list[float], counts: bool = False) -> float:
    middle = median(history)
    spread = 1.4826 * median([abs(each - middle) for each in history])
    chance = sqrt(middle) if counts and middle > 0 else 0.0
    return (value - middle) / max(spread, FLOOR * abs(middle), chance, 1.0)


def unusual_days(series: Mapping[date, float], days: list[date], counts: bool = False) -> list[Anomaly]:
    """The unusual ones among `days`, strongest first."""
    found = []
    for day in days:
        history = usual(series, day)
        if len(history) < FEWEST or day not in series:
            continue
        z = score(series[day], history, counts)
        if abs(z) >= BAR:
            found.append(Anomaly(day, series[day], median(history), round(z, 1)))
    return sorted(found, key=lambda each: -abs(each.score))
