"""The world file in the data folder: made once for a date and a fixture file, checked at every start.

A file that is missing, damaged, of another date or of another version is made again beside the old one and swapped in.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tools.emulator.fixtures import Fixtures

_FORMAT = "3"  # raise it when the schema or the shapes change
_CHUNK = 1 << 20
Row = tuple[Any, ...]


class Store:
    """Read-only queries on one world."""

    def __init__(self, path: Path, today: date) -> None:
        self.today = today
        self._connection = duckdb.connect(str(path), read_only=True)
        self._connection.execute("SET threads = 1")
        self._connection.execute("SET memory_limit = '512MB'")

    def query(self, sql: str, arguments: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query; safe to call from several threads."""
        with self._connection.cursor() as cursor:
            rows: list[Row] = cursor.execute(sql, list(arguments)).fetchall()
            return rows

    def close(self) -> None:
        self._connection.close()


def open_store(data_dir: Path, today: date, fixtures: Fixtures | None = None) -> Store:
    """The world of `today`, made first when it is not there or not whole."""
    path, manifest = data_dir / "emulator.duckdb", data_dir / "emulator.json"
    key = _key(today, fixtures)
    if not _is_whole(path, manifest, key):
        _make(path, manifest, key, today, fixtures)
    return Store(path, today)


def _key(today: date, fixtures: Fixtures | None) -> str:
    text = f"{_FORMAT}|{duckdb.__version__}|{today}|{fixtures!r}"
    return hashlib.sha256(text.encode()).hexdigest()


def _is_whole(path: Path, manifest: Path, key: str) -> bool:
    try:
        expected = json.loads(manifest.read_text(encoding="utf-8"))
        return bool(expected["key"] == key and expected["sha256"] == _digest(path))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def build(path: Path, today: date, fixtures: Fixtures | None) -> None:
    """Make the world; what that needs is imported only now, since most starts find a whole file."""
    from tools.emulator import build as builder

    builder.build(path, today, fixtures)


def _make(path: Path, manifest: Path, key: str, today: date, fixtures: Fixtures | None) -> None:
    """Another process may do the same at the same time: each writes its own file, the last one swapped in stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    try:
        build(fresh, today, fixtures)
        body = json.dumps({"key": key, "sha256": _digest(fresh), "today": today.isoformat()})
        manifest.unlink(missing_ok=True)
        fresh.replace(path)
        manifest.write_text(body, encoding="utf-8")
    finally:
        fresh.unlink(missing_ok=True)
