"""The one door to providers: a scope in, a connector bound to that client's own connection out."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, cast

from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput, Misconfigured, NotFound
from camarad.log import get_logger
from camarad.scope import Scope
from camarad.settings import Settings
from tools.connectors import connection, directory, errors, google, grants, places
from tools.connectors.broker import Broker
from tools.connectors.cache import Cache
from tools.connectors.calls import Calls
from tools.connectors.channels import Channels, Endpoint
from tools.connectors.connection import PROVIDERS, ConnectionView
from tools.connectors.directory import Listing
from tools.connectors.errors import ConnectorError
from tools.connectors.ga4 import Ga4Connector
from tools.connectors.gateway import Gateway, failure
from tools.connectors.google_ads import AdsConnector
from tools.connectors.grants import Disconnection
from tools.connectors.oauth import Google, Granted
from tools.connectors.routes import Route, consented_route, demo_route
from tools.connectors.session import Session, check
from tools.connectors.vault import Vault
from tools.record import Provider

log = get_logger("connectors")


class Connectors:
    """Channels, cache and breakers of one process, shared by every client. No connection's data leaves its scope:
    connections are read through the scoped database, and every cache key begins with the connection's id."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, emulator_address: str | None) -> None:
        self.settings = settings
        self._database, self._clock, self._emulator = database, clock, emulator_address
        self.google, self.vault = Google(settings, clock), Vault(settings)
        self._broker = Broker(database, self.vault, self.google, clock)
        self.gateway = Gateway(settings)
        self._channels = Channels()
        self._cache = Cache(clock)
        self._calls: dict[tuple[Provider, Endpoint], Calls] = {}

    async def start(self) -> None:
        """Nothing runs in the background: channels are opened by the first call."""

    async def warm(self) -> None:
        """Import Google's clients in a thread, so that no question waits for them."""
        for provider in PROVIDERS:
            try:
                await google.ready(provider)
            except ImportError as error:
                log.error("google_client_missing", provider=provider, cause=str(error))

    async def close(self) -> None:
        await self._cache.close()
        await self._broker.close()
        await self._channels.close()

    # what is connected

    async def states(self, scope: Scope) -> dict[Provider, ConnectionView]:
        """Every provider's state for this client; `not_connected` when there is none."""
        return await connection.load(self._database, scope)

    async def check_room(self, scope: Scope, provider: Provider) -> None:
        """Raises PlanLimit when the workspace's plan has no place for this connection."""
        await places.check(self._database, scope, provider)

    async def connect(self, scope: Scope, provider: Provider, granted: Granted) -> ConnectionView:
        """Keep a consent. The view is `connected`, without an account until one is chosen, or `missing_scope`."""
        source = self.google.source or "live"
        now = self._clock.now()
        await grants.connect(self._database, scope, provider, granted, self.vault, source, now)
        return await self._changed(scope, provider)

    async def disconnect(self, scope: Scope, provider: Provider) -> Disconnection:
        """Forget the consent and revoke it at Google, unless another connection lives from it. Raises NotFound."""
        before = (await self.states(scope))[provider]
        done = await grants.disconnect(self._database, scope, provider, self.vault, self.google, self._clock.now())
        self._forget(before)
        return done

    async def choose(self, scope: Scope, provider: Provider, account_id: str) -> ConnectionView:
        """Read this property or account from now on; Google is asked for it first. Raises BadInput for an id of another
        kind, ConnectorError `..._permission` for what the consent does not reach."""
        session = await self._listing_session(scope, provider, refresh=False)
        account = await directory.find(session, account_id)
        await grants.choose(self._database, scope, cast("str", session.view.id), account, self._clock.now())
        return await self._changed(scope, provider)

    async def confirm(self, scope: Scope, provider: Provider) -> ConnectionView:
        """After a new consent: whether it reaches the account chosen before, which may now lie under another manager.
        When not, the state is `no_access`. A Google that does not answer says nothing either way."""
        view = (await self.states(scope))[provider]
        try:
            return await self.choose(scope, provider, view.account_id or "")
        except ConnectorError as error:
            if error.kind != "permission":
                return (await self.states(scope))[provider]
        except BadInput:
            pass  # it is cancelled, suspended, or of a kind that cannot be read
        view = (await self.states(scope))[provider]
        await connection.mark(self._database, scope, view, "no_access", "not_reached", self._clock.now())
        return await self._changed(scope, provider)

    async def directory(self, scope: Scope, provider: Provider, refresh: bool = False) -> Listing:
        """What can be chosen; kept for a few minutes."""
        return await directory.listing(await self._listing_session(scope, provider, refresh))

    async def use_gateway(self, scope: Scope, provider: Provider, use: bool) -> ConnectionView:
        """Read through the gateway from now on, or the client's own way again. A client without a consent may be read
        through the gateway alone. Raises Misconfigured when this server has none, Conflict for a demo connection."""
        if use and self.gateway.reason in ("gateway_off", "gateway_not_configured"):
            raise Misconfigured("The gateway is not switched on on this server.", code="gateway_off")
        await grants.use_gateway(self._database, scope, provider, use, self._clock.now())
        return await self._changed(scope, provider)

    async def _changed(self, scope: Scope, provider: Provider) -> ConnectionView:
        view = (await self.states(scope))[provider]
        self._forget(view)
        return view

    def _forget(self, view: ConnectionView) -> None:
        """Nothing that was read or held for the connection before is used again."""
        if view.id is not None:
            self._cache.forget(view.id)
            self._broker.forget(view.id)

    # reading

    async def ga4(self, scope: Scope, refresh: bool = False) -> Ga4Connector:
        """Raises ConnectorError `ga4_not_connected` and the like. `refresh` skips what is kept."""
        return Ga4Connector(await self._session(scope, "ga4", refresh))

    async def google_ads(self, scope: Scope, refresh: bool = False) -> AdsConnector:
        return AdsConnector(await self._session(scope, "google-ads", refresh))

    async def _session(self, scope: Scope, provider: Provider, refresh: bool) -> Session:
        view = (await self.states(scope))[provider]
        check(view)
        if view.source != "gateway":
            return self._bound(scope, view, self._route(scope, view), refresh)
        reason = self.gateway.reason
        if reason is not None:
            return self._around_gateway(scope, view, refresh, reason)
        return self._through_gateway(scope, view, refresh)

    def _through_gateway(self, scope: Scope, view: ConnectionView, refresh: bool) -> Session:
        def detour(reason: str) -> Session:
            return self._around_gateway(scope, view, refresh, reason)

        session = self._bound(scope, view, self.gateway.route(scope.client_id), refresh)
        return replace(session, calls=self.gateway.calls(view.provider), detour=detour)

    def _around_gateway(self, scope: Scope, view: ConnectionView, refresh: bool, reason: str) -> Session:
        """The client's own consent in the gateway's place, where there is one; nothing else ever is."""
        route = self._consented(scope, view, reason) if view.grant is not None else None
        if route is None:
            raise failure(view.provider, reason)
        return self._bound(scope, view, route, refresh)

    async def _listing_session(self, scope: Scope, provider: Provider, refresh: bool) -> Session:
        """For what lies outside the chosen account, so that refusals there say nothing about the connection."""
        view = (await self.states(scope))[provider]
        if view.id is None or view.state == "disconnected":
            raise NotFound("There is no such connection for this client.", code="not_connected")
        if view.grant is None and view.source == "gateway":
            if self.gateway.reason is not None:
                raise failure(provider, self.gateway.reason)
            session = self._bound(scope, view, self.gateway.route(scope.client_id), refresh, listing=True)
            return replace(session, calls=self.gateway.calls(provider))
        if view.state in ("expired", "reconnect", "missing_scope"):
            check(view)
        return self._bound(scope, view, self._route(scope, view), refresh, listing=True)

    def _bound(
        self, scope: Scope, view: ConnectionView, route: Route, refresh: bool, *, listing: bool = False
    ) -> Session:
        async def read() -> None:
            if not listing:
                await connection.touch(self._database, scope, view, self._clock.now())

        async def failed(error: ConnectorError) -> None:
            if view.grant is None or route.source == "gateway" or (listing and error.state == "no_access"):
                return  # it says nothing about the consent
            await connection.mark(self._database, scope, view, error.state, error.reason, self._clock.now())

        calls = self._calls_to(view.provider, route.endpoint)
        return Session(view, route, self._channels, calls, self._cache, self._clock, refresh, read, failed)

    def _route(self, scope: Scope, view: ConnectionView) -> Route:
        found: Route | None = None
        if view.grant is not None:
            found = self._consented(scope, view)
        elif view.source == "demo" and self._emulator is not None:
            found = demo_route(self._emulator)
        if found is None:
            raise errors.not_set_up(view.provider, view.source or "live")
        return found

    def _consented(self, scope: Scope, view: ConnectionView, reason: str | None = None) -> Route | None:
        assert view.grant is not None
        token = self.settings.google_ads_developer_token
        return consented_route(
            view.provider,
            cast("Literal['live', 'demo']", view.grant.source),
            self._broker.tokens(scope, view),
            self._emulator,
            token.get_secret_value() if token else None,
            reason,
        )

    def _calls_to(self, provider: Provider, endpoint: Endpoint) -> Calls:
        key = (provider, endpoint)
        if key not in self._calls:
            self._calls[key] = Calls(provider, self.settings.connector_timeout, self.settings.connector_retries)
        return self._calls[key]
