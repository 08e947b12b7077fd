"""rows may only hang on rows that their scope sees, on PostgreSQL only: a foreign key asks for any row"""

from __future__ import annotations

from alembic import op

from camarad.second_wall import BY_CLIENT, BY_SCOPE, hanging

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CONVERSATION, MESSAGE = ("conversation_id", "conversations"), ("message_id", "messages")
RULES = {
    "messages": (BY_SCOPE, (CONVERSATION,)),
    "turns": (BY_SCOPE, (CONVERSATION,)),
    "tool_calls": (BY_SCOPE, (CONVERSATION, MESSAGE)),
    "feedback": (BY_SCOPE, (CONVERSATION, MESSAGE)),
    "connection_secrets": (BY_CLIENT, (("connection_id", "connections"),)),
}


def upgrade() -> None:
    _check(hang=True)


def downgrade() -> None:
    _check(hang=False)


def _check(*, hang: bool) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, (rule, parents) in RULES.items():
        check = f"{rule} AND {hanging(table, parents)}" if hang else rule
        op.get_bind().exec_driver_sql(f"ALTER POLICY scope ON {table} WITH CHECK ({check})")
