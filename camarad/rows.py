"""Inserts and updates inside the wall at the price of a plain statement, for paths that are walked with every message.

The unit of work sorts, compares and flushes; here the statement is made and compiled once for a table and its columns,
and the session's scope goes in as parameters. What the wall promises holds: rows are stamped, other scopes' rows are
never reached, and without a scope a client-owned table raises UnscopedAccess.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import CursorResult, Insert, Table, Update, bindparam, insert, update
from sqlalchemy.orm import Session

from camarad.errors import UnscopedAccess
from camarad.wall import owner_in

MARK = "where_"  # keeps the parameters of a condition apart from those of new values


def insert_rows(session: Session, model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all name the same columns. Raises UnscopedAccess when one names another owner."""
    if not rows:
        return
    owner = owner_in(session, model)
    for row in rows:
        if any(row.get(name, value) != value for name, value in owner.items()):
            raise UnscopedAccess("A row of another scope was written.")
    session.connection().execute(_insert(_table(model)), [{**row, **owner} for row in rows])


def update_rows(session: Session, model: type[Any], values: dict[str, Any], **where: Any) -> int:
    """Set columns of the rows whose columns equal `where`; how many there were. An owner cannot be set."""
    owner = owner_in(session, model)
    if owner.keys() & values.keys():
        raise UnscopedAccess("An update would hand rows to another scope.")
    conditions = {**where, **owner}
    statement = _update(_table(model), tuple(values), tuple(conditions))
    parameters = {**values, **{MARK + name: value for name, value in conditions.items()}}
    return cast("CursorResult[Any]", session.connection().execute(statement, parameters)).rowcount


def _table(model: type[Any]) -> Table:
    return cast("Table", model.__table__)


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _update(table: Table, names: tuple[str, ...], conditions: tuple[str, ...]) -> Update:
    statement = update(table).values({name: bindparam(name) for name in names})
    return statement.where(*(table.c[name] == bindparam(MARK + name) for name in conditions))
