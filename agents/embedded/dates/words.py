"""The words dates are said with, folded (no diacritics), and the pieces of patterns made of them."""

from __future__ import annotations

import re

from rapidfuzz.distance import DamerauLevenshtein

_MONTHS = (
    "january jan ianuarie ian",
    "february feb februarie",
    "march mar martie",
    "april apr aprilie",
    "may mai",
    "june jun iunie iun",
    "july jul iulie iul",
    "august aug",
    "september sept sep septembrie",
    "october oct octombrie",
    "november nov noiembrie noi",
    "december dec decembrie",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_WEEKDAYS = (
    "monday mondays mon lunea",
    "tuesday tuesdays tue tues marti martea",
    "wednesday wednesdays wed miercuri miercurea",
    "thursday thursdays thu thurs joi joia",
    "friday fridays fri vineri vinerea",
    "saturday saturdays sat sambata",
    "sunday sundays sun duminica",
)
WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}
_NUMBERS = {
    1: "one un o una a", 2: "two doua doi couple", 3: "three trei", 4: "four patru", 5: "five cinci", 6: "six sase",
    7: "seven sapte", 8: "eight opt", 9: "nine noua", 10: "ten zece", 11: "eleven unsprezece",
    12: "twelve doisprezece douasprezece", 13: "thirteen treisprezece", 14: "fourteen paisprezece patrusprezece",
    15: "fifteen cincisprezece", 20: "twenty douazeci", 21: "twenty-one", 28: "twenty-eight twentyeight",
    30: "thirty treizeci", 45: "forty-five", 60: "sixty saizeci", 90: "ninety nouazeci", 100: "hundred suta",
}  # fmt: skip
NUMBERS = {name: number for number, names in _NUMBERS.items() for name in names.split()}
NUMBERS |= {"douazeci si opt": 28, "douazeci si unu": 21, "twenty eight": 28, "twenty one": 21}
UNITS = {
    "days": "days", "day": "days", "d": "days", "zile": "days", "zi": "days", "zilele": "days",
    "weeks": "week", "week": "week", "wk": "week", "wks": "week", "saptamani": "week", "saptamana": "week",
    "months": "month", "month": "month", "mo": "month", "luni": "month", "luna": "month",
    "quarters": "quarter", "quarter": "quarter", "trimestre": "quarter", "trimestru": "quarter",
    "years": "year", "year": "year", "yr": "year", "ani": "year", "an": "year",
}  # fmt: skip
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
ORDINALS = {
    "first": 1, "1st": 1, "primul": 1, "second": 2, "2nd": 2, "doilea": 2, "third": 3, "3rd": 3, "treilea": 3,
    "fourth": 4, "4th": 4, "patrulea": 4,
}  # fmt: skip


def one_of(table: dict[str, int] | dict[str, str]) -> str:
    return "(?:" + "|".join(re.escape(k) for k in sorted(table, key=len, reverse=True)) + ")"


MONTH = one_of(MONTHS) + r"\b\.?"
WEEKDAY = one_of(WEEKDAYS) + r"\b"
COUNT = r"(?:\d{1,3}|" + one_of(NUMBERS)[3:]
UNIT = one_of(UNITS) + r"\b"
DAY_OF_MONTH = r"(?:3[01]|[12]\d|0?[1-9])"
YEAR = r"(?:20\d\d)"
DASH_TO = (
    r"(?:-|\.\.+|to|till?|until|through|thru|and|si|la|pana la|pana in|pana pe|pana la data de|pana|up to|si pana la)"
)

_PROTECTED = frozenset(
    [
        "marti",
        "marte",
        "preview",
        "previews",
        "reviews",
        "matched",
        "counted",
        "recent",
        "percent",
        "compare",
        "compara",
    ]
)
_TARGETS = [
    word
    for word in (
        *MONTHS, *WEEKDAYS, "yesterday", "ultimele", "ultimii", "ultima", "saptamana", "saptamani", "trimestrul",
        "quarter", "previous", "trecuta", "trecut", "anterioara", "precedenta", "weekend", "compared", "comparativ",
        "versus", "months", "astazi",
    )
    if len(word) >= 6
]  # fmt: skip
_SHORT_TYPOS = {
    "lats": "last", "lasst": "last", "lst": "last", "pst": "past", "dyas": "days", "dasy": "days", "weke": "week",
    "wek": "week", "weeek": "week", "mounth": "month", "mnth": "month", "moth": "month", "monht": "month",
    "zilee": "zile", "zle": "zile", "lna": "luna", "saptamna": "saptamana", "toady": "today", "yday": "yesterday",
    "ultimel": "ultimele", "ultimle": "ultimele", "sapt": "saptamana", "trim": "trimestrul", "comapred": "compared",
}  # fmt: skip


def mend(word: str) -> str:
    """A date word with a slip of the keyboard, put right; other words as they are."""
    if word in _SHORT_TYPOS:
        return _SHORT_TYPOS[word]
    if len(word) < 6 or word in _PROTECTED or not word.isalpha() or word in _TARGETS:
        return word
    allowed = 2 if len(word) >= 9 else 1
    near = [(DamerauLevenshtein.distance(word, t, score_cutoff=allowed), t) for t in _TARGETS if t[0] == word[0]]
    best = min(near, default=(99, word))
    return best[1] if best[0] <= allowed else word


def number(text: str) -> int:
    return int(text) if text.isdigit() else NUMBERS[text]


def month_number(text: str) -> int:
    return MONTHS[text.rstrip(".")]
