"""A question with its names put out of the way, so that "Spring Sale" is not read as sales in spring.

The trained models know the stand-ins as campaigns. Arguments are filled from the words as they were said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agents.embedded.arguments.bare import bare_names
from agents.embedded.dates import without_dates

_STAND_INS = ("Brand RO", "Spring Promo", "Winter Tyres", "PMax Feed")


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` with stand-ins; `names` what they stand for, in the same order."""

    text: str
    names: tuple[str, ...] = ()

    def restored(self, piece: str) -> str:
        for stand_in, name in zip(_STAND_INS, self.names, strict=False):
            piece = piece.replace(stand_in, name)
        return piece


def masked(text: str, today: date, client: str = "") -> Masked:
    if any(stand_in in text for stand_in in _STAND_INS):
        return Masked(text)
    names = bare_names(without_dates(text, today), client)[: len(_STAND_INS)]
    hidden = text
    for stand_in, name in sorted(zip(_STAND_INS, names, strict=False), key=lambda pair: -len(pair[1])):
        hidden = hidden.replace(name, stand_in)
    return Masked(hidden, names)
