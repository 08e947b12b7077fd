"""Everything the emulator knows, in memory and in one SQLite file, so that a restart goes on where it ended.

Objects are dictionaries in Stripe's shape, references as ids; keys that begin with `_` are the emulator's own and never
leave it. Whoever reads an object may change it: `commit` writes what differs from what was stored, `rollback` puts
back what was.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from camarad.errors import Misconfigured
from tools.emulator.stripe.types import Obj

NAME = "stripe.db"


class Store:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._kinds: dict[str, dict[str, Obj]] = {}
        self._stored: dict[str, str] = {}  # the text of each object, as it is in the file
        self._kind_of: dict[str, str] = {}
        self._touched: dict[str, None] = {}
        self._removed: dict[str, str] = {}
        self._file = _opened(folder / NAME)
        for kind, object_id, body in self._file.execute("SELECT kind, id, body FROM object ORDER BY number"):
            self._kinds.setdefault(kind, {})[object_id] = json.loads(body)
            self._kind_of[object_id], self._stored[object_id] = kind, body

    def add(self, kind: str, obj: Obj) -> Obj:
        """Keep a new object under its `id`."""
        self._kinds.setdefault(kind, {})[obj["id"]] = obj
        self._kind_of[obj["id"]] = kind
        self._touched[obj["id"]] = None
        return obj

    def get(self, kind: str, object_id: str) -> Obj | None:
        found = self._kinds.get(kind, {}).get(object_id)
        if found is not None:
            self._touched[object_id] = None
        return found

    def find(self, object_id: str) -> tuple[str, Obj] | None:
        """An object of any kind, for references whose kind the id tells."""
        kind = self._kind_of.get(object_id)
        found = self.get(kind, object_id) if kind else None
        return (kind, found) if kind and found is not None else None

    def all(self, kind: str, wanted: Callable[[Obj], bool] = lambda _: True) -> list[Obj]:
        """In the order they were made."""
        found = [obj for obj in self._kinds.get(kind, {}).values() if wanted(obj)]
        self._touched.update(dict.fromkeys(obj["id"] for obj in found))
        return found

    def glance(self, kind: str) -> Iterator[Obj]:
        """Like `all`, for who changes nothing."""
        yield from tuple(self._kinds.get(kind, {}).values())

    def remove(self, object_id: str) -> None:
        kind = self._kind_of.pop(object_id, None)
        if kind is not None:
            del self._kinds[kind][object_id]
            self._touched.pop(object_id, None)
            self._removed[object_id] = kind

    def counts(self) -> dict[str, int]:
        return {kind: len(objects) for kind, objects in sorted(self._kinds.items()) if objects}

    def commit(self) -> None:
        changed: list[tuple[str, str, str]] = []
        for object_id in self._touched:
            kind = self._kind_of[object_id]
            body = json.dumps(self._kinds[kind][object_id], separators=(",", ":"))
            if self._stored.get(object_id) != body:
                self._stored[object_id] = body
                changed.append((object_id, kind, body))
        gone = [(object_id,) for object_id in self._removed if self._stored.pop(object_id, None) is not None]
        if changed or gone:
            with self._file:
                self._file.executemany("DELETE FROM object WHERE id = ?", gone)
                self._file.executemany(
                    "INSERT INTO object (id, kind, body) VALUES (?, ?, ?) "
                    "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                    changed,
                )
        self.settle()

    def rollback(self) -> None:
        for object_id, kind in self._removed.items():
            if (body := self._stored.get(object_id)) is not None:
                self._kinds[kind][object_id], self._kind_of[object_id] = json.loads(body), kind
        for object_id in list(self._touched):
            obj = self._kinds[self._kind_of[object_id]][object_id]
            if (body := self._stored.get(object_id)) is None:
                del self._kinds[self._kind_of.pop(object_id)][object_id]
            else:
                obj.clear()
                obj.update(json.loads(body))
        self.settle()

    def settle(self) -> None:
        """After reading only: nothing is looked at again."""
        self._touched.clear()
        self._removed.clear()

    def forget(self) -> None:
        """As on the first day."""
        for known in (self._kinds, self._kind_of, self._stored):
            known.clear()
        self.settle()
        with self._file:
            self._file.execute("DELETE FROM object")

    def close(self) -> None:
        self._file.close()


def _opened(path: Path) -> sqlite3.Connection:
    """The process may die at any moment; the machine hardly, so commits are not waited for on the disk."""
    try:
        file = sqlite3.connect(path, timeout=1)
        file.execute("PRAGMA locking_mode = EXCLUSIVE")  # two processes would each believe their own memory
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = OFF")
        file.execute(
            "CREATE TABLE IF NOT EXISTS object "
            "(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL)"
        )
    except sqlite3.OperationalError as error:
        raise Misconfigured(
            f"The Stripe emulator's file {path} cannot be used: {error}.",
            hint="Stop the emulator that runs on this folder, or choose another folder.",
        ) from error
    except sqlite3.Error as error:
        raise Misconfigured(
            f"The Stripe emulator's file {path} cannot be used: {error}.", hint="Delete it, or choose another folder."
        ) from error
    return file


def public(value: Any) -> Any:
    """A copy without the emulator's own keys."""
    if isinstance(value, dict):
        return {key: public(inner) for key, inner in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [public(inner) for inner in value]
    return value
