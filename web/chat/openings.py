"""How many sockets a person may hold open at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from camarad.errors import LimitReached

MOST = 40  # of one person in one process: tabs of a long day, and far from what hurts the others


class OpenSockets:
    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_more(self, user_id: str) -> Iterator[None]:
        """For as long as the socket is open. Raises LimitReached for one too many."""
        if self._open[user_id] >= self._most:
            raise LimitReached(f"There are {self._most} chats open already.", hint="Close some of their tabs first.")
        self._open[user_id] += 1
        try:
            yield
        finally:
            self._open[user_id] -= 1
            if not self._open[user_id]:
                del self._open[user_id]
