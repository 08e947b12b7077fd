"""The wall in the data layer: what a session may touch follows from its scope, not from the query's author.

With a scope, every ORM read, update and delete of a client-owned table is filtered and every insert stamped. Without
one, or through Core or raw SQL that an ORM filter cannot reach, such a table raises UnscopedAccess.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria
from sqlalchemy.sql import Update

from camarad import second_wall
from camarad.errors import UnscopedAccess
from camarad.models.base import ClientOwned, ScopeOwned
from camarad.scope import Scope
from camarad.statements import goes_below, touches_client_table

SCOPE = "camarad_scope"
REASON = "camarad_unscoped_reason"


class WalledSession(Session):
    """The sync session inside every AsyncSession of the product; the events below listen on it alone.

    Its bare connection and the bulk methods, which no event hears of, are for work outside the wall only.
    """

    def connection(self, *arguments: Any, **options: Any) -> Connection:
        self._must_be_outside("The connection itself")
        return super().connection(*arguments, **options)

    def bulk_save_objects(self, *arguments: Any, **options: Any) -> None:
        self._must_be_outside("Saving in bulk")
        super().bulk_save_objects(*arguments, **options)

    def bulk_insert_mappings(self, *arguments: Any, **options: Any) -> None:
        self._must_be_outside("Inserting in bulk")
        super().bulk_insert_mappings(*arguments, **options)

    def bulk_update_mappings(self, *arguments: Any, **options: Any) -> None:
        self._must_be_outside("Updating in bulk")
        super().bulk_update_mappings(*arguments, **options)

    def _must_be_outside(self, what: str) -> None:
        if REASON not in self.info:
            raise UnscopedAccess(f"{what} passes the wall; camarad.rows has what is meant for it.")


def connection_of(session: Session) -> Connection:
    """The connection of a session inside the wall, for camarad.rows, which brings the scope itself."""
    return Session.connection(session)


def one_moment(session: Session) -> None:
    """Have the transaction that begins now see one state of the database to its end, on PostgreSQL."""
    Session.connection(session, execution_options={"isolation_level": "REPEATABLE READ"})


def session_info(scope: Scope | None, reason: str | None = None) -> dict[str, Any]:
    """What a WalledSession carries: the scope it may touch, or why it stands outside the wall."""
    return {SCOPE: scope} if reason is None else {SCOPE: None, REASON: reason}


def scoped_session(engine: AsyncEngine, scope: Scope | None) -> AsyncSession:
    return AsyncSession(engine, sync_session_class=WalledSession, expire_on_commit=False, info=session_info(scope))


def unscoped_session(engine: AsyncEngine, reason: str) -> AsyncSession:
    return AsyncSession(
        engine, sync_session_class=WalledSession, expire_on_commit=False, info=session_info(None, reason)
    )


@event.listens_for(WalledSession, "after_begin")
def _tell_database(session: Session, _: SessionTransaction, connection: Connection) -> None:
    """PostgreSQL holds the second wall, for which every transaction has to say whose it is."""
    if connection.dialect.name == "postgresql":
        second_wall.enter(connection, session.info[SCOPE], session.info.get(REASON))


@event.listens_for(WalledSession, "do_orm_execute")
def _filter(state: ORMExecuteState) -> None:
    if REASON in state.session.info:
        return
    scope: Scope | None = state.session.info[SCOPE]
    if scope is None or not state.is_orm_statement:
        if touches_client_table(state.statement):
            raise UnscopedAccess("A client-owned table was reached without a scope.")
        return
    if not state.is_insert:
        if state.is_update:
            _keep_owner(state)
        state.statement = state.statement.options(*_criteria(scope))
    if goes_below(state.statement):  # asked of what will run, whose cache key SQLAlchemy needs anyway
        raise UnscopedAccess("A statement reached a table below its class, where no filter is put on it.")
    if state.is_insert:
        _stamp_insert(state, scope)


@lru_cache(maxsize=1024)
def _criteria(scope: Scope) -> tuple[Any, Any]:
    """The filters of a scope, made once: making them costs more than running a small statement."""
    workspace_id, client_id, user_id = scope.workspace_id, scope.client_id, scope.user_id
    return (
        with_loader_criteria(
            ClientOwned,
            lambda table: (table.workspace_id == workspace_id) & (table.client_id == client_id),
            include_aliases=True,
        ),
        with_loader_criteria(ScopeOwned, lambda table: table.user_id == user_id, include_aliases=True),
    )


def _stamp_insert(state: ORMExecuteState, scope: Scope) -> None:
    mapper = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, ClientOwned):
        return
    if isinstance(state.parameters, list):
        raise UnscopedAccess("A bulk insert of client-owned rows goes through session.add_all, which stamps them.")
    state.statement = state.statement.values(**_owner(mapper.class_, scope))  # type: ignore[attr-defined]


def _keep_owner(state: ORMExecuteState) -> None:
    """An update may not hand rows to another scope, nor name its rows by key, which no filter would reach."""
    mapper, statement = state.bind_mapper, state.statement
    if mapper is None or not issubclass(mapper.class_, ClientOwned) or not isinstance(statement, Update):
        return
    if isinstance(state.parameters, list):
        raise UnscopedAccess("Rows are updated by key through the session that read them, not in bulk.")
    pairs: dict[Any, Any] = dict(statement._values or {})
    named = {str(getattr(column, "key", column)) for column in (*pairs, *(state.parameters or {}))}
    if named & {"workspace_id", "client_id", "user_id"}:
        raise UnscopedAccess("An update would hand rows to another scope.")


def owner_in(session: Session, cls: type[Any]) -> dict[str, str]:
    """The owner that rows of a client-owned class have in this session. Raises UnscopedAccess when it has none."""
    if not issubclass(cls, ClientOwned):
        raise TypeError(f"{cls.__name__} is not client-owned")
    scope: Scope | None = session.info.get(SCOPE)
    if scope is None:
        raise UnscopedAccess("A client-owned row was written without a scope.")
    return _owner(cls, scope)


def _owner(cls: type[Any], scope: Scope) -> dict[str, str]:
    owner = {"workspace_id": scope.workspace_id, "client_id": scope.client_id}
    return {**owner, "user_id": scope.user_id} if issubclass(cls, ScopeOwned) else owner


@event.listens_for(WalledSession, "detached_to_persistent")
def _refuse_strangers(session: Session, row: Any) -> None:
    """Rows are written by the session that read them: an UPDATE by key would believe whatever a stranger says it is."""
    if isinstance(row, ClientOwned) and REASON not in session.info:
        raise UnscopedAccess("A row that another session read was handed to this one.")


@event.listens_for(WalledSession, "before_flush")
def _stamp(session: Session, *_: Any) -> None:
    if REASON in session.info:
        return
    scope: Scope | None = session.info[SCOPE]
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, ClientOwned):
            continue
        if scope is None:
            raise UnscopedAccess("A client-owned row was written without a scope.")
        for name, value in _owner(type(row), scope).items():
            if getattr(row, name, None) not in (None, value):
                raise UnscopedAccess("A row of another scope was written.")
            setattr(row, name, value)
