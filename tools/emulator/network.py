"""A second agency, for what pickers meet at Google: managers under managers, accounts that were cancelled or suspended,
and a test manager with nothing under it. Its accounts have no campaigns. No Google import here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ENABLED", "CANCELED", "SUSPENDED"]


@dataclass(frozen=True, slots=True)
class NetworkAccount:
    customer_id: str
    name: str
    manager_id: str | None = None
    currency: str = "RON"
    is_manager: bool = False
    status: Status = "ENABLED"
    is_test: bool = False


_TOP, _SUB, _TEST, _CLOSED = "9000000010", "9000000011", "9000000012", "4100000082"

NETWORK: tuple[NetworkAccount, ...] = (
    NetworkAccount(_TOP, "Camarad Demo Network", currency="EUR", is_manager=True),
    NetworkAccount(_SUB, "Network, Romania", _TOP, is_manager=True),
    NetworkAccount("4100000081", "Atelier Lut", _SUB),
    NetworkAccount(_CLOSED, "Magazin Vechi", _SUB, status="CANCELED"),
    NetworkAccount("4100000083", "Studio Nord", _TOP, currency="EUR", status="SUSPENDED"),
    NetworkAccount(_TEST, "Network test manager", currency="EUR", is_manager=True, is_test=True),
)
DIRECT = (_TOP, _TEST, _CLOSED)  # what its manager reaches without naming a manager
IDS = frozenset(account.customer_id for account in NETWORK)
