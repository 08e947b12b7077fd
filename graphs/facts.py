"""The facts of the day that end every system prompt: who the client is, what is connected, who can help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.roster import AGENTS
from camarad.clock import Clock
from camarad.models import Client
from tools.record import Provider

NAMES: dict[Provider, str] = {"ga4": "Google Analytics 4", "google-ads": "Google Ads"}


def facts(client: Client, states: Mapping[Provider, Any], language: str, clock: Clock) -> dict[str, str]:
    """Short lines, in an order that keeps what changes least first. Agents add their own name."""
    return {
        "client": client.name,
        "currency": client.currency,
        "timezone": client.timezone,
        "agents": "; ".join(f"{a.slug}: {a.summary}" for a in AGENTS if a.available),
        "connections": "; ".join(f"{provider}: {_state(states.get(provider))}" for provider in NAMES),
        "today": clock.today(client.timezone).isoformat(),
        "language": language,
    }


def connected(states: Mapping[Provider, Any]) -> frozenset[Provider]:
    return frozenset(provider for provider, view in states.items() if view.state == "connected")


def _state(view: Any) -> str:
    if view is None or view.state == "not_connected":
        return "not connected"
    if view.state != "connected":
        return f"needs attention, {view.state}"
    named = view.account_name or view.account_id
    return f"connected ({named}, source {view.source})"
