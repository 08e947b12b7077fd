"""Every table, and what becomes of its rows when a workspace's data are exported and when it is erased.

A table that is not named here fails a test, so that whatever is stored later is thought of too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Owner = Literal["workspace", "person", "customer", "nobody"]


@dataclass(frozen=True, slots=True)
class Holding:
    """`owner` is how rows are found: by workspace_id, by the people in it, by its customer at Stripe, or not at all.
    `secret` columns never leave. `kept` says why the rows outlive the workspace; without it they are erased."""

    table: str
    owner: Owner
    secret: frozenset[str] = frozenset()
    kept: str = ""


ACCOUNTING: Final = "accounts and the papers behind them have to be kept for years"
NOT_TENANT: Final = "belongs to the operator, not to a workspace"

# In the order of erasing: rows before the rows they refer to.
HOLDINGS: Final = (
    Holding("feedback", "workspace"),
    Holding("tool_calls", "workspace"),
    Holding("turns", "workspace"),
    Holding("messages", "workspace"),
    Holding("conversations", "workspace"),
    Holding("connection_secrets", "workspace", frozenset({"refresh_token", "access_token", "lease_holder"})),
    Holding("connections", "workspace"),
    Holding("clients", "workspace"),
    Holding("usage", "workspace"),
    Holding("ct_refusals", "workspace"),
    Holding("ct_ledger", "workspace"),
    Holding("ct_holds", "workspace"),
    Holding("ct_wallets", "workspace"),
    Holding("plan_features", "workspace"),
    Holding("checkout_sessions", "workspace"),
    Holding("subscriptions", "workspace"),
    Holding("stripe_events", "customer"),
    Holding("invoices", "workspace", kept=ACCOUNTING),
    Holding("payment_reversals", "workspace", kept=ACCOUNTING),
    Holding("billing_accounts", "workspace", kept=ACCOUNTING),
    Holding("invitations", "workspace", frozenset({"token_hash"})),
    Holding("api_keys", "workspace", frozenset({"secret_hash"})),
    Holding("auth_sessions", "workspace", frozenset({"token_hash", "csrf_token"})),
    Holding("audit_events", "workspace"),
    Holding("memberships", "workspace"),
    Holding("identities", "person"),
    Holding("users", "person", frozenset({"password_hash"})),
    Holding("workspaces", "workspace", kept="a row without a name, for the papers that are kept to refer to"),
    Holding("oauth_states", "nobody", kept="hashes of states, gone within the hour"),
    Holding("billing_leases", "nobody", kept=NOT_TENANT),
    Holding("rate_counters", "nobody", kept="hashes, gone within a day"),
    Holding("pricing_catalog", "nobody", kept=NOT_TENANT),
    Holding("ct_rates", "nobody", kept=NOT_TENANT),
    Holding("price_stamps", "nobody", kept=NOT_TENANT),
    Holding("phase3_windows", "nobody", kept=NOT_TENANT),
    Holding("usage_rollups", "nobody", kept="sums of usage rows, made again from what is left of them, gone in days"),
    Holding("usage_marks", "nobody", kept="moments whose sums have to be made again"),
    Holding("usage_rolled", "nobody", kept=NOT_TENANT),
)
