"""What can be found: a name in each language, other words people use for it, and where it leads."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Kind = Literal["agent", "connector", "template", "page", "conversation"]
_WORD = re.compile(r"[a-z0-9]+")
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d"})  # letters that decomposing leaves as they are


def fold(text: str) -> str:
    """Lower case without diacritics, single spaces: `Pâlnii  și` becomes `palnii si`."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text)))


@dataclass(frozen=True)
class Label:
    """How an entry is shown in one language."""

    title: str
    subtitle: str = ""

    @cached_property
    def folded(self) -> str:
        return " ".join(words(self.title))

    @cached_property
    def title_words(self) -> tuple[str, ...]:
        return words(self.title)

    @cached_property
    def subtitle_words(self) -> tuple[str, ...]:
        return words(self.subtitle)


@dataclass(frozen=True)
class Entry:
    """`labels` has English first. `also` are words that find it and are not shown."""

    kind: Kind
    url: str
    labels: tuple[Label, ...]
    also: str = ""
    weight: int = field(default=0)  # breaks ties: what people look for more often comes first

    @cached_property
    def other_words(self) -> tuple[str, ...]:
        return words(self.also)
