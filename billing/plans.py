"""The plans and the top-up packs, each a record: what it costs and allows. Prices in EUR cents without VAT.

Stripe is checked against these records (`python -m camarad billing sync-catalog`); adding a plan is adding one here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Limit = Literal["clients", "members", "connections", "flows", "scheduled_runs"]


@dataclass(frozen=True, slots=True)
class Plan:
    """`ct_included` come with each paid month; Free's come once. `max_clients` counts a workspace's own clients,
    demo clients come on top. `lookup_key` names its price at Stripe; Free has none, since nobody pays for it."""

    code: str
    name: str
    price_eur_cents: int
    ct_included: int
    daily_ct_cap: int
    max_clients: int
    max_members: int
    max_connections: int
    max_flows: int
    max_scheduled_runs: int
    lookup_key: str | None = None
    available: bool = True

    @property
    def paid(self) -> bool:
        return self.lookup_key is not None

    @property
    def feature(self) -> str:
        """The lookup key of the entitlement that Stripe gives with the plan's product."""
        return f"camarad_plan_{self.code}"

    def limit(self, name: Limit) -> int:
        return int(getattr(self, f"max_{name}"))


@dataclass(frozen=True, slots=True)
class Pack:
    """CT bought once; they stay until they are used."""

    code: str
    name: str
    price_eur_cents: int
    ct: int
    lookup_key: str


PLANS = (
    Plan(
        "free",
        "Free",
        price_eur_cents=0,
        ct_included=2_000,
        daily_ct_cap=2_000,
        max_clients=5,
        max_members=2,
        max_connections=10,
        max_flows=5,
        max_scheduled_runs=0,
    ),
    Plan(
        "starter",
        "Starter",
        price_eur_cents=600,
        ct_included=6_000,
        daily_ct_cap=3_000,
        max_clients=10,
        max_members=3,
        max_connections=20,
        max_flows=20,
        max_scheduled_runs=30,
        lookup_key="camarad_starter_month_eur",
    ),
    Plan(
        "pro",
        "Pro",
        price_eur_cents=1_800,
        ct_included=20_000,
        daily_ct_cap=8_000,
        max_clients=30,
        max_members=10,
        max_connections=60,
        max_flows=100,
        max_scheduled_runs=300,
        lookup_key="camarad_pro_month_eur",
    ),
    Plan(
        "enterprise",
        "Enterprise",
        price_eur_cents=4_000,
        ct_included=50_000,
        daily_ct_cap=20_000,
        max_clients=150,
        max_members=50,
        max_connections=300,
        max_flows=1_000,
        max_scheduled_runs=3_000,
        lookup_key="camarad_enterprise_month_eur",
    ),
)
PACKS = (
    Pack("ct-5000", "5,000 CT", price_eur_cents=500, ct=5_000, lookup_key="camarad_ct_5000_eur"),
    Pack("ct-22000", "22,000 CT", price_eur_cents=2_000, ct=22_000, lookup_key="camarad_ct_22000_eur"),
)
FREE = PLANS[0]


def plan(code: str) -> Plan:
    """The plan of that code; a code this version does not know falls back to Free's limits."""
    return next((p for p in PLANS if p.code == code), FREE)
