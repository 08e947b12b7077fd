"""what Stripe says of a workspace, what a call is priced with, and by which phase it is charged"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A row that is written, changed or deleted before the watermark marks its five minutes as no longer summed up
# (billing.rollup). On PostgreSQL the lock keeps the watermark from passing a transaction that looked at it before.
STRETCH = "strftime('%Y-%m-%d %H:%M:%S.000000', strftime('%s', substr({row}.at, 1, 19)) / 300 * 300, 'unixepoch')"
UPTO = "(SELECT upto FROM usage_rolled WHERE id = 'usage')"
MARK_SQLITE = """
CREATE TRIGGER usage_mark_{event}_{row} AFTER {event} ON usage WHEN {row}.at < {upto}
BEGIN INSERT INTO usage_marks (at) VALUES ({stretch}); END
"""
ON_SQLITE = (("insert", "new"), ("update", "old"), ("update", "new"), ("delete", "old"))
MARK_POSTGRES = """
CREATE FUNCTION usage_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7301220432);
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO usage_marks (at)
    SELECT DISTINCT date_bin('5 minutes', r.at, timestamptz '1970-01-01 00:00:00+00') FROM new_rows r
     WHERE r.at < (SELECT upto FROM usage_rolled WHERE id = 'usage');
  END IF;
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO usage_marks (at)
    SELECT DISTINCT date_bin('5 minutes', r.at, timestamptz '1970-01-01 00:00:00+00') FROM old_rows r
     WHERE r.at < (SELECT upto FROM usage_rolled WHERE id = 'usage');
  END IF;
  RETURN NULL;
END $$
"""
ON_POSTGRES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def _make_marks() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event, row in ON_SQLITE:
            stretch = STRETCH.format(row=row)
            op.get_bind().exec_driver_sql(MARK_SQLITE.format(event=event, row=row, upto=UPTO, stretch=stretch))
        return
    op.get_bind().exec_driver_sql(MARK_POSTGRES)
    for event, tables in ON_POSTGRES.items():
        op.get_bind().exec_driver_sql(
            f"CREATE TRIGGER usage_mark_{event} AFTER {event} ON usage REFERENCING {tables} "
            "FOR EACH STATEMENT EXECUTE FUNCTION usage_mark()"
        )


def _drop_marks() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event, row in ON_SQLITE:
            op.execute(f"DROP TRIGGER usage_mark_{event}_{row}")
        return
    for event in ON_POSTGRES:
        op.execute(f"DROP TRIGGER usage_mark_{event} ON usage")
    op.execute("DROP FUNCTION usage_mark")


def upgrade() -> None:
    op.create_table(
        "ct_refusals",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("phase IN (2, 3)", name=op.f("ck_ct_refusals_phase")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ct_refusals")),
    )
    with op.batch_alter_table("ct_refusals") as table:
        table.create_index(table.f("ix_ct_refusals_at"), ["at"], unique=False)
        table.create_index("ix_ct_refusals_workspace_at", ["workspace_id", "at"], unique=False)
    op.create_table(
        "phase3_windows",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_phase3_windows_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phase3_windows")),
    )
    op.create_table(
        "usage_rollups",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dim", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("rows_with_tokens", sa.BigInteger(), nullable=False),
        sa.Column("rows_with_cost", sa.BigInteger(), nullable=False),
        sa.Column("rows_estimated", sa.BigInteger(), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_cached", sa.BigInteger(), nullable=False),
        sa.Column("tokens_cache_write", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("cost_eur_micro", sa.BigInteger(), nullable=False),
        sa.Column("billable_eur_micro", sa.BigInteger(), nullable=False),
        sa.Column("ct_actual", sa.BigInteger(), nullable=False),
        sa.Column("ct_shadow", sa.BigInteger(), nullable=False),
        sa.Column("phase3_rows", sa.BigInteger(), nullable=False),
        sa.Column("phase3_ct", sa.BigInteger(), nullable=False),
        sa.Column("flag_tokens", sa.BigInteger(), nullable=False),
        sa.Column("flag_cached", sa.BigInteger(), nullable=False),
        sa.Column("flag_cache_write", sa.BigInteger(), nullable=False),
        sa.Column("flag_estimated", sa.BigInteger(), nullable=False),
        sa.Column("flag_priced", sa.BigInteger(), nullable=False),
        sa.Column("flag_catalog", sa.BigInteger(), nullable=False),
        sa.Column("flag_calls", sa.BigInteger(), nullable=False),
        sa.Column("flag_call_cost", sa.BigInteger(), nullable=False),
        sa.Column("flag_late", sa.BigInteger(), nullable=False),
        sa.Column("ct_actual_values", sa.LargeBinary(), nullable=True),
        sa.Column("ct_shadow_values", sa.LargeBinary(), nullable=True),
        sa.Column("cost_values", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("level", "start", "dim", "key", name=op.f("pk_usage_rollups")),
    )
    op.create_table(
        "usage_marks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_marks")),
    )
    with op.batch_alter_table("usage_marks") as table:
        table.create_index(table.f("ix_usage_marks_at"), ["at"], unique=False)
    op.create_table(
        "usage_rolled",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("upto", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_rolled")),
    )
    op.create_table(
        "price_stamps",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("numbers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_stamps")),
    )
    op.create_table(
        "stripe_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_events")),
    )
    with op.batch_alter_table("stripe_events") as table:
        table.create_index(table.f("ix_stripe_events_customer_id"), ["customer_id"], unique=False)
        table.create_index(
            "ix_stripe_events_waiting",
            ["received_at"],
            unique=False,
            sqlite_where=sa.text("handled_at IS NULL"),
            postgresql_where=sa.text("handled_at IS NULL"),
        )
    op.create_table(
        "billing_accounts",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticket", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("written", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lapsed_period", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_billing_accounts_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_billing_accounts")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_billing_accounts_customer_id")),
    )
    op.create_table(
        "billing_leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_billing_leases")),
    )
    op.create_table(
        "checkout_sessions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('plan', 'topup')", name=op.f("ck_checkout_sessions_purpose")),
        sa.CheckConstraint("state IN ('open', 'complete', 'expired')", name=op.f("ck_checkout_sessions_state")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_checkout_sessions_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout_sessions")),
    )
    with op.batch_alter_table("checkout_sessions") as table:
        table.create_index(table.f("ix_checkout_sessions_workspace_id"), ["workspace_id"], unique=False)
    op.create_table(
        "invoices",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("subscription_id", sa.String(), nullable=True),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("page_url", sa.String(), nullable=True),
        sa.Column("pdf_url", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_invoices_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
    )
    with op.batch_alter_table("invoices") as table:
        table.create_index("ix_invoices_recent", ["workspace_id", "created_at"], unique=False)
    op.create_table(
        "payment_reversals",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("payment_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('refund', 'dispute')", name=op.f("ck_payment_reversals_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_payment_reversals_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_reversals")),
    )
    with op.batch_alter_table("payment_reversals") as table:
        table.create_index(table.f("ix_payment_reversals_workspace_id"), ["workspace_id"], unique=False)
    op.create_table(
        "plan_features",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("lookup_key", sa.String(), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_plan_features_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "lookup_key", name=op.f("pk_plan_features")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("price_id", sa.String(), nullable=False),
        sa.Column("plan_code", sa.String(), nullable=True),
        sa.Column("next_plan_code", sa.String(), nullable=True),
        sa.Column("current_period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current_period_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trial_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_invoice_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_invoice_cents", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_subscriptions_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    with op.batch_alter_table("subscriptions") as table:
        table.create_index(table.f("ix_subscriptions_workspace_id"), ["workspace_id"], unique=False)
    with op.batch_alter_table("ct_holds") as table:
        table.add_column(sa.Column("phase", sa.Integer(), server_default="2", nullable=False))
    with op.batch_alter_table("ct_rates") as table:
        table.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        table.add_column(sa.Column("source", sa.String(), server_default="operator", nullable=False))
        table.add_column(sa.Column("note", sa.String(), server_default="", nullable=False))
    with op.batch_alter_table("ct_wallets") as table:
        table.add_column(sa.Column("daily_cap", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("pricing_catalog") as table:
        table.add_column(sa.Column("kind", sa.String(), server_default="model", nullable=False))
        table.add_column(sa.Column("provider", sa.String(), server_default="", nullable=False))
        table.add_column(sa.Column("cache_write_price", sa.BigInteger(), server_default="0", nullable=False))
        table.add_column(sa.Column("call_price", sa.BigInteger(), server_default="0", nullable=False))
    with op.batch_alter_table("usage") as table:
        table.add_column(sa.Column("phase", sa.Integer(), server_default="2", nullable=False))
        table.add_column(sa.Column("stamp", sa.String(), nullable=True))
        table.add_column(sa.Column("coverage", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("tokens_cache_write", sa.Integer(), server_default="0", nullable=False))
        table.add_column(
            sa.Column(
                "calls",
                sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
                server_default="{}",
                nullable=False,
            )
        )
        table.add_column(sa.Column("billable_micro_eur", sa.BigInteger(), nullable=True))
    _make_marks()


def downgrade() -> None:
    _drop_marks()
    with op.batch_alter_table("usage") as table:
        table.drop_column("billable_micro_eur")
        table.drop_column("calls")
        table.drop_column("tokens_cache_write")
        table.drop_column("coverage")
        table.drop_column("stamp")
        table.drop_column("phase")
    with op.batch_alter_table("pricing_catalog") as table:
        table.drop_column("call_price")
        table.drop_column("cache_write_price")
        table.drop_column("provider")
        table.drop_column("kind")
    with op.batch_alter_table("ct_wallets") as table:
        table.drop_column("daily_cap")
    with op.batch_alter_table("ct_rates") as table:
        table.drop_column("note")
        table.drop_column("source")
        table.drop_column("version")
    with op.batch_alter_table("ct_holds") as table:
        table.drop_column("phase")
    op.drop_table("subscriptions")
    op.drop_table("plan_features")
    op.drop_table("payment_reversals")
    op.drop_table("invoices")
    op.drop_table("checkout_sessions")
    op.drop_table("billing_leases")
    op.drop_table("billing_accounts")
    op.drop_table("stripe_events")
    op.drop_table("price_stamps")
    op.drop_table("usage_rolled")
    op.drop_table("usage_marks")
    op.drop_table("usage_rollups")
    op.drop_table("phase3_windows")
    op.drop_table("ct_refusals")
