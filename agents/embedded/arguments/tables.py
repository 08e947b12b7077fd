"""Names that mean the same everywhere: channels, devices, countries, with the ways they are said."""

from __future__ import annotations

import re

from agents.embedded.lexicon import word_table
from agents.embedded.text import tidy

CHANNELS = word_table("channels")
DEVICES = word_table("devices")
PLACES = word_table("places")
SOURCES = word_table("sources")
CITIES = word_table("cities")
_PRONOUNS = re.compile(r"\b(?:us|sua)\b")  # countries only in capitals


def of_table(text: str, table: dict[str, str]) -> str | None:
    folded = tidy(text)
    return next((name for name, pattern in table.items() if re.search(rf"\b(?:{pattern})\b", folded)), None)


def is_in_table(name: str, table: dict[str, str]) -> bool:
    """Whether a text is nothing but one of these."""
    plain = tidy(name)
    return any(re.fullmatch(pattern, plain) for pattern in table.values())


def all_of_table(text: str, table: dict[str, str]) -> tuple[str, ...]:
    """Every name a text says, in the order it says them; each word counts for one name only."""
    folded, found = tidy(text), []
    for name, pattern in table.items():
        if said := re.search(rf"\b(?:{pattern})\b", folded):
            found.append((said.start(), name))
            folded = re.sub(rf"\b(?:{pattern})\b", lambda m: " " * len(m.group()), folded)
    return tuple(name for _, name in sorted(found))


def places_in(text: str) -> dict[str, tuple[str, ...]]:
    """Countries and cities, apart. "Show us" names no country."""
    plain = _PRONOUNS.sub(" ", text)
    return {"country": all_of_table(plain, PLACES), "city": all_of_table(plain, CITIES)}


def translated(text: str) -> tuple[str, ...]:
    """Devices, channels and places that a text says in either language, as Google names them."""
    places = places_in(text)
    return (*all_of_table(text, DEVICES), *all_of_table(text, CHANNELS), *places["country"], *places["city"])
