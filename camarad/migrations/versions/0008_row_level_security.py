"""row-level security on the tables that clients own, on PostgreSQL only: the second wall

LangGraph's tables are made here as well, as its saver for PostgreSQL makes them up to its tenth step, since the
application's role may not make any. They hold what is being answered, keyed by a thread that begins with its scope.
"""

from __future__ import annotations

from alembic import op

from camarad.second_wall import BY_CLIENT, BY_SCOPE, BY_THREAD, MAINTAIN_FUNCTION, protection

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CLIENTS = ("connections", "connection_secrets")
PEOPLES = ("conversations", "messages", "tool_calls", "turns", "feedback")
CHECKPOINTS = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
STEPS = 10
LANGGRAPH = (
    "CREATE TABLE IF NOT EXISTS checkpoint_migrations (v INTEGER PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS checkpoints (thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '', "
    "checkpoint_id TEXT NOT NULL, parent_checkpoint_id TEXT, type TEXT, checkpoint JSONB NOT NULL, "
    "metadata JSONB NOT NULL DEFAULT '{}', PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id))",
    "CREATE TABLE IF NOT EXISTS checkpoint_blobs (thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '', "
    "channel TEXT NOT NULL, version TEXT NOT NULL, type TEXT NOT NULL, blob BYTEA, "
    "PRIMARY KEY (thread_id, checkpoint_ns, channel, version))",
    "CREATE TABLE IF NOT EXISTS checkpoint_writes (thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '', "
    "checkpoint_id TEXT NOT NULL, task_id TEXT NOT NULL, idx INTEGER NOT NULL, channel TEXT NOT NULL, type TEXT, "
    "blob BYTEA NOT NULL, task_path TEXT NOT NULL DEFAULT '', "
    "PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx))",
    *(f"CREATE INDEX IF NOT EXISTS {name}_thread_id_idx ON {name} (thread_id)" for name in CHECKPOINTS),
    f"INSERT INTO checkpoint_migrations (v) SELECT generate_series(0, {STEPS - 1}) ON CONFLICT DO NOTHING",
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    rules = dict.fromkeys(CLIENTS, BY_CLIENT) | dict.fromkeys(PEOPLES, BY_SCOPE) | dict.fromkeys(CHECKPOINTS, BY_THREAD)
    protections = [statement for table, rule in rules.items() for statement in protection(table, rule)]
    for statement in (*LANGGRAPH, *MAINTAIN_FUNCTION, *protections):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in (*CLIENTS, *PEOPLES):
        op.execute(f"DROP POLICY scope ON {table}")
        op.execute(f"DROP POLICY maintenance ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for table in (*CHECKPOINTS, "checkpoint_migrations"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION camarad_maintain")
