from __future__ import annotations

import pytest
import stripe

BUYING = {"checkout.session.completed", "customer.subscription.created", "invoice.paid"}


@pytest.fixture
async def endpoint(stripe_v1, stripe_receiver):
    return await stripe_v1.webhook_endpoints.create_async({"url": stripe_receiver.url, "enabled_events": ["*"]})


async def test_what_happens_is_sent_signed_and_in_order(shop, endpoint, stripe_receiver):
    await shop.subscribed()
    shop.control("flush")
    assert set(stripe_receiver.types) > BUYING
    for body, signature in stripe_receiver.got:
        stripe.Webhook.construct_event(body, signature, endpoint.secret)
    body, signature = stripe_receiver.got[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", signature, endpoint.secret)
    came = [event["id"] for event in stripe_receiver.events]
    assert came == (await event_ids(shop))[-len(came) :]


async def event_ids(shop) -> list[str]:
    """In the order they happened."""
    found = await shop.v1.events.list_async({"limit": 100})
    return [event.id for event in reversed(found.data)]


async def test_the_secret_is_told_once(stripe_v1, endpoint):
    assert endpoint.secret.startswith("whsec_")
    again = await stripe_v1.webhook_endpoints.retrieve_async(endpoint.id)
    assert "secret" not in again.to_dict()


async def test_only_the_types_asked_for_are_sent(shop, stripe_receiver):
    await shop.v1.webhook_endpoints.create_async({"url": stripe_receiver.url, "enabled_events": ["invoice.paid"]})
    await shop.subscribed()
    shop.control("flush")
    assert stripe_receiver.types == ["invoice.paid"]


async def test_one_that_is_refused_comes_again_after_a_pause_and_later_ones_do_not_wait(
    shop, endpoint, stripe_receiver
):
    shop.control("flush")
    stripe_receiver.got.clear()
    stripe_receiver.statuses = [500]
    await shop.v1.customers.create_async({"email": "first@example.com"})
    await shop.v1.customers.create_async({"email": "second@example.com"})
    shop.control("flush")
    emails = [event["data"]["object"]["email"] for event in stripe_receiver.events]
    assert emails == ["first@example.com", "second@example.com"]
    assert shop.control("state")["waiting"] == 1
    shop.control("advance", seconds=2)
    assert stripe_receiver.events[0] == {**stripe_receiver.events[2], "pending_webhooks": 1}
    assert shop.control("state")["waiting"] == 0


async def test_after_three_days_of_refusals_it_is_given_up(shop, endpoint, stripe_receiver):
    shop.control("flush")
    stripe_receiver.statuses = [500] * 50
    await shop.v1.customers.create_async({})
    for _ in range(14):
        shop.control("advance", seconds=43_200)
    states = [one["state"] for one in shop.control("deliveries")["deliveries"]]
    assert states[-1] == "failed"


async def test_duplicates_are_the_same_event_twice(shop, endpoint, stripe_receiver):
    shop.control("flush")
    stripe_receiver.got.clear()
    shop.control("webhook-fault", mode="duplicate", events="customer.*", copies=3)
    await shop.v1.customers.create_async({})
    shop.control("flush")
    assert len(stripe_receiver.got) == 3
    assert len({event["id"] for event in stripe_receiver.events}) == 1


async def test_dropped_ones_never_come_and_stay_in_the_list_of_events(shop, endpoint, stripe_receiver):
    shop.control("webhook-fault", mode="drop", events="invoice.*")
    await shop.subscribed()
    shop.control("flush")
    assert not [name for name in stripe_receiver.types if name.startswith("invoice.")]
    assert "invoice.paid" in await shop.types()


async def test_late_ones_come_when_their_time_has_come(shop, endpoint, stripe_receiver):
    shop.control("flush")
    stripe_receiver.got.clear()
    shop.control("webhook-fault", mode="delay", events="customer.created", seconds=3_600, times=1)
    await shop.v1.customers.create_async({"name": "late"})
    await shop.v1.customers.create_async({"name": "punctual"})
    shop.control("flush")
    shop.control("advance", seconds=3_600)
    assert [event["data"]["object"]["name"] for event in stripe_receiver.events] == ["punctual", "late"]


@pytest.mark.parametrize("order", ["kept", "reversed", "shuffled"])
async def test_held_ones_come_in_the_order_asked_for(shop, endpoint, stripe_receiver, order):
    shop.control("flush")
    before = len(stripe_receiver.got)
    shop.control("webhook-fault", mode="hold")
    await shop.subscribed()
    shop.control("flush")
    assert len(stripe_receiver.got) == before
    shop.control("clear")
    assert shop.control("release", order=order, seed=3)["released"] > 5
    came = [event["id"] for event in stripe_receiver.events[before:]]
    happened = (await event_ids(shop))[-len(came) :]
    assert sorted(came) == sorted(happened)
    assert (came == happened, came == happened[::-1]) == (order == "kept", order == "reversed")


async def test_shuffled_ones_all_come_in_another_order(shop, endpoint, stripe_receiver):
    shop.control("flush")
    before = len(stripe_receiver.got)
    shop.control("webhook-fault", mode="shuffle", seed=5)
    await shop.subscribed()
    shop.control("flush")
    came = [event["id"] for event in stripe_receiver.events[before:]]
    happened = (await event_ids(shop))[-len(came) :]
    assert sorted(came) == sorted(happened) and came != happened


async def test_an_event_is_sent_once_more_when_asked(shop, endpoint, stripe_receiver):
    await shop.v1.customers.create_async({})
    shop.control("flush")
    event = stripe_receiver.events[-1]
    shop.control("resend", event=event["id"])
    assert stripe_receiver.events[-1]["id"] == event["id"]


async def test_events_are_listed_for_thirty_days_by_type_and_page(shop):
    await shop.subscribed()
    found = await shop.v1.events.list_async({"type": "invoice.*", "limit": 2})
    assert len(found.data) == 2 and found.has_more
    rest = await shop.v1.events.list_async({"type": "invoice.*", "starting_after": found.data[-1].id})
    assert not {one.id for one in found.data} & {one.id for one in rest.data}
    shop.control("advance", days=29)
    assert (await shop.v1.events.list_async({"types": ["product.created"]})).data
    shop.control("advance", days=2)
    assert (await shop.v1.events.list_async({"types": ["product.created"]})).data == []


async def test_an_endpoint_elsewhere_is_refused(stripe_v1):
    with pytest.raises(stripe.InvalidRequestError, match="loopback only"):
        await stripe_v1.webhook_endpoints.create_async({"url": "https://example.com/x", "enabled_events": ["*"]})


async def test_a_disabled_endpoint_hears_nothing(shop, endpoint, stripe_receiver):
    shop.control("flush")
    stripe_receiver.got.clear()
    await shop.v1.webhook_endpoints.update_async(endpoint.id, {"disabled": True})
    await shop.v1.customers.create_async({})
    shop.control("flush")
    assert stripe_receiver.got == []


async def test_an_unknown_fault_is_refused(stripe_account):
    for given in ({"mode": "explode"}, {"mode": "drop", "times": "many"}, {"mode": "duplicate", "copies": 0}):
        with pytest.raises(ValueError):
            stripe_account.control("webhook-fault", **given)
