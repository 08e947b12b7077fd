"""A question that makes sense only after an earlier one ("and last week?", "dar pe Organic?"), spelled out.

What the follow-up names replaces the same thing in the earlier question: its period all earlier periods, its channel or
device the earlier one. A follow-up about a matter of its own ("and the budgets?") only keeps the earlier period.
"""

from __future__ import annotations

import re
from datetime import date

from agents.embedded.arguments.bare import bare_names
from agents.embedded.arguments.tables import CHANNELS, CITIES, DEVICES, PLACES, of_table
from agents.embedded.dates import read_dates, without_dates
from agents.embedded.lexicon import concepts_in, word_set
from agents.embedded.request import Request
from agents.embedded.text import fold, words

JOIN = " · "
MOST_STEPS = 4
_ELLIPTIC = re.compile(
    r"^(?:and|but|so|what about|how about|same|now|also|ok|okay|then|si|dar|iar|acum|la "
    r"fel|acelasi|aceeasi|ce zici de|dar pentru|si pentru|which ones?|the (?:worst|best) one|"
    r"care (?:dintre (?:ele|ei)|din ele)|cea mai (?:proasta|slaba|buna))\b"
)
_WHY = re.compile(r"^(?:(?:and|but|si|dar) )?(?:why|how come|de ce|cum asa)\b")
_ONLY = re.compile(r"^(?:only|just|for|on|in|by|doar|numai|pe|pentru|din|in functie de)\b")
_MODIFIERS = frozenset(
    {"organic", "channel", "device", "country", "campaign", "page", "source", "landing", "search_term"}
)
_HEADS = word_set("heads") - _MODIFIERS


def in_context(request: Request) -> str:
    """The question alone, or after what it continues: `earlier question · question`."""
    return _resolved(request.question.strip()[:2000], _asked(request), request.facts.today)


def continues(text: str) -> str:
    """What a spelled-out follow-up continues, or an empty string."""
    return text.rpartition(JOIN)[0]


def _asked(request: Request) -> tuple[str, ...]:
    """Earlier questions about numbers; a thank-you in between does not end the thread."""
    told = (text.strip()[:500] for text in request.earlier)
    return tuple(t for t in told if concepts_in(t) or read_dates(t, request.facts.today).period or bare_names(t))


def _resolved(question: str, earlier: tuple[str, ...], today: date, steps: int = MOST_STEPS) -> str:
    if not earlier or not steps or not _needs_context(question, today):
        return question
    base = _resolved(earlier[-1], earlier[:-1], today, steps - 1).strip(" ?!.")
    own = read_dates(question, today)
    if _HEADS & concepts_in(question):
        return question if own.period else f"{question.strip(' ?!.')} {read_dates(base, today).said}".strip()
    if own.period:
        base = without_dates(base, today)
    for table in (CHANNELS, DEVICES, PLACES, CITIES):
        if of_table(question, table):
            base = _without(base, table)
    return f"{base}{JOIN}{question}"


def _needs_context(question: str, today: date) -> bool:
    tokens = words(question)
    if len(tokens) > 8 or not tokens:
        return False
    folded = fold(question)
    if _ELLIPTIC.search(folded) or (len(tokens) <= 4 and _ONLY.search(folded)):
        return True
    if _WHY.search(folded) and not concepts_in(question):
        return True
    dates = read_dates(question, today)
    bare = [t for t in tokens if t not in fold(dates.said).split()]
    return dates.period is not None and len(bare) <= 2 and not concepts_in(" ".join(bare))


def _without(text: str, table: dict[str, str]) -> str:
    pattern = re.compile("|".join(rf"\b(?:{p})\b" for p in table.values()))
    blanked = text
    for found in pattern.finditer(fold(text)):
        blanked = f"{blanked[: found.start()]}{' ' * (found.end() - found.start())}{blanked[found.end() :]}"
    return blanked
