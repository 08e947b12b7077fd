"""The one way to Stripe: the official async client, with timeout and retries from the settings, errors as our own.

The library is imported at the first call and in a thread: its modules cost a quarter of a second that no start needs.
What comes back are plain dicts; since version 15 the library's own objects are none.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import Any

from billing.stripe.refused import translated
from camarad.errors import Misconfigured
from camarad.settings import Settings

Obj = dict[str, Any]
Call = Callable[[Any], Awaitable[Any]]
PAGE = 100  # objects of one list call; Stripe's most


class StripeApi:
    """`ask(lambda v1: v1.customers.retrieve_async(…))` gives a dict; `listed` follows the pages of a list."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Any = None
        self._http: Any = None
        self._making = asyncio.Lock()

    async def ask(self, call: Call) -> Obj:
        """Raises NoSuchObject, PaymentFailed, Misconfigured or Upstream."""
        v1 = await self._v1()
        with translated():
            found = await call(v1)
        answer: Obj = found.to_dict()
        return answer

    async def listed(self, call: Call, most: int = 1_000) -> list[Obj]:
        """The objects of a list, newest first as Stripe lists them, `most` at most."""
        v1 = await self._v1()
        found: list[Obj] = []
        with translated():
            page = await call(v1)
            async for each in page.auto_paging_iter():
                found.append(each.to_dict())
                if len(found) >= most:
                    break
        return found

    async def _v1(self) -> Any:
        if self._client is None:
            async with self._making:
                if self._client is None:
                    self._client = await self._make()
        return self._client.v1

    async def _make(self) -> Any:
        settings = self._settings
        if settings.stripe_secret_key is None:
            raise Misconfigured("Stripe is not configured.", code="payments_not_configured")
        stripe = await asyncio.to_thread(importlib.import_module, "stripe")
        self._http = stripe.AIOHTTPClient(timeout=settings.stripe_timeout)
        base = {"base_addresses": {"api": settings.stripe_api_base}} if settings.stripe_api_base else {}
        return stripe.StripeClient(
            settings.stripe_secret_key.get_secret_value(),
            max_network_retries=settings.stripe_retries,
            http_client=self._http,
            **base,
        )

    async def close(self) -> None:
        client, self._client, self._http, http = self._client, None, None, self._http
        if client is not None and http is not None:
            await http.close_async()
