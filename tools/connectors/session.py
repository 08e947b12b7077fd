"""What both connectors share: one client's connection, where its calls go, and how an answer is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from camarad.clock import Clock
from tools.connectors import errors
from tools.connectors.cache import Cache, Kept
from tools.connectors.calls import Calls
from tools.connectors.channels import Channels
from tools.connectors.connection import ConnectionView
from tools.connectors.errors import ConnectorError
from tools.connectors.gateway import warning
from tools.connectors.routes import Route
from tools.ranges import Window
from tools.result import Meta

T = TypeVar("T")
Metadata = list[tuple[str, str]]
TODAY_WARNING = "The period includes today, which is not complete."


@dataclass(frozen=True, slots=True)
class Session:
    """`read` is called after an answer from the provider, `failed` after a failure of the connection itself;
    `detour` gives a session on another way when this one fails for a reason of the gateway's."""

    view: ConnectionView
    route: Route
    channels: Channels
    calls: Calls
    cache: Cache
    clock: Clock
    refresh: bool
    read: Callable[[], Awaitable[None]]
    failed: Callable[[ConnectorError], Awaitable[None]]
    detour: Callable[[str], Session] | None = None

    @property
    def account(self) -> str:
        return self.view.account_id or ""

    @property
    def timezone(self) -> str:
        return self.view.timezone or "UTC"

    def today(self) -> date:
        return self.clock.today(self.timezone)

    async def kept(self, request: Hashable, ttl: timedelta, fetch: Callable[[], Awaitable[T]]) -> Kept[T]:
        """One answer by connection, account and request, from the cache or from the provider."""
        kept = await self.cache.get(self._key(request), ttl, fetch, self.refresh)
        if not kept.cached:
            await self.read()
        return kept

    def instead(self, error: ConnectorError) -> Session | None:
        """The session to try after this error; None when the error is the answer. Raises when there is no other way."""
        if self.detour is None or not error.kind.startswith("gateway_"):
            return None
        return self.detour(error.kind)

    def derived(self, request: Hashable, source: object, make: Callable[[], T]) -> T:
        """What is made from a kept answer, made once; never another connection's."""
        return self.cache.derived(self._key(request), source, make)

    def _key(self, request: Hashable) -> Hashable:
        return (self.view.id, self.view.updated_at, self.route.source, self.account, request)

    async def call(self, send: Callable[[Metadata, float], Awaitable[T]], extra: Metadata | None = None) -> T:
        """One upstream call with a bearer token; a refused token is renewed once."""
        try:
            return await self._call(send, extra)
        except ConnectorError as error:
            if error.state is not None:
                await self.failed(error)
            raise

    async def _call(self, send: Callable[[Metadata, float], Awaitable[T]], extra: Metadata | None) -> T:
        token = await self.route.tokens.get()
        try:
            return await self._send(send, token, extra)
        except ConnectorError as error:
            if error.kind != "reconnect":
                raise
            renewed = await self.route.tokens.renew(token)
            if renewed is None:
                raise
        return await self._send(send, renewed, extra)

    async def _send(self, send: Callable[[Metadata, float], Awaitable[T]], token: str, extra: Metadata | None) -> T:
        metadata = [("authorization", f"Bearer {token}"), *self.route.metadata, *(extra or [])]
        return await self.calls.run(self.account, lambda seconds: send(metadata, seconds))

    def meta(
        self,
        window: Window | None,
        kept: list[Kept[T]],
        warnings: list[str],
        quota: dict[str, Any] | None = None,
    ) -> Meta:
        """The oldest read tells how fresh the whole is; it is cached when none of it was read now."""
        notes = [TODAY_WARNING] if window is not None and window.includes_today else []
        if self.route.reason is not None:
            notes.insert(0, warning(self.route.reason))
        return Meta(
            source=self.route.source,
            reason=self.route.reason,
            as_of=min((each.at for each in kept), default=self.clock.now()),
            range=window.current if window else None,
            compare=window.compare if window else None,
            timezone=self.timezone,
            currency=self.view.currency,
            cached=bool(kept) and all(each.cached for each in kept),
            warnings=list(dict.fromkeys(notes + warnings)),
            quota=quota,
        )


def check(view: ConnectionView) -> None:
    """Raise when the connection cannot be read, with what to do about it. One without access is asked all the same:
    it may have been given since, and only Google knows."""
    through_gateway = view.source == "gateway" and view.state != "disconnected"  # whose access is the gateway's own
    if through_gateway and view.account_id:
        return
    if view.state in ("expired", "reconnect"):
        raise errors.reconnect(
            view.provider, "expired" if view.state == "expired" else view.reason or "unauthenticated"
        )
    if view.state == "missing_scope":
        raise errors.missing_scope(view.provider)
    if view.state not in ("connected", "no_access"):
        raise errors.not_connected(view.provider)
    if not view.account_id:
        raise errors.no_account(view.provider)
