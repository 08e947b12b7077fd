"""the ledger's functions know prices, phases and caps of plans, on PostgreSQL only"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

REPLACED = ("ct_meter_batch", "ct_settle_batch", "ct_reserve_batch")
HERE = Path(__file__)


def upgrade() -> None:
    _replace(HERE.with_suffix(".sql"))


def downgrade() -> None:
    _replace(HERE.with_name("0002_ledger_functions.sql"))


def _replace(file: Path) -> None:
    """Their arguments change, so they are made anew instead of replaced."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in REPLACED:
        op.execute(f"DROP FUNCTION {name}")
    for statement in file.read_text().split("-- next\n"):
        if any(f"CREATE FUNCTION {name}(" in statement for name in REPLACED):
            op.get_bind().exec_driver_sql(statement)
