"""Many rows in few statements: each one gives up the interpreter once, whatever the number of its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

SIZES: Final = (64, 32, 16, 8, 4, 2, 1)  # so few that the connection keeps them all prepared


class Insert:
    """`INSERT INTO table (columns) VALUES … tail`, made once for each number of rows."""

    def __init__(self, table: str, columns: Sequence[str], tail: str = "") -> None:
        row = f"({', '.join('?' * len(columns))})"
        head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "
        self._statements = {size: f"{head}{', '.join([row] * size)} {tail}" for size in SIZES}

    def run(self, connection: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Values in the order of the columns, as SQLite stores them."""
        done = 0
        for size, statement in self._statements.items():
            while len(rows) - done >= size:
                connection.execute(statement, list(chain.from_iterable(rows[done : done + size])))
                done += size


def upsert(table: str, key: Sequence[str], columns: Sequence[str]) -> Insert:
    """Rows that replace these columns of those that have the same key."""
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return Insert(table, (*key, *columns), f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}")
