"""which Google gave a secret: one of the demo's must never be sent to the real one, nor the other way round"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("connection_secrets") as table:
        table.add_column(sa.Column("source", sa.String(), nullable=False, server_default="live"))


def downgrade() -> None:
    with op.batch_alter_table("connection_secrets") as table:
        table.drop_column("source")
