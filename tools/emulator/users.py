"""The made-up Google accounts: roles, not people, and what each may read. No Google import here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from tools.emulator import network
from tools.emulator.agency import DEMO_CLIENTS, DemoClient

DOMAIN = "camarad.example"
_NETWORK_PROPERTIES = frozenset(c.ga4.property_id for c in DEMO_CLIENTS[2:] if c.ga4)


@dataclass(frozen=True, slots=True)
class GoogleUser:
    """`customers` are the Ads accounts the user has access to without a manager in between."""

    email: str
    name: str
    about: str
    properties: frozenset[str] = frozenset()
    customers: tuple[str, ...] = ()
    email_verified: bool = True

    @property
    def subject(self) -> str:
        """Google's stable id of an account: 21 digits, never the address."""
        digest = int.from_bytes(hashlib.sha256(self.email.encode()).digest()[:8])
        return f"1{digest:020d}"


NOBODY = GoogleUser("", "", "nothing")


def google_users(
    properties: Iterable[str], customers: Iterable[str], fixtures: Iterable[DemoClient]
) -> dict[str, GoogleUser]:
    """Everybody by e-mail; `customers` are all accounts without a manager. The first one sees what `demo` sees."""
    everything = frozenset(properties)
    roles = (
        GoogleUser(f"agency@{DOMAIN}", "Agency manager", "every_client", everything, tuple(customers)),
        GoogleUser(f"reader@{DOMAIN}", "Analytics reader", "analytics_only", everything),
        _of_client(DEMO_CLIENTS[0], "marketing@lampadar.example", "Lampadar marketing"),
        GoogleUser(f"network@{DOMAIN}", "Network manager", "other_clients", _NETWORK_PROPERTIES, network.DIRECT),
        GoogleUser(f"empty@{DOMAIN}", "Empty account", "nothing"),
        GoogleUser(f"unverified@{DOMAIN}", "Unverified address", "unverified", email_verified=False),
        *(_of_client(client, f"{client.id.lower()}@{DOMAIN}", client.name) for client in fixtures),
    )
    found: dict[str, GoogleUser] = {}
    for user in roles:
        found.setdefault(user.email, user)
    return found


def _of_client(client: DemoClient, email: str, name: str) -> GoogleUser:
    """Somebody who works for one client: its own property and account, no manager."""
    properties = frozenset([client.ga4.property_id] if client.ga4 else [])
    customers = (client.google_ads.customer_id.replace("-", ""),) if client.google_ads else ()
    return GoogleUser(email, name, "one_client", properties, customers)
