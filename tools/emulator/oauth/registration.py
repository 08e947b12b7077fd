"""The programs registered at this Google, and where it may send people back to."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

CLIENT_ID = "camarad-demo"
CLIENT_SECRET = "camarad-demo-secret"  # noqa: S105 (opens nothing but made-up data)


@dataclass(frozen=True, slots=True)
class Client:
    id: str
    secret: str
    name: str


CLIENTS = {
    client.id: client
    for client in (
        Client(CLIENT_ID, CLIENT_SECRET, "Camarad"),
        Client("other-demo", "other-demo-secret", "Another app"),  # so that one cannot use what the other was given
    )
}


class Registration:
    """Every path on loopback is registered, on any port; other hosts only when they were named at the start."""

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self._hosts = frozenset(host.strip().lower() for host in hosts if host.strip())

    def client(self, client_id: str) -> Client | None:
        return CLIENTS.get(client_id)

    def is_secret(self, client: Client, secret: str) -> bool:
        return hmac.compare_digest(client.secret.encode(), secret.encode())

    def allows(self, redirect_uri: str) -> bool:
        """Google refuses fragments, names inside the address, and what is not http or https."""
        try:
            parts = urlsplit(redirect_uri)
            host = (parts.hostname or "").lower()
            parts.port  # noqa: B018 (raises on a port that is none)
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or parts.username is not None or "#" in redirect_uri or not host:
            return False
        return _is_loopback(host) or host in self._hosts


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
