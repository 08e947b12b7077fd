"""Statements inside the wall at the price of plain ones, for paths that are walked with every message or request.

The unit of work sorts, compares and flushes; here the statement is made and compiled once for a table and its columns,
and the session's scope goes in as parameters. What the wall promises holds: rows are stamped, other scopes' rows are
never reached, and without a scope a client-owned table raises UnscopedAccess.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import CursorResult, Insert, Row, RowMapping, Select, Table, Update, bindparam, insert, select, update
from sqlalchemy.orm import Session

from camarad.errors import UnscopedAccess
from camarad.statements import reads_more_than, touches_client_table
from camarad.wall import connection_of, owner_in

MARK = "where_"  # keeps the parameters of a condition apart from those of new values


def insert_rows(session: Session, model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all name the same columns. Raises UnscopedAccess when one names another owner."""
    if not rows:
        return
    owner = owner_in(session, model)
    for row in rows:
        if any(row.get(name, value) != value for name, value in owner.items()):
            raise UnscopedAccess("A row of another scope was written.")
    connection_of(session).execute(_insert(_table(model)), [{**row, **owner} for row in rows])


def update_rows(session: Session, model: type[Any], values: dict[str, Any], **where: Any) -> int:
    """Set columns of the rows whose columns equal `where`; how many there were. An owner cannot be set."""
    owner = owner_in(session, model)
    if owner.keys() & values.keys():
        raise UnscopedAccess("An update would hand rows to another scope.")
    conditions = {**where, **owner}
    statement = _update(_table(model), tuple(values), tuple(conditions))
    parameters = {**values, **{MARK + name: value for name, value in conditions.items()}}
    return cast("CursorResult[Any]", connection_of(session).execute(statement, parameters)).rowcount


def select_rows(session: Session, model: type[Any], only: tuple[str, ...] = (), **where: Any) -> Sequence[RowMapping]:
    """The scope's rows whose columns equal `where`; all of their columns, or `only` some."""
    conditions = {**where, **owner_in(session, model)}
    statement = _select(_table(model), only, tuple(conditions))
    parameters = {MARK + name: value for name, value in conditions.items()}
    return connection_of(session).execute(statement, parameters).mappings().all()


def owned_rows(
    session: Session, model: type[Any], statement: Select[*tuple[Any, ...]], **parameters: Any
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The scope's rows of a prepared statement over this client-owned table alone; another one raises
    UnscopedAccess."""
    owner = owner_in(session, model)
    bound = {MARK + name: value for name, value in owner.items()}
    scoped = _scoped(statement, _table(model), tuple(owner))
    return connection_of(session).execute(scoped, {**parameters, **bound}).all()


def unowned_row(
    session: Session, statement: Select[*tuple[Any, ...]], **parameters: Any
) -> Row[*tuple[Any, ...]] | None:
    """The first row of a prepared statement over tables that no client owns; others raise UnscopedAccess."""
    if _touches(statement):
        raise UnscopedAccess("A client-owned table was reached without a scope.")
    return connection_of(session).execute(statement, parameters).first()


@cache
def _scoped(statement: Select[*tuple[Any, ...]], table: Table, owner: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    """Made once for a statement, which therefore has to be a module's own. A part of it that reads by itself would
    stay outside the conditions."""
    if reads_more_than(statement, table):
        raise UnscopedAccess("A prepared statement reads more than the one table whose rows it gives.")
    return statement.where(*(table.c[name] == bindparam(MARK + name) for name in owner))


@cache
def _touches(statement: Select[*tuple[Any, ...]]) -> bool:
    """Looked up once for a statement, which therefore has to be a module's own."""
    return touches_client_table(statement)


def _table(model: type[Any]) -> Table:
    return cast("Table", model.__table__)


@cache
def _select(table: Table, only: tuple[str, ...], conditions: tuple[str, ...]) -> Select[Any]:
    columns = [table.c[name] for name in only] or list(table.c)
    return select(*columns).where(*(table.c[name] == bindparam(MARK + name) for name in conditions))


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _update(table: Table, names: tuple[str, ...], conditions: tuple[str, ...]) -> Update:
    statement = update(table).values({name: bindparam(name) for name in names})
    return statement.where(*(table.c[name] == bindparam(MARK + name) for name in conditions))
