from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from tests.unit.tools.emulator.stripe.published import complaints
from tests.unit.tools.emulator.stripe.shop import Shop, opened
from tools.emulator.stripe.process import KEY

LISTS = (
    "products",
    "prices",
    "customers",
    "checkout/sessions",
    "subscriptions?status=all&",
    "subscription_schedules",
    "invoices",
    "payment_intents",
    "charges",
    "setup_intents",
    "refunds",
    "disputes",
    "invoice_payments",
    "billing_portal/configurations",
    "entitlements/features",
    "webhook_endpoints",
    "events",
)


@pytest.fixture
async def shop(stripe_v1, stripe_account) -> Shop:
    return await opened(stripe_v1, stripe_account)


@pytest.fixture(autouse=True)
def _everything_is_as_published(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test, what it brought about is compared with Stripe's description, events and their objects too."""
    uses = "stripe_account" in request.fixturenames
    process = request.getfixturevalue("stripe_account") if uses else None
    yield
    if process is not None:
        connection = HTTPConnection("127.0.0.1", process.port, timeout=10)
        assert [found for name in LISTS for found in _complaints(connection, name)] == []
        connection.close()


def _complaints(connection: HTTPConnection, name: str) -> list[str]:
    query = "limit=100" if "?" in name else "?limit=100"
    connection.request("GET", f"/v1/{name}{query}", headers={"Authorization": f"Bearer {KEY}"})
    found = json.loads(connection.getresponse().read())
    if name != "events":
        return sorted(set(complaints(found)))
    by_kind = {(event["type"], event["data"]["object"].get("status")): event for event in found["data"]}
    wrong: list[str] = []
    for event in by_kind.values():  # one of a type and status stands for all
        wrong += [f"{event['type']}: {one}" for one in (*complaints(event), *complaints(event["data"]["object"]))]
    return sorted(set(wrong))
