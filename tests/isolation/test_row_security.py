"""PostgreSQL's own wall, attacked from outside the product: a bare connection of the application's role, no ORM."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import asyncpg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from camarad import second_wall
from camarad.database import Database
from camarad.database_roles import script
from camarad.errors import Misconfigured
from camarad.ids import new_id
from camarad.migrate import upgrade
from camarad.models import Connection, ConnectionSecret, Conversation, Feedback, Message, ToolCall, Turn
from camarad.scope import Scope
from graphs.checkpoints import thread_of
from tests.conftest import NOW, TEMPLATE
from tests.support.postgres import APPLICATION, OWNER, PostgresServer
from tests.support.seed import OTHER_SCOPE, SCOPE, SIBLING_SCOPE

pytestmark = pytest.mark.postgres

SCOPES = {"mine": SCOPE, "sibling": SIBLING_SCOPE, "other": OTHER_SCOPE}
TABLES = sorted(second_wall.protected())
OF_ROWS = [name for name in TABLES if name not in second_wall.CHECKPOINTS]
INSERT_CHECKPOINT = (
    "INSERT INTO checkpoints (thread_id, checkpoint_id, checkpoint) VALUES ($1, 'c', '{}')",
    "INSERT INTO checkpoint_blobs (thread_id, channel, version, type) VALUES ($1, 'c', '1', 'null')",
    "INSERT INTO checkpoint_writes (thread_id, checkpoint_id, task_id, idx, channel, blob) "
    "VALUES ($1, 'c', 't', 0, 'c', '')",
)


def rows_of(name: str) -> list[list[object]]:
    """One row in each table that clients own, in an order that satisfies their foreign keys."""
    at = {"created_at": NOW}
    hangs = {"conversation_id": name, **at}
    message = Message(id=f"m-{name}", seq=1, role="user", text=name, **hangs)
    turn = Turn(
        id=f"t-{name}", request_id="r", user_message_id="u", answer_message_id="a", state="done", owner="o",
        heartbeat_at=NOW, **hangs,
    )  # fmt: skip
    call = ToolCall(
        id=f"k-{name}", conversation_id=name, message_id=f"m-{name}", seq=1, name="n", agent="a", args={}, ok=True,
        started_at=NOW, duration_ms=1,
    )  # fmt: skip
    link = Connection(id=f"c-{name}", provider="ga4", source="demo", state="connected", updated_at=NOW, **at)
    secret = ConnectionSecret(connection_id=f"c-{name}", subject=name, email=name, scopes="", updated_at=NOW, **at)
    return [
        [Conversation(id=name, title=name, updated_at=NOW, **at), link],
        [message, turn, secret],
        [call, Feedback(id=f"f-{name}", message_id=f"m-{name}", value=1, **hangs)],
    ]


@pytest.fixture(scope="module")
def base(postgres: PostgresServer) -> Iterator[str]:
    with postgres.database(f"walls_{new_id()}", TEMPLATE, OWNER) as url:
        yield url.rpartition("/")[2]


@pytest.fixture
async def product(postgres: PostgresServer, base: str) -> AsyncIterator[Database]:
    """As a server is set up: the application's role, and the owner's for maintenance; rows in three scopes."""
    database = Database(postgres.url(base, APPLICATION), 2, postgres.url(base, OWNER))
    async with database.unscoped("a clean table for each attack") as session:
        for table in ("conversations", "connections", *second_wall.CHECKPOINTS):
            await session.execute(text(f"DELETE FROM {table}"))
    for name, scope in SCOPES.items():
        async with database.write(scope) as session:
            for together in rows_of(name):
                session.add_all(together)
                await session.flush()
        async with database.unscoped("turns in flight") as session:
            connection = await session.connection()
            for statement in INSERT_CHECKPOINT:
                await connection.exec_driver_sql(statement, (thread_of(scope, name),))
    yield database
    await database.close()


@pytest.fixture
async def bare(postgres: PostgresServer, base: str, product: Database) -> AsyncIterator[asyncpg.Connection]:
    """What an attacker has who can run any SQL as the application."""
    connection = await asyncpg.connect(postgres.dsn(base, APPLICATION))
    yield connection
    await connection.close()


async def enter(bare: asyncpg.Connection, scope: Scope) -> None:
    await bare.execute(second_wall.SET_SCOPE.replace("true", "false"), *_ids(scope))


def _ids(scope: Scope) -> tuple[str, str, str]:
    return scope.workspace_id, scope.client_id, scope.user_id


async def count(bare: asyncpg.Connection, table: str) -> int:
    found: int = await bare.fetchval(f"SELECT count(*) FROM {table}")
    return found


async def test_every_table_that_clients_own_has_the_wall_and_a_new_one_cannot_go_without(product: Database) -> None:
    """A model with the mixin whose migration forgot `second_wall.protection` fails here."""
    standing = await second_wall.standing(product.reader)
    assert standing.problems == [] and standing.advice == []
    async with product.unscoped("reads the catalogue") as session:
        rows = await session.execute(text("SELECT tablename, policyname FROM pg_policies"))
        assert {tuple(row) for row in rows} == {
            (table, policy) for table in TABLES for policy in ("scope", "maintenance")
        }


async def test_every_table_with_a_client_in_it_is_behind_the_wall_or_named_here(product: Database) -> None:
    known = {
        "usage",  # money of the workspace: the meter writes batches across workspaces; see docs/isolation.md
        "api_keys",  # looked up by their hash before there is a scope
    }
    columns = "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = "
    async with product.unscoped("reads the catalogue") as session:
        found = set(await session.scalars(text(f"{columns}'client_id'")))
        threads = set(await session.scalars(text(f"{columns}'thread_id'")))
    assert found - known == set(OF_ROWS) and threads == set(second_wall.CHECKPOINTS)


async def test_the_product_itself_works_inside_it(product: Database) -> None:
    for name, scope in SCOPES.items():
        async with product.read(scope) as session:
            assert (await session.scalars(select(Conversation.id))).all() == [name]
    async with product.unscoped("counts everything") as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 3


@pytest.mark.parametrize("table", TABLES)
async def test_without_a_scope_there_are_no_rows_to_read_write_or_delete(bare: asyncpg.Connection, table: str) -> None:
    assert await count(bare, table) == 0
    assert await bare.execute(f"DELETE FROM {table}") == "DELETE 0"
    column = "thread_id" if table in second_wall.CHECKPOINTS else "workspace_id"
    assert await bare.execute(f"UPDATE {table} SET {column} = {column}") == "UPDATE 0"
    await bare.execute("SELECT set_config('camarad.workspace', '', false)")
    assert await count(bare, table) == 0


@pytest.mark.parametrize("table", TABLES)
async def test_with_a_scope_there_are_its_rows_and_no_others(bare: asyncpg.Connection, table: str) -> None:
    await enter(bare, SCOPE)
    assert await count(bare, table) == 1
    assert await bare.execute(f"DELETE FROM {table}") == "DELETE 1"
    await enter(bare, OTHER_SCOPE)
    assert await count(bare, table) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SCOPE, workspace_id=OTHER_SCOPE.workspace_id),
        replace(SCOPE, client_id=OTHER_SCOPE.client_id),
        replace(OTHER_SCOPE, workspace_id=SCOPE.workspace_id),
        Scope("%", "%", "%"),
        Scope("", "", ""),
        Scope("' OR true --", "' OR true --", "' OR true --"),
    ],
)
async def test_a_scope_that_does_not_fit_together_sees_nothing(bare: asyncpg.Connection, wrong: Scope) -> None:
    await enter(bare, wrong)
    assert [await count(bare, table) for table in TABLES] == [0] * len(TABLES)


async def test_a_colleague_sees_the_clients_connections_and_no_conversation(bare: asyncpg.Connection) -> None:
    await enter(bare, replace(SCOPE, user_id=OTHER_SCOPE.user_id))
    seen = {table for table in TABLES if await count(bare, table)}
    assert seen == {"connections", "connection_secrets"}


async def test_rows_cannot_be_made_for_or_moved_to_another_scope(bare: asyncpg.Connection) -> None:
    await enter(bare, SCOPE)
    insert = (
        "INSERT INTO conversations (id, title, agent, language, created_at, updated_at, workspace_id, client_id, "
        "user_id) VALUES ('new', '', 'a', 'en', now(), now(), $1, $2, $3)"
    )
    refused = asyncpg.InsufficientPrivilegeError
    for other in (SIBLING_SCOPE, OTHER_SCOPE):
        with pytest.raises(refused, match="row-level security"):
            await bare.execute(insert, *_ids(other))
        with pytest.raises(refused, match="row-level security"):
            await bare.execute("UPDATE conversations SET client_id = $1", other.client_id)
        with pytest.raises(refused, match="row-level security"):
            await bare.execute("UPDATE checkpoints SET thread_id = $1", thread_of(other, "stolen"))
    assert await bare.execute("UPDATE conversations SET title = 'x' WHERE id = 'other'") == "UPDATE 0"
    upsert = insert.replace("'new'", "'other'") + " ON CONFLICT (id) DO UPDATE SET title = 'taken'"
    with pytest.raises(refused):
        await bare.execute(upsert, *_ids(SCOPE))


CALL = "id, conversation_id, message_id, seq, name, agent, args, ok, started_at, duration_ms"
HANGS = (  # a table, what a row of it needs besides its scope, and its values; $4 names the conversation it hangs on
    ("messages", "id, conversation_id, seq, role, text, language, status, document, created_at",
     "'new', $4::text, 9, 'user', '', 'en', 'complete', '{}', now()"),
    ("turns", "id, conversation_id, request_id, user_message_id, answer_message_id, state, owner, heartbeat_at, trace, "
     "created_at", "'new', $4::text, 'new', 'u', 'a', 'running', 'o', now(), '{}', now()"),
    ("tool_calls", CALL, "'new', $4::text, 'm-mine', 9, 'n', 'a', '{}', true, now(), 1"),
    ("tool_calls", CALL, "'new', 'mine', 'm-' || $4::text, 9, 'n', 'a', '{}', true, now(), 1"),
    ("feedback", "id, conversation_id, message_id, value, created_at", "'new', $4::text, 'm-mine', 1, now()"),
    ("feedback", "id, conversation_id, message_id, value, created_at", "'new', 'mine', 'm-' || $4::text, 1, now()"),
)  # fmt: skip


@pytest.mark.parametrize(("table", "columns", "values"), HANGS)
async def test_a_row_hangs_on_nothing_of_another_scope_and_learns_nothing_of_what_is_there(
    bare: asyncpg.Connection, table: str, columns: str, values: str
) -> None:
    await enter(bare, SCOPE)
    insert = f"INSERT INTO {table} (workspace_id, client_id, user_id, {columns}) VALUES ($1, $2, $3, {values})"
    said = []
    for parent in ("sibling", "other", "never was"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security") as refused:
            await bare.execute(insert, *_ids(SCOPE), parent)
        said.append(str(refused.value))
    assert len(set(said)) == 1
    if table != "feedback":  # of which a message has one
        assert await bare.execute(insert, *_ids(SCOPE), "mine") == "INSERT 0 1"


async def test_a_row_cannot_be_hung_on_another_scopes_afterwards(bare: asyncpg.Connection) -> None:
    await enter(bare, SCOPE)
    for table in ("messages", "turns", "tool_calls", "feedback"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await bare.execute(f"UPDATE {table} SET conversation_id = 'other'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await bare.execute("UPDATE connection_secrets SET connection_id = 'c-other'")


async def test_every_reference_between_tables_that_clients_own_is_behind_the_wall(product: Database) -> None:
    """A new foreign key between them needs `second_wall.hanging` in its migration."""
    keys = (
        "SELECT conrelid::regclass::text, attname, confrelid::regclass::text FROM pg_constraint "
        "JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f' "
        "AND conrelid::regclass::text = ANY(:tables) AND confrelid::regclass::text = ANY(:tables)"
    )
    checks = "SELECT tablename, with_check FROM pg_policies WHERE policyname = 'scope'"
    async with product.unscoped("reads the catalogue") as session:
        found = (await session.execute(text(keys), {"tables": TABLES})).all()
        checked = {row.tablename: row.with_check for row in await session.execute(text(checks))}
    assert len(found) == 7
    for table, column, parent in found:
        assert f"FROM {parent} parent" in checked[table] and f"{table}.{column}" in checked[table], (table, column)


LIFTS = (
    "ALTER TABLE conversations DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE conversations NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE conversations OWNER TO CURRENT_USER",
    "DROP POLICY scope ON conversations",
    "ALTER POLICY scope ON conversations USING (true)",
    "CREATE POLICY mine ON conversations USING (true)",
    f"SET ROLE {OWNER}",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    f"GRANT {OWNER} TO CURRENT_USER",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "SELECT camarad_maintain('because I say so')",
    "TRUNCATE conversations CASCADE",
    "LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE; TRUNCATE feedback",
    "CREATE TABLE loot AS SELECT 1",
    "CREATE VIEW everything AS SELECT * FROM conversations",
    "CREATE FUNCTION peek() RETURNS SETOF conversations LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM conversations'",
    "CREATE TRIGGER peek BEFORE INSERT ON conversations EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE peek AS ON SELECT TO conversations DO INSTEAD SELECT 1",
    "CREATE EXTENSION dblink",
    "COPY (SELECT 1) TO '/tmp/loot'",
    "COPY conversations FROM PROGRAM 'id'",
    "COPY conversations FROM STDIN",
    "SELECT pg_read_file('PG_VERSION')",
    "DELETE FROM ct_ledger",
    "UPDATE ct_ledger SET amount = 0",
    "DELETE FROM audit_events",
    "UPDATE alembic_version SET version_num = '0001'",
)


@pytest.mark.parametrize("statement", LIFTS)
async def test_the_applications_role_cannot_lift_the_wall(bare: asyncpg.Connection, statement: str) -> None:
    refused = (asyncpg.InsufficientPrivilegeError, asyncpg.FeatureNotSupportedError)
    with pytest.raises(refused):
        await bare.execute(statement)
    assert await count(bare, "conversations") == 0


async def test_switching_row_security_off_gives_an_error_and_no_rows(bare: asyncpg.Connection) -> None:
    await bare.execute("SET row_security = off")
    for table in TABLES:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await bare.fetch(f"SELECT * FROM {table}")


async def test_the_owners_words_for_maintenance_mean_nothing_from_the_application(bare: asyncpg.Connection) -> None:
    await bare.execute("SET camarad.maintenance = 'because I say so'")
    assert [await count(bare, table) for table in TABLES] == [0] * len(TABLES)


async def test_what_the_application_may_make_for_itself_sees_no_more_than_it_does(bare: asyncpg.Connection) -> None:
    await enter(bare, SCOPE)
    await bare.execute("CREATE TEMP VIEW everything AS SELECT * FROM conversations")
    await bare.execute(
        "CREATE FUNCTION pg_temp.peek() RETURNS SETOF conversations LANGUAGE sql SECURITY DEFINER "
        "AS 'SELECT * FROM conversations'"
    )
    await bare.execute("PREPARE kept AS SELECT id FROM conversations")
    for query in (
        "SELECT id FROM everything",
        "SELECT id FROM pg_temp.peek()",
        "EXECUTE kept",
        "SELECT id FROM conversations WHERE id <> '' OR true",
        "WITH x AS MATERIALIZED (SELECT * FROM conversations) SELECT id FROM x",
        "SELECT c.id FROM messages m RIGHT JOIN conversations c ON true",
        "SELECT id FROM conversations UNION ALL SELECT conversation_id FROM messages WHERE conversation_id <> 'mine'",
        "SELECT id FROM conversations TABLESAMPLE SYSTEM (100)",
        "TABLE conversations",
    ):
        assert [row["id"] for row in await bare.fetch(query)] == ["mine"], query
    await enter(bare, OTHER_SCOPE)
    assert [row["id"] for row in await bare.fetch("EXECUTE kept")] == ["other"]


async def test_a_condition_that_would_tell_of_other_rows_is_not_asked_about_them(bare: asyncpg.Connection) -> None:
    """A cheap function of the attacker's own in the condition sees no row that the wall hides."""
    await bare.execute(
        "CREATE FUNCTION pg_temp.tell(t text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS "
        "$$ BEGIN RAISE EXCEPTION 'saw %', t; END $$"
    )
    assert await bare.fetch("SELECT id FROM conversations WHERE pg_temp.tell(title)") == []
    await enter(bare, SCOPE)
    with pytest.raises(asyncpg.RaiseError, match="saw mine"):
        await bare.fetch("SELECT id FROM conversations WHERE pg_temp.tell(title)")


async def test_copying_out_copies_own_rows(bare: asyncpg.Connection) -> None:
    copied: list[bytes] = []

    async def keep(data: bytes) -> None:
        copied.append(data)

    await bare.copy_from_table("conversations", output=keep)
    assert b"".join(copied) == b""
    await enter(bare, SCOPE)
    await bare.copy_from_query("SELECT id FROM conversations", output=keep)
    assert b"".join(copied) == b"mine\n"


async def test_statistics_of_the_planner_are_not_shown(bare: asyncpg.Connection, product: Database) -> None:
    async with product.unscoped("lets the planner look") as session:
        await session.execute(text("ANALYZE conversations"))
    shown = await bare.fetch("SELECT most_common_vals::text FROM pg_stats WHERE tablename = 'conversations'")
    assert shown == []


async def test_a_scope_ends_with_its_transaction(product: Database) -> None:
    """The next user of a pooled connection inherits nothing."""
    async with product.write(SCOPE) as session:
        await session.execute(select(Conversation.id))
    async with product.reader.connect() as connection:
        assert await connection.scalar(text("SELECT current_setting('camarad.client', true)")) in (None, "")
        assert (await connection.execute(text("SELECT id FROM conversations"))).all() == []


async def test_a_statement_after_a_savepoint_is_still_inside(product: Database) -> None:
    async with product.write(SCOPE) as session:
        with pytest.raises(RuntimeError):
            async with session.begin_nested():
                raise RuntimeError
        async with session.begin_nested():
            assert (await session.scalars(select(Conversation.id))).all() == ["mine"]
        assert (await session.scalars(select(Message.id))).all() == ["m-mine"]


async def test_maintenance_needs_the_owners_role(postgres: PostgresServer, base: str, product: Database) -> None:
    alone = Database(postgres.url(base, APPLICATION), 1)
    with pytest.raises(Misconfigured, match="one client at a time"):
        async with alone.unscoped("is not given the owner's role") as session:
            await session.execute(select(Conversation))
    await alone.close()


async def test_one_role_that_owns_the_tables_is_inside_too(postgres: PostgresServer, base: str, bare: object) -> None:
    owner = await asyncpg.connect(postgres.dsn(base, OWNER))
    assert [await count(owner, table) for table in TABLES] == [0] * len(TABLES)
    await enter(owner, SCOPE)
    assert [await count(owner, table) for table in TABLES] == [1] * len(TABLES)
    await owner.close()
    database = Database(postgres.url(base, OWNER), 1)
    standing = await second_wall.standing(database.reader)
    assert standing.problems == [] and standing.advice
    await database.close()


async def test_a_superuser_steps_down_and_readiness_says_so(postgres: PostgresServer) -> None:
    with postgres.database(f"super_{new_id()}") as url:
        await asyncio.to_thread(upgrade, url)
        database = Database(url, 1)
        async with database.write(SCOPE) as session:
            session.add(Conversation(id="mine", created_at=NOW, updated_at=NOW))
        async with database.reader.connect() as connection:
            assert await connection.scalar(text("SELECT current_user")) == second_wall.APP_ROLE
            assert (await connection.execute(text("SELECT id FROM conversations"))).all() == []
        standing = await second_wall.standing(database.reader)
        assert standing.problems == [] and standing.advice
        async with database.unscoped("maintenance is the login's own") as session:
            assert (await session.scalars(select(Conversation.id))).all() == ["mine"]
        await database.close()


async def test_a_lifted_wall_and_a_role_that_passes_it_are_found(postgres: PostgresServer) -> None:
    with postgres.database(f"lifted_{new_id()}", TEMPLATE, OWNER) as url:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.execute(text("ALTER TABLE messages NO FORCE ROW LEVEL SECURITY"))
        assert (await second_wall.standing(engine)).problems == ["messages has no forced row-level security"]
        await engine.dispose()
        plain = create_async_engine(postgres.url(url.rpartition("/")[2]))
        assert any("passes row-level security" in problem for problem in (await second_wall.standing(plain)).problems)
        await plain.dispose()


async def test_the_printed_roles_serve_a_database(postgres: PostgresServer) -> None:
    """What `database-roles` prints, run as it stands; the owner then migrates and the application serves."""
    name, owner, application = (f"{kind}_{new_id().replace('-', '')}" for kind in ("d", "o", "a"))
    host = f"127.0.0.1:{postgres.port}"
    printed = script(name, owner, application, host, ("one", "two")).splitlines()
    for statement in printed[:-2]:
        postgres.execute(statement)
    app_url, own_url = (line.partition("=")[2] for line in printed[-2:])
    await asyncio.to_thread(upgrade, own_url, app_url)
    database = Database(app_url, 1, own_url)
    assert await second_wall.standing(database.reader) == second_wall.Standing()
    async with database.write(SCOPE) as session:
        session.add(Conversation(id="mine", created_at=NOW, updated_at=NOW))
    async with database.unscoped("looks") as session:
        assert (await session.scalars(select(Conversation.id))).all() == ["mine"]
    await database.close()
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_a_server_without_the_owners_role_says_what_a_migration_needs(postgres: PostgresServer) -> None:
    with postgres.database(f"bare_{new_id()}", role=OWNER) as url:
        alone = postgres.url(url.rpartition("/")[2], APPLICATION)
        with pytest.raises(Misconfigured) as refused:
            await asyncio.to_thread(upgrade, alone)
        assert "MIGRATION_DATABASE_URL" in refused.value.hint
