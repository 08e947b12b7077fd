"""Orders to change something ("pause Brand", "mută bugetul"), told from questions and from requests for a table."""

from __future__ import annotations

import re

from agents.embedded.lexicon import concepts_in, word_table
from agents.embedded.text import tidy

_ORDER = re.compile(
    rf"^(?:please |now |go ahead and |just |can you |could you |i want you to |te rog |acum |hai |vreau sa |poti sa )*"
    rf"(?:{word_table('orders')['verbs']})\b"
)
_SHOWS = re.compile(word_table("orders")["not_if"])
_THINGS = frozenset(["budget", "bid", "campaign", "keyword", "ads", "ad_group", "cost", "waste", "search_term"])


def orders_change(text: str) -> bool:
    """Whether a message orders a change in an advertising account."""
    folded = tidy(text)
    said = concepts_in(text)
    return bool(_ORDER.search(folded)) and not _SHOWS.search(folded) and bool(said & _THINGS)


def orders_payment(text: str) -> bool:
    """Whether a message orders CT to be bought."""
    folded = tidy(text)
    return bool(_ORDER.search(folded) and "balance" in concepts_in(text)) and not _SHOWS.search(folded)
