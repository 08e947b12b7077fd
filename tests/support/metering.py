"""Building blocks for tests of the meter."""

from __future__ import annotations

from typing import Any

from billing.call import Settlement
from tests.support.seed import SCOPE

WORKSPACE = SCOPE.workspace_id


def settlement(request_id: str = "r1", tokens_in: int = 1000, tokens_out: int = 1000, **other: Any) -> Settlement:
    """A settled call of 5 CT at the default tariff, unless told otherwise."""
    given: dict[str, Any] = {
        "workspace_id": WORKSPACE,
        "request_id": request_id,
        "client_id": SCOPE.client_id,
        "user_id": SCOPE.user_id,
        "conversation_id": "conversation",
        "turn_id": "turn",
        "agent": "ppc-specialist",
        "model": "camarad/embedded",
        "status": "settled",
        "tokens_in": tokens_in,
        "tokens_cached": 0,
        "tokens_out": tokens_out,
        "attempts": [{"model": "camarad/embedded", "ok": True}],
        "duration_ms": 12,
    }
    return Settlement(**{**given, **other})


def costing(ct: int, request_id: str, **other: Any) -> Settlement:
    """A settlement of exactly `ct` at the default tariff."""
    return settlement(request_id, tokens_in=ct * 1000, tokens_out=0, **other)
