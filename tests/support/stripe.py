"""The Stripe emulator for tests: a process of the session, its official client, and a receiver of its webhooks.

`stripe_account` is as on the first day before each test, at an instant of its own that passes only when told to:

    stripe_account.control("advance", days=31)
    stripe_account.control("webhook-fault", mode="drop", events="invoice.*")
"""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tools.emulator.stripe.process import KEY, StripeProcess, start_stripe

FIRST_DAY = 1_794_830_400  # 2026-11-16 12:00 UTC


@pytest.fixture(scope="session")
def stripe_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeProcess]:
    process = start_stripe(tmp_path_factory.mktemp("stripe"))
    yield process
    process.stop()


@pytest.fixture
def stripe_account(stripe_emulator: StripeProcess) -> StripeProcess:
    """The running emulator with an empty account whose clock stands at FIRST_DAY."""
    stripe_emulator.control("reset", at=FIRST_DAY)
    return stripe_emulator


@pytest.fixture
async def stripe_v1(stripe_account: StripeProcess) -> AsyncIterator[Any]:
    """`v1` of the official asynchronous client."""
    import stripe

    http_client = stripe.AIOHTTPClient()
    client = stripe.StripeClient(
        KEY, base_addresses={"api": stripe_account.url}, max_network_retries=0, http_client=http_client
    )
    yield client.v1
    await http_client.close_async()


class Receiver:
    """A webhook endpoint: keeps what it is sent, answers `statuses` in their order and 200 after them."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.got]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((body, self.headers["Stripe-Signature"]))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Silent."""

        return Handler


@pytest.fixture
def stripe_receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()
