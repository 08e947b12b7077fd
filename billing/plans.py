"""The plans, in one table: what each costs and allows. Prices in EUR cents a month, without VAT."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """`max_clients` counts a workspace's own clients; demo clients come on top."""

    code: str
    name: str
    price_eur_cents: int
    max_clients: int
    available: bool = True


PLANS = (Plan("free", "Free", price_eur_cents=0, max_clients=5),)


def plan(code: str) -> Plan:
    """The plan of that code; a code this version does not know falls back to Free's limits."""
    return next((p for p in PLANS if p.code == code), PLANS[0])
