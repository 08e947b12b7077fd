"""what links a pack's Checkout to its payment, and the CT that a refund or a dispute of it took back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ADDED = {
    "checkout_sessions": {"payment_id": sa.String(), "paid_cents": sa.BigInteger()},
    "payment_reversals": {"ct_taken": sa.BigInteger(), "ct_missing": sa.BigInteger()},
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for table, columns in ADDED.items():
        for name in columns:
            op.drop_column(table, name)
