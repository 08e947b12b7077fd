"""Many rows in one statement: each one gives up the interpreter once or twice, whatever the number of its rows, and on
a busy machine waits for it after that."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

SIZES: Final = (1, 2, 4, 8, 16, 32, 64)  # so few that the connection keeps them all prepared
LARGEST: Final = SIZES[-1]


class Insert:
    """`INSERT INTO table (columns) … tail`, made once for each size. A size takes fewer rows as well: the places of
    those that are missing stand behind the limit and are never looked at."""

    def __init__(self, table: str, columns: Sequence[str], tail: str = "") -> None:
        row = f"({', '.join('?' * len(columns))})"
        head = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM (VALUES "
        self._statements = {size: f"{head}{', '.join([row] * size)}) LIMIT ? {tail}" for size in SIZES}
        self._width = len(columns)

    def run(self, connection: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Values in the order of the columns, as SQLite stores them."""
        for start in range(0, len(rows), LARGEST):
            some = rows[start : start + LARGEST]
            size = next(size for size in SIZES if size >= len(some))
            missing = [None] * (self._width * (size - len(some)))
            connection.execute(self._statements[size], [*chain.from_iterable(some), *missing, len(some)])


def upsert(table: str, key: Sequence[str], columns: Sequence[str]) -> Insert:
    """Rows that replace these columns of those that have the same key."""
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return Insert(table, (*key, *columns), f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}")
