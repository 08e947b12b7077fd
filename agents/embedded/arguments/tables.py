"""Names that mean the same everywhere: channels, devices, countries, with the ways they are said."""

from __future__ import annotations

import re

from agents.embedded.lexicon import word_table
from agents.embedded.text import tidy

CHANNELS = word_table("channels")
DEVICES = word_table("devices")
PLACES = word_table("places")


def of_table(text: str, table: dict[str, str]) -> str | None:
    folded = tidy(text)
    return next((name for name, pattern in table.items() if re.search(rf"\b(?:{pattern})\b", folded)), None)


def is_in_table(name: str, table: dict[str, str]) -> bool:
    """Whether a text is nothing but one of these."""
    plain = tidy(name)
    return any(re.fullmatch(pattern, plain) for pattern in table.values())
