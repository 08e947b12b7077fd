"""How well a usage row is known, as bits of its `coverage` column."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag


class Coverage(IntFlag):
    """New bits go at the end: stored rows keep theirs."""

    TOKENS = 1  # it used tokens
    CACHED = 2  # some were read from the provider's cache
    CACHE_WRITE = 4  # some were written to it
    ESTIMATED = 8  # the provider named no usage, so tokens were counted here
    PRICED = 16  # its model had a price
    CATALOG = 32  # which came from the catalogue's table
    CALLS = 64  # it read results of tools
    CALL_COST = 128  # which cost something
    LATE = 256  # it was priced afterwards, by shadow-sync


NAMES: Mapping[str, Coverage] = {flag.name.lower(): flag for flag in Coverage if flag.name}
