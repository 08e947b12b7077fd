"""the ledger's functions, on PostgreSQL only: SQLite's single writer needs none"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FUNCTIONS = ("ct_meter_batch", "ct_close_batch", "ct_settle_batch", "ct_reserve_batch")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for statement in Path(__file__).with_suffix(".sql").read_text().split("-- next\n"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
