"""What is connected for this client."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from camarad.scope import Scope
from web.access import CurrentScope, CurrentServices, router
from web.services import Services

routes = router("client", "connectors", prefix="/api/connectors")

NAMES = {"ga4": "Google Analytics 4", "google-ads": "Google Ads"}
NOT_YET = "Connecting a Google account is not part of this version."
MISSING = {
    "not_connected": f"No account is connected for this client. {NOT_YET}",
    "disconnected": f"The account was disconnected. {NOT_YET}",
    "expired": f"The authorisation has expired. {NOT_YET}",
    "reconnect": f"Google no longer accepts the connection. {NOT_YET}",
    "missing_scope": f"The authorisation does not cover reading reports. {NOT_YET}",
    "no_access": "The connected Google user has no access to this account.",
}


class ConnectorView(BaseModel):
    """`missing` is a sentence on what stands between this client and its numbers, null when nothing does."""

    provider: str
    name: str
    state: str
    source: str | None
    account_id: str | None
    account_name: str | None
    currency: str | None
    timezone: str | None
    last_read_at: datetime | None
    missing: str | None


class Connectors(BaseModel):
    connectors: list[ConnectorView]


async def connections(services: Services, scope: Scope) -> list[ConnectorView]:
    states = await services.connectors.states(scope)
    return [
        ConnectorView(
            provider=provider,
            name=NAMES[provider],
            state=found.state,
            source=found.source,
            account_id=found.account_id,
            account_name=found.account_name,
            currency=found.currency,
            timezone=found.timezone,
            last_read_at=found.last_read_at,
            missing=MISSING.get(found.state),
        )
        for provider, found in states.items()
    ]


@routes.get("/list", summary="Providers, their state, source and account")
async def list_connectors(scope: CurrentScope, services: CurrentServices) -> Connectors:
    return Connectors(connectors=await connections(services, scope))
