"""Which services the emulator answers for, and loading their message classes behind the open port."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from tools.emulator.rpc import Api
from tools.emulator.world import World

STREAMING = frozenset({"SearchStream"})


class Loaded:
    """The services of one world, each loaded once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._apis: dict[str, asyncio.Future[Api]] = {}
        self._lock = threading.Lock()
        self._data: Any = None

    def data(self) -> Any:
        """The Analytics data service, which the beta and alpha APIs share with its quotas."""
        with self._lock:
            if self._data is None:
                from tools.emulator.ga4.data import DataService

                self._data = DataService(self._world)
            return self._data

    @property
    def world(self) -> World:
        return self._world

    async def load(self) -> None:
        """Load what nearly every conversation needs; the rest loads at its first call, to save memory."""
        for service in PRELOADED:
            await self.api(service)

    async def api(self, service: str) -> Api:
        if service not in self._apis:
            self._apis[service] = asyncio.ensure_future(asyncio.to_thread(LOADERS[service], self))
        return await asyncio.shield(self._apis[service])

    def reset(self) -> None:
        """Give every property its quota back."""
        if self._data is not None:
            self._data.reset_quotas()


def _beta(loaded: Loaded) -> Api:
    from tools.emulator.ga4.data import api

    return api(loaded.world, loaded.data())


def _alpha(loaded: Loaded) -> Api:
    from tools.emulator.ga4.funnel import api

    return api(loaded.world, loaded.data())


def _admin(loaded: Loaded) -> Api:
    from tools.emulator.ga4.admin import api

    return api(loaded.world)


def _ads(loaded: Loaded) -> Api:
    from tools.emulator.ads.service import api

    return api(loaded.world)


def _customers(loaded: Loaded) -> Api:
    from tools.emulator.ads.customers import api

    return api(loaded.world)


LOADERS: dict[str, Callable[[Loaded], Api]] = {
    "google.analytics.data.v1beta.BetaAnalyticsData": _beta,
    "google.ads.googleads.v26.services.GoogleAdsService": _ads,
    "google.ads.googleads.v26.services.CustomerService": _customers,
    "google.analytics.data.v1alpha.AlphaAnalyticsData": _alpha,
    "google.analytics.admin.v1beta.AnalyticsAdminService": _admin,
}
PRELOADED = tuple(LOADERS)[:3]
