"""the metering's keys begin with the request: its ids grow with time, so a batch of calls of many workspaces ends up on
the same few pages of an index instead of one for each workspace

A workspace's debits are found through its usage rows; what else it has booked has an index of its own.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ACROSS = {  # table: the constraint, and its columns before and since
    "ct_holds": ("PRIMARY KEY", ("workspace_id", "request_id"), ("request_id", "workspace_id")),
    "ct_ledger": ("UNIQUE", ("workspace_id", "request_id", "kind"), ("request_id", "workspace_id", "kind")),
    "usage": ("UNIQUE", ("workspace_id", "request_id"), ("request_id", "workspace_id")),
}
NOT_DEBITS = {"sqlite_where": sa.text("kind <> 'debit'"), "postgresql_where": sa.text("kind <> 'debit'")}


def upgrade() -> None:
    for table, (rule, before, since) in ACROSS.items():
        _change(table, rule, before, since)
    op.create_index("ix_ct_ledger_bookings", "ct_ledger", ["workspace_id", "at"], **NOT_DEBITS)


def downgrade() -> None:
    op.drop_index("ix_ct_ledger_bookings", "ct_ledger")
    for table, (rule, before, since) in ACROSS.items():
        _change(table, rule, since, before)


def _change(table: str, rule: str, before: tuple[str, ...], since: tuple[str, ...]) -> None:
    was, made = _name(table, rule, before), _name(table, rule, since)
    if op.get_bind().dialect.name == "sqlite":
        _copy(table, f"CONSTRAINT {was} {rule} ({', '.join(before)})", f"CONSTRAINT {made} {rule} ({', '.join(since)})")
        return
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {was}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {made} {rule} ({', '.join(since)})")


def _name(table: str, rule: str, columns: tuple[str, ...]) -> str:
    return f"pk_{table}" if rule == "PRIMARY KEY" else f"uq_{table}_{'_'.join(columns)}"


def _copy(table: str, before: str, since: str) -> None:
    """SQLite cannot change a constraint: the table is made again from its own text, with its indexes and triggers."""
    connection = op.get_bind()
    texts = "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL AND type {} 'table'"
    made = connection.scalar(sa.text(texts.format("=")), {"table": table})
    beside = connection.scalars(sa.text(texts.format("<>")), {"table": table}).all()
    if made is None or before not in made:
        raise RuntimeError(f"{table} has no {before}")
    columns = ", ".join(row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})"))
    text = re.sub(rf'^CREATE TABLE "?{table}"?', f"CREATE TABLE {table}_new", made).replace(before, since)
    for statement in (
        text,
        f"INSERT INTO {table}_new ({columns}) SELECT {columns} FROM {table} ORDER BY rowid",
        f"DROP TABLE {table}",
        f"ALTER TABLE {table}_new RENAME TO {table}",
        *beside,
    ):
        connection.exec_driver_sql(statement)
