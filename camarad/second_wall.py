"""The wall inside PostgreSQL: row-level security on every table that clients own, also for the role that owns them.

A scoped session tells its scope at the beginning of each transaction, and for that transaction only; without one there
are no rows. Work across clients is for the role that owns the tables, which has to say why (`camarad_maintain`). The
application's role owns nothing, so it can neither lift the wall nor step round it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from camarad.errors import Misconfigured
from camarad.models.base import Base, ClientOwned, ScopeOwned
from camarad.scope import Scope

APP_ROLE = "camarad_app"  # what a superuser's connections step down to; only made where one is used
CHECKPOINTS = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")  # LangGraph's; keyed by thread
APPEND_ONLY = ("ct_ledger", "audit_events", "price_stamps")
READ_ONLY = ("alembic_version", "checkpoint_migrations")

SET_SCOPE = (
    "SELECT set_config('camarad.workspace', $1, true), set_config('camarad.client', $2, true), "
    "set_config('camarad.user', $3, true)"
)
MAINTAIN = "SELECT camarad_maintain($1)"
STEP_DOWN = (
    f"SELECT set_config('role', '{APP_ROLE}', false) FROM pg_roles mine, pg_roles other "
    f"WHERE mine.rolname = session_user AND mine.rolsuper AND other.rolname = '{APP_ROLE}'"
)
MAKE_ROLE = (  # a role is the whole server's, and another database's start may be making it right now
    f"DO $$ BEGIN CREATE ROLE {APP_ROLE} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
)

_SETTING = "nullif(current_setting('camarad.{}', true), '')"
BY_CLIENT = " AND ".join(f"{name}_id = {_SETTING.format(name)}" for name in ("workspace", "client"))
BY_SCOPE = f"{BY_CLIENT} AND user_id = {_SETTING.format('user')}"
BY_THREAD = "starts_with(thread_id, {} || '/' || {} || '/' || {} || '/')".format(
    *(_SETTING.format(name) for name in ("workspace", "client", "user"))
)
MAINTAINED = "current_setting('camarad.maintenance', true) <> ''"

MAINTAIN_FUNCTION = (
    "CREATE FUNCTION camarad_maintain(reason text) RETURNS text LANGUAGE sql AS "
    "$$ SELECT set_config('camarad.maintenance', reason, true) $$",
    "REVOKE ALL ON FUNCTION camarad_maintain(text) FROM PUBLIC",
)


def protection(table: str, rule: str) -> tuple[str, ...]:
    """The statements that put a table behind this wall, for migrations; `rule` is BY_CLIENT, BY_SCOPE or BY_THREAD."""
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY scope ON {table} USING ({rule}) WITH CHECK ({rule})",
        f"CREATE POLICY maintenance ON {table} TO CURRENT_USER USING ({MAINTAINED}) WITH CHECK ({MAINTAINED})",
    )


def hanging(table: str, parents: Iterable[tuple[str, str]]) -> str:
    """That what each column refers to is within the scope too. A foreign key passes row-level security: it would let a
    row hang on another scope's, be in its way there, and tell whether it is there."""
    return " AND ".join(
        f"EXISTS (SELECT FROM {parent} parent WHERE parent.id = {table}.{column})" for column, parent in parents
    )


def protected() -> dict[str, str]:
    """Every table that has to be behind this wall, and the rule of its columns."""
    owned = [mapper for mapper in Base.registry.mappers if issubclass(mapper.class_, ClientOwned)]
    rules = {
        cast("Table", mapper.local_table).name: BY_SCOPE if issubclass(mapper.class_, ScopeOwned) else BY_CLIENT
        for mapper in owned
    }
    return rules | dict.fromkeys(CHECKPOINTS, BY_THREAD)


def enter(connection: Connection, scope: Scope | None, reason: str | None) -> None:
    """Tell a transaction that just began whose rows it may see. Raises Misconfigured for maintenance by a role that
    is not the owner."""
    if reason is not None:
        try:
            connection.exec_driver_sql(MAINTAIN, (reason,))
        except DBAPIError as error:
            raise Misconfigured(
                "The database lets this role see no more than one client at a time.",
                hint="Set MIGRATION_DATABASE_URL to the role that owns the tables; see docs/isolation.md.",
            ) from error
    elif scope is not None:
        connection.exec_driver_sql(SET_SCOPE, (scope.workspace_id, scope.client_id, scope.user_id))


def grants(tables: Iterable[str], role: str) -> list[str]:
    """What the application may do with each table, as statements; never to truncate, refer to or alter one."""
    every = [*tables]
    usual = [name for name in every if name not in (*APPEND_ONLY, *READ_ONLY)]
    chosen = {
        "SELECT": [name for name in every if name in READ_ONLY],
        "SELECT, INSERT": [name for name in every if name in APPEND_ONLY],
        "SELECT, INSERT, UPDATE, DELETE": usual,
    }
    role = role.replace('"', '""')
    named = {rights: ", ".join(f'"{name}"' for name in names) for rights, names in chosen.items() if names}
    return [
        f'GRANT USAGE ON SCHEMA public TO "{role}"',
        f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{role}"',
        *(f'REVOKE ALL ON {names} FROM "{role}"' for names in named.values()),
        *(f'GRANT {rights} ON {names} TO "{role}"' for rights, names in named.items()),
    ]


async def admit(connection: AsyncConnection, application: str | None) -> None:
    """Give the application's role its rights, as the role that migrates. A superuser that also runs the application
    gets a role to step down to; an owner that does needs nothing."""
    me, is_super = (
        await connection.execute(text("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user"))
    ).one()
    role = application if application not in (None, me) else APP_ROLE if is_super else None
    if role is None:
        return
    if role == APP_ROLE and is_super:
        await connection.exec_driver_sql(MAKE_ROLE)
    found = await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"))
    for statement in grants(found.all(), role):
        await connection.exec_driver_sql(statement)


@dataclass(frozen=True)
class Standing:
    """Whether the wall holds for the application's connections: what is wrong, and what could be better."""

    problems: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)


async def standing(engine: AsyncEngine) -> Standing:
    """Asked as the application's own role."""
    wanted = sorted(protected())
    async with engine.connect() as connection:
        bypasses, is_super = (
            await connection.execute(
                text(
                    "SELECT mine.rolsuper OR mine.rolbypassrls, login.rolsuper FROM pg_roles mine, pg_roles login "
                    "WHERE mine.rolname = current_user AND login.rolname = session_user"
                )
            )
        ).one()
        rows = await connection.execute(
            text(
                "SELECT relname, pg_has_role(current_user, relowner, 'USAGE') AS owned FROM pg_class "
                "WHERE relrowsecurity AND relforcerowsecurity "
                "AND relnamespace = 'public'::regnamespace AND relname = ANY(:wanted)"
            ),
            {"wanted": wanted},
        )
        found: dict[str, bool] = {row.relname: row.owned for row in rows}
    problems = [f"{name} has no forced row-level security" for name in wanted if name not in found]
    if bypasses:
        problems.append("the application's role passes row-level security (superuser or BYPASSRLS)")
    advice = ["give the application a role that owns nothing"] if is_super or any(found.values()) else []
    return Standing(problems, advice)
