"""What period a sentence asks about, and against which other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from re import Match
from typing import Literal

from agents.embedded.dates.rules import RULES
from agents.embedded.dates.span import DAY, Span, before, running, until, year_before
from agents.embedded.dates.words import MONTHS, mend
from agents.embedded.text import fold

Compare = Literal["none", "previous", "year"]

_AGAINST = re.compile(
    r"\b(?:vs\.?|versus|v\.|compared? (?:it )?(?:to|with|against)|comparison (?:to|with)|fata de|comparativ cu|"
    r"comparat cu|comparat[aie]* cu|in comparatie cu|against|relative to|than|decat|raportat la|"
    r"over (?=(?:the )?(?:previous|prior|preceding|one before|same|period)))\b"
)
_SAME_DAY = re.compile(
    r"\bsame (?:day|weekday) (?:(?:of |in )?(?:the )?(?:last|previous|prior|past) week|(?:a|one) week "
    r"(?:ago|before|earlier)|the week before)|"
    r"\baceeasi zi (?:(?:din |a |de )?(?:saptamana (?:trecuta|anterioara|precedenta|dinainte)|saptamanii trecute|"
    r"acum o saptamana)|cu o saptamana (?:in urma|inainte))"
)
_YEAR = re.compile(
    r"\b(?:year[\s-]*(?:on|over)[\s-]*year|yoy|y/y|same (?:period|time|month|week|days?|"
    r"dates|quarter)(?: of| in)? (?:the )?(?:last|previous|a) year|"
    r"(?:vs\.?|versus|to|with|against|than|fata de|cu|decat)(?: (?:the )?(?:same period "
    r")?(?:of )?)? ?(?:last year|a year ago|anul trecut|cu anul trecut|acum un an)|"
    r"aceeasi (?:perioada|luna|saptamana|zi) (?:din|a|de) (?:anul|anului|acum) (?:trecut|un "
    r"an)|aceeasi perioada din anul (?:trecut|anterior)|"
    r"de la an la an|an la an)\b"
)
_PREVIOUS = re.compile(
    r"\b(?:previous (?:period|one|ones|\d+)|prior (?:period|one|\d+)|preceding (?:period|"
    r"one|\d+)|period before|one before|ones before|"
    r"(?:\d+|the|days|weeks|week|month) before(?: that| it| them)?|before that|the time "
    r"before|perioada (?:anterioara|precedenta|trecuta|de dinainte|dinainte)|"
    r"(?:cele|cei|cea|cel) (?:\w+ )?(?:de )?(?:\w+ )?(?:dinainte|anterioare|anterioara|"
    r"anterior|anteriori|precedente|precedenta|precedent|trecuta|trecut|trecute|de "
    r"dinainte|de dinaintea lor)|"
    r"(?:zile|saptamani|luni) (?:dinainte|anterioare|precedente|de dinainte)|dinaintea "
    r"(?:lor|ei|acesteia)|period over period|week over week|"
    r"month over month|wow|mom|prior period|previous period|inainte)\b"
)
_CHANGE = re.compile(
    r"\b(?:chang\w*|grow\w*|grew|growth|trend\w*|evolu\w*|schimb\w*|crescut\w*|"
    r"crestere\w*|scazut\w*|scadere\w*|drop\w*|fell|fall\w*|declin\w*|"
    r"increas\w*|decreas\w*|improv(?:ed|ing|ement)|worse|better|up or down|went (?:up|down)|compar\w*|"
    r"diferen\w*|differen\w*|mai (?:bine|prost|slab) (?:decat|ca)|"
    r"imbunatatit\w*|modificat\w*|moved|pierdut|lost traffic|mers in (?:sus|jos))\b"
)
_COMPARED = re.compile(r"\b(?:compar\w*|diferen\w*|differen\w*)\b")
_SMALL = re.compile(r"[\s_]*(?:(?:the|in|with|cu|din|in luna|luna)\s+)*")
_NAMES = re.compile(r"\b(?:black|good) friday(?: 20\d\d)?|\bcyber monday(?: 20\d\d)?|\b(?:1 )?decembrie 1918")
_CLEAN = re.compile(r"[,;!?]|(?<!\d)\.(?!\d)|(?<=\d)\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class DateAnswer:
    """`against` is set when a sentence names the other period itself; `compare` says which kind it is."""

    period: Span | None = None
    compare: Compare = "none"
    against: Span | None = None
    said: str = ""
    covered: tuple[tuple[int, int], ...] = ()  # where dates stand in the folded text


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    span: Span


def read_dates(text: str, today: date) -> DateAnswer:
    """The period a text asks about. No period found leaves `period` empty; a comparison may stand alone."""
    mended, places = _mended(_CLEAN.sub(" ", fold(text)))
    folded = _NAMES.sub(lambda m: "_" * len(m.group()), mended)
    same_day = _SAME_DAY.search(folded)
    if same_day:
        folded = f"{folded[: same_day.start()]}{'_' * len(same_day.group())}{folded[same_day.end() :]}"
    found = _scan(folded, today)
    against = _AGAINST.search(folded)
    year_word = _YEAR.search(folded)
    if year_word:
        found = [f for f in found if not (year_word.start() <= f.start < year_word.end())]
    if not found:
        return DateAnswer(compare=_compare_word(folded, bool(year_word)))
    main, other = _main_and_other(found, against, bool(_COMPARED.search(folded)))
    if same_day:
        other = _Found(same_day.start(), same_day.end(), Span(main.span.start - DAY * 7, main.span.end - DAY * 7))
    elif (
        other is None
        and against is not None
        and _directly(against, main, folded)
        and (now := running(main.span, today))
    ):
        main, other = _Found(main.start, main.end, now), main
    if other is not None and other.span == main.span:
        other = None  # "last week against the previous week": the one before it
    compare = _compare_word(folded, bool(year_word), said=against is not None)
    covered = tuple((places[f.start], places[f.end - 1] + 1) for f in found)
    said = folded[main.start : main.end].strip()
    if other is None:
        return DateAnswer(main.span, compare, None, said, covered)
    return DateAnswer(main.span, _kind(main.span, other.span, today), other.span, said, covered)


def _directly(against: Match[str], other: _Found, folded: str) -> bool:
    """Whether a period stands right after the comparing word: "than in September", not "Email vs Direct last week"."""
    between = folded[against.end() : other.start]
    return other.start >= against.end() and bool(_SMALL.fullmatch(between))


def _mended(folded: str) -> tuple[str, list[int]]:
    """The text with its slips put right, and where each place of it was before that."""
    text, places = "", []
    for found in re.finditer(r"[a-z]+|[^a-z]+", folded):
        right = mend(found.group()) if found.group()[0].isalpha() else found.group()
        text += right
        places += [min(found.start() + n, found.end() - 1) for n in range(len(right))]
    return text, [*places, len(folded)]


def _scan(folded: str, today: date) -> list[_Found]:
    taken: list[_Found] = []
    for pattern, reading in RULES:
        for match in pattern.finditer(folded):
            if any(f.start < match.end() and match.start() < f.end for f in taken) or _not_a_date(match, folded):
                continue
            try:
                taken.append(_Found(match.start(), match.end(), reading(match, today)))
            except ValueError:
                continue
    return sorted(taken, key=lambda f: f.start)


def _not_a_date(match: Match[str], folded: str) -> bool:
    """`may` as a verb, `mai` as "more", `mar`/`sun`/`sat` inside prose: a number or a preposition makes them dates."""
    word = match.group().strip()
    if _COMPARED.search(folded) and re.search(r"[a-z] (?:and|si) [a-z]", word):
        return True  # "compare October and November" names two periods, not one long one
    if word in {"sun", "sat", "mon", "wed", "thu", "tue", "a marti"}:
        return True
    if re.search(r"\b(?:mai|may)\b", word) and word not in MONTHS:
        following = folded[match.end() :].lstrip()
        return not re.search(r"\d", word) and bool(
            re.match(r"(?:mult|mare|mic|bine|putin|slab|prost|bun|scump|ieftin|be|i|we|not|have|rau)", following)
        )
    return word in {"may", "mai", "mar", "noi", "sep", "dec", "oct"}


def _main_and_other(found: list[_Found], against: Match[str] | None, compared: bool) -> tuple[_Found, _Found | None]:
    if against is None:
        if len(found) > 1 and compared and found[0].span != found[1].span:
            first, second = sorted(found[:2], key=lambda f: f.span.start)
            return second, first
        return found[0], None
    earlier = [f for f in found if f.start < against.start()]
    later = [f for f in found if f.end > against.end()]
    if not earlier:  # "compared with September, how did October go?" asks about October
        return (later[1], later[0]) if len(later) > 1 else (found[0], None)
    return earlier[0], later[0] if later else None


def _kind(main: Span, other: Span, today: date) -> Compare:
    if other.start == year_before(main).start:
        return "year"
    return "previous" if other.start < main.start else "none"


def _compare_word(folded: str, year: bool, *, said: bool = False) -> Compare:
    if year:
        return "year"
    if _PREVIOUS.search(folded) or said:
        return "previous"
    return "previous" if _CHANGE.search(folded) else "none"


def neighbour(span: Span, compare: Compare, today: date) -> Span | None:
    """The other period, spelled out, for schemas that want it spelled out."""
    if compare == "year":
        return until(year_before(span), today)
    return before(span, today) if compare == "previous" else None


def without_dates(text: str, today: date) -> str:
    """The text with its dates blanked, so that no period, name or number is read out of them."""
    blanked = text
    for start, end in read_dates(text, today).covered:
        blanked = f"{blanked[:start]}{'·'.center(end - start)}{blanked[end:]}"
    return blanked
