"""What is connected for this client; connecting, choosing and disconnecting it."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from fastapi import Response
from pydantic import BaseModel, Field
from starlette.requests import Request

from camarad.errors import NotFound
from camarad.scope import Scope
from tools.connectors.connection import ConnectionView
from tools.connectors.oauth import SCOPES
from tools.record import Provider
from web.access import CurrentScope, CurrentServices, acting, router
from web.audit import audited, nothing_done
from web.oauth import browser
from web.oauth.outcomes import NAMES, OAuthProblem
from web.oauth.start import begin_connecting
from web.services import Services

routes = router("client", "connectors", prefix="/api/connectors")
MANAGED = [acting("connections")]

PAGE = "/connectors"
MISSING = {
    "not_connected": "No account is connected for this client; a person connects one at /connectors.",
    "disconnected": "The account was disconnected; a person connects one at /connectors.",
    "expired": "The authorisation has expired; connect again at /connectors.",
    "reconnect": "Google no longer accepts the connection; connect again at /connectors.",
    "missing_scope": "The authorisation does not cover reading reports; connect again at /connectors and tick the box.",
    "no_access": "The connected Google user has no access to this account; choose another at /connectors.",
    "choose": "Google gave the permission, and no account was chosen yet; choose one at /connectors.",
}


class ConnectorView(BaseModel):
    """`missing` is a sentence on what stands between this client and its numbers, null when nothing does.
    `reason` is the last trouble in a stable code, `email` the Google account that gave the permission."""

    provider: str
    name: str
    state: str
    source: str | None
    account_id: str | None
    account_name: str | None
    login_account_id: str | None = None
    currency: str | None
    timezone: str | None
    last_read_at: datetime | None
    missing: str | None
    reason: str | None = None
    email: str | None = None
    missing_scopes: list[str] = Field(default_factory=list)
    needs_choice: bool = False
    configured: bool = False

    @property
    def shown(self) -> str:
        """The state as people see it: a connection without an account is one that waits for a choice."""
        return "choose" if self.needs_choice else self.state


class Connectors(BaseModel):
    connectors: list[ConnectorView]


class AuthUrl(BaseModel):
    """Where to send the person. The answer's cookie has to be in the browser that comes back."""

    url: str


class Account(BaseModel):
    """`parent` is the Analytics account or the manager account it hangs under. What cannot be read is listed with
    `selectable` false."""

    id: str
    name: str
    parent: str | None
    parent_name: str | None
    currency: str | None
    timezone: str | None
    selectable: bool


class Properties(BaseModel):
    properties: list[Account]


class Accounts(BaseModel):
    accounts: list[Account]


class Chosen(BaseModel):
    """`id` is one of the list; dashes in a customer id are ignored."""

    id: str = Field(min_length=1, max_length=64)


class Disconnected(BaseModel):
    """`revoked` says that Google ended the permission. Else `kept` says why it did not: `shared` (another connection
    uses it), `unreachable`, `unreadable`, or `no_grant` (there was none)."""

    state: str
    revoked: bool
    kept: str | None


def known(provider: str) -> Provider:
    """Raises NotFound for a connector that does not exist."""
    if provider not in NAMES:
        problem = OAuthProblem("unknown_connector")
        raise NotFound(problem.message, hint=problem.hint, code="unknown_connector")
    return cast("Provider", provider)


async def connections(services: Services, scope: Scope) -> list[ConnectorView]:
    states = await services.connectors.states(scope)
    return [connector_view(found, services.connectors.google.configured) for found in states.values()]


def connector_view(found: ConnectionView, configured: bool) -> ConnectorView:
    waits = found.connected and found.account_id is None
    granted = found.grant.scopes if found.grant else None
    lacking = [] if granted is None else [scope for scope in [SCOPES[found.provider]] if scope not in granted]
    return ConnectorView(
        provider=found.provider,
        name=NAMES[found.provider],
        state=found.state,
        source=found.source,
        account_id=found.account_id,
        account_name=found.account_name,
        login_account_id=found.login_account_id,
        currency=found.currency,
        timezone=found.timezone,
        last_read_at=found.last_read_at,
        missing=MISSING.get("choose" if waits else found.state),
        reason=found.reason,
        email=found.grant.email if found.grant else None,
        missing_scopes=lacking,
        needs_choice=waits,
        configured=configured,
    )


async def connection(services: Services, scope: Scope, provider: Provider) -> ConnectorView:
    found = (await services.connectors.states(scope))[provider]
    return connector_view(found, services.connectors.google.configured)


@routes.get("/list", summary="Providers, their state, source and account")
async def list_connectors(scope: CurrentScope, services: CurrentServices) -> Connectors:
    return Connectors(connectors=await connections(services, scope))


@routes.get(
    "/{provider}/auth-url", dependencies=MANAGED, summary="Where a person gives Google's permission for this client"
)
async def auth_url(
    provider: str, request: Request, response: Response, scope: CurrentScope, services: CurrentServices
) -> AuthUrl:
    begun = await begin_connecting(request, services, scope, known(provider))
    browser.remember_browser(request, response, begun.browser)
    return AuthUrl(url=begun.url)


@routes.head("/{provider}/auth-url", dependencies=MANAGED, include_in_schema=False)
async def auth_url_head(provider: str) -> Response:
    known(provider)
    return Response(status_code=204)


@routes.get("/{provider}/status", summary="The state of one connection")
async def status(provider: str, scope: CurrentScope, services: CurrentServices) -> ConnectorView:
    return await connection(services, scope, known(provider))


@routes.get(
    "/ga4/properties", dependencies=MANAGED, summary="The properties that the connected Google account can read"
)
async def properties(scope: CurrentScope, services: CurrentServices) -> Properties:
    return Properties(properties=await _accounts(services, scope, "ga4"))


@routes.get(
    "/google-ads/accounts", dependencies=MANAGED, summary="The accounts that the connected Google account can read"
)
async def accounts(scope: CurrentScope, services: CurrentServices) -> Accounts:
    return Accounts(accounts=await _accounts(services, scope, "google-ads"))


@routes.post(
    "/ga4/property",
    dependencies=MANAGED,
    summary="Choose the property to read for this client",
    **audited("account_chosen"),
)
async def choose_property(body: Chosen, scope: CurrentScope, services: CurrentServices) -> ConnectorView:
    return await _choose(services, scope, "ga4", body.id)


@routes.post(
    "/google-ads/account",
    dependencies=MANAGED,
    summary="Choose the account to read for this client",
    **audited("account_chosen"),
)
async def choose_account(body: Chosen, scope: CurrentScope, services: CurrentServices) -> ConnectorView:
    return await _choose(services, scope, "google-ads", body.id)


@routes.delete(
    "/{provider}",
    dependencies=MANAGED,
    summary="Disconnect, and have Google end the permission",
    **audited("connection_disconnected"),
)
async def disconnect(provider: str, request: Request, scope: CurrentScope, services: CurrentServices) -> Disconnected:
    """Disconnecting what is not connected changes nothing and is no error."""
    try:
        ended = await services.connectors.disconnect(scope, known(provider))
    except NotFound as error:
        if error.code != "not_connected":
            raise
        nothing_done(request)
        return Disconnected(state="disconnected", revoked=False, kept="no_grant")
    return Disconnected(state="disconnected", revoked=ended.revoked, kept=ended.kept)


async def _accounts(services: Services, scope: Scope, provider: Provider) -> list[Account]:
    return [
        Account(
            id=each.id,
            name=each.name,
            parent=each.parent_id,
            parent_name=each.parent_name,
            currency=each.currency,
            timezone=each.timezone,
            selectable=each.selectable,
        )
        for each in (await services.connectors.directory(scope, provider)).entries
    ]


async def _choose(services: Services, scope: Scope, provider: Provider, account: str) -> ConnectorView:
    await services.connectors.choose(scope, provider, account.strip())
    return await connection(services, scope, provider)
