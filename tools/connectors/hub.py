"""The one door to providers: a scope in, a connector bound to that client's own connection out."""

from __future__ import annotations

from camarad.clock import Clock
from camarad.database import Database
from camarad.log import get_logger
from camarad.scope import Scope
from camarad.settings import Settings
from tools.connectors import connection, errors, google
from tools.connectors.cache import Cache
from tools.connectors.calls import Calls
from tools.connectors.channels import Channels, Endpoint
from tools.connectors.connection import PROVIDERS, ConnectionView
from tools.connectors.ga4 import Ga4Connector
from tools.connectors.google_ads import AdsConnector
from tools.connectors.routes import Route, demo_route
from tools.connectors.session import Session, check
from tools.record import Provider

log = get_logger("connectors")


class Connectors:
    """Channels, cache and breakers of one process, shared by every client. No connection's data leaves its scope:
    connections are read through the scoped database, and every cache key begins with the connection's id."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, emulator_address: str | None) -> None:
        self.settings = settings
        self._database, self._clock, self._emulator = database, clock, emulator_address
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
        await self._channels.close()

    async def states(self, scope: Scope) -> dict[Provider, ConnectionView]:
        """Every provider's state for this client; `not_connected` when there is none."""
        return await connection.load(self._database, scope)

    async def ga4(self, scope: Scope, refresh: bool = False) -> Ga4Connector:
        """Raises ConnectorError `ga4_not_connected` and the like. `refresh` skips what is kept."""
        return Ga4Connector(await self._session(scope, "ga4", refresh))

    async def google_ads(self, scope: Scope, refresh: bool = False) -> AdsConnector:
        return AdsConnector(await self._session(scope, "google-ads", refresh))

    async def _session(self, scope: Scope, provider: Provider, refresh: bool) -> Session:
        view = (await self.states(scope))[provider]
        check(view)
        route = self._route(view)

        async def read() -> None:
            await connection.touch(self._database, scope, view, self._clock.now())

        calls = self._calls_to(provider, route.endpoint)
        return Session(view, route, self._channels, calls, self._cache, self._clock, refresh, read)

    def _route(self, view: ConnectionView) -> Route:
        if view.source == "demo" and self._emulator is not None:
            return demo_route(self._emulator)
        what = "the demo data server is not running" if view.source == "demo" else f"no {view.source} access is set up"
        raise errors.ConnectorError(
            view.provider,
            "unavailable",
            f"{errors.NAMES[view.provider]} cannot be read: {what} on this server.",
            "Say so; an operator of this server has to set it up.",
        )

    def _calls_to(self, provider: Provider, endpoint: Endpoint) -> Calls:
        key = (provider, endpoint)
        if key not in self._calls:
            self._calls[key] = Calls(provider, self.settings.connector_timeout, self.settings.connector_retries)
        return self._calls[key]
