"""Sending deliveries, signed as Stripe signs them: https://docs.stripe.com/webhooks/signature."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tools.emulator.stripe import outbox
from tools.emulator.stripe.render import render
from tools.emulator.stripe.types import Obj

if TYPE_CHECKING:
    from tools.emulator.stripe.world import World

PATIENCE_S = 20
_IDLE_S = 1.0


def signature(body: bytes, secret: str, at: int) -> str:
    """The header's value. `at` is the machine's time, with which receivers compare."""
    signed = f"{at}.".encode() + body
    return f"t={at},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def send(url: str, body: bytes, secret: str) -> tuple[str, bool]:
    """One attempt; gives what became of it and whether the receiver took it. Redirects are not followed."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature(body, secret, int(time.time())),
    }
    try:
        connection.request("POST", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__, False
    finally:
        connection.close()
    return str(status), 200 <= status < 300


class Courier:
    """Sends what is due, one after the other, whenever told and every second."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _IDLE_S)
            self._wake.clear()
            await self.flush()

    async def flush(self) -> int:
        """Attempt everything that is due once, also what these attempts bring about; gives how many were attempted."""
        tried: set[str] = set()
        async with self._turn:
            while batch := [one["id"] for one in outbox.due(self._world) if one["id"] not in tried]:
                for delivery_id in batch:
                    await self._attempt(delivery_id)
                tried.update(batch)
        return len(tried)

    async def _attempt(self, delivery_id: str) -> None:
        world = self._world
        delivery = world.store.get("delivery", delivery_id)
        if delivery is None:
            return
        event = world.store.get("event", delivery["event"])
        endpoint = world.store.get("webhook_endpoint", delivery["endpoint"])
        if event is None or endpoint is None:
            delivery["state"] = "failed"
        else:
            answer, taken = await asyncio.to_thread(send, endpoint["url"], _body(world, event), endpoint["_secret"])
            if (delivery := world.store.get("delivery", delivery_id)) is None:
                return  # everything was reset meanwhile
            outbox.record(world, delivery, answer, taken)
        world.save()


def _body(world: World, event: Obj) -> bytes:
    return json.dumps(render(world, event)).encode()
