from __future__ import annotations

import httpx
import pytest
import stripe

from tools.emulator.stripe.process import KEY


@pytest.fixture
async def retrying(stripe_account):
    """`v1` of a client that tries twice more."""
    http_client = stripe.AIOHTTPClient()
    base = {"api": stripe_account.url}
    yield stripe.StripeClient(KEY, base_addresses=base, max_network_retries=2, http_client=http_client).v1
    await http_client.close_async()


@pytest.fixture
def http(stripe_account):
    with httpx.Client(base_url=stripe_account.url, headers={"Authorization": f"Bearer {KEY}"}, timeout=10) as client:
        yield client


# --- who asks


def test_without_a_key_nothing_is_answered(stripe_account):
    answer = httpx.get(f"{stripe_account.url}/v1/customers")
    assert answer.status_code == 401
    assert "did not provide an API key" in answer.json()["error"]["message"]


def test_a_live_key_is_refused_and_not_repeated(stripe_account):
    answer = httpx.get(f"{stripe_account.url}/v1/customers", headers={"Authorization": "Bearer sk_other_secret1"})
    assert answer.status_code == 401
    assert "secret1" not in answer.text


def test_a_key_may_come_as_basic_authentication(stripe_account):
    assert httpx.get(f"{stripe_account.url}/v1/customers", auth=(KEY, "")).status_code == 200


# --- what is asked


@pytest.mark.parametrize(
    ("path", "form", "code", "param"),
    [
        ("customers", {"nickname": "x"}, "parameter_unknown", "nickname"),
        ("customers", {"address[planet]": "x"}, "parameter_unknown", "address[planet]"),
        ("products", {}, "parameter_missing", "name"),
        ("prices", {"currency": "eur", "unit_amount": "1.5"}, "parameter_invalid_integer", "unit_amount"),
        ("prices", {"currency": "eur", "unit_amount": "10", "product": "prod_x"}, "resource_missing", "product"),
        ("prices", {"currency": "xxx", "unit_amount": "10", "product": "prod_x"}, None, "currency"),
        ("customers", {"email": "x" * 600}, None, "email"),
        ("products", {"name": ""}, "parameter_invalid_empty", "name"),
        ("checkout/sessions", {"mode": "gift"}, None, "mode"),
        ("checkout/sessions", {"mode": "payment", "success_url": "http://x"}, "parameter_missing", "line_items"),
        ("subscriptions", {"customer": "cus_x"}, "resource_missing", "customer"),
        ("webhook_endpoints", {"url": "http://127.0.0.1:1", "enabled_events": "*"}, None, "enabled_events"),
    ],
)
def test_bad_parameters_are_refused_as_stripe_refuses_them(http, path, form, code, param):
    answer = http.post(f"/v1/{path}", data=form)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error.get("code"), error["param"]) == (
        400,
        "invalid_request_error",
        code,
        param,
    )


def test_an_unknown_object_is_404_and_an_unknown_address_too(http):
    missing = http.get("/v1/customers/cus_none")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "resource_missing")
    assert missing.json()["error"]["message"] == "No such customer: 'cus_none'"
    unknown = http.post("/v1/unicorns")
    assert (unknown.status_code, "Unrecognized request URL" in unknown.text) == (404, True)


def test_a_form_of_nonsense_is_refused(http):
    for body in ("items[=1", "a[b]=1&a=2", "items[0][price]=x&items[0]=y"):
        headers = {"content-type": "application/x-www-form-urlencoded"}
        assert http.post("/v1/subscriptions", content=body, headers=headers).status_code == 400


def test_a_body_without_end_is_refused(http):
    assert http.post("/v1/customers", content=b"a" * 300_000).status_code == 413


async def test_metadata_is_added_to_and_taken_from(stripe_v1):
    made = await stripe_v1.customers.create_async({"metadata": {"a": "1", "b": "2"}})
    changed = await stripe_v1.customers.update_async(made.id, {"metadata": {"a": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    emptied = await stripe_v1.customers.update_async(made.id, {"metadata": ""})
    assert emptied.metadata.to_dict() == {}


# --- how it is answered


async def test_lists_are_paged_both_ways_newest_first(stripe_v1):
    made = [(await stripe_v1.customers.create_async({"name": str(n)})).id for n in range(5)]
    first = await stripe_v1.customers.list_async({"limit": 2})
    assert [one.id for one in first.data] == [made[4], made[3]]
    assert first.has_more
    second = await stripe_v1.customers.list_async({"limit": 3, "starting_after": made[3]})
    assert ([one.id for one in second.data], second.has_more) == ([made[2], made[1], made[0]], False)
    back = await stripe_v1.customers.list_async({"limit": 2, "ending_before": made[1]})
    assert [one.id for one in back.data] == [made[3], made[2]]
    assert [one.id async for one in first.auto_paging_iter()] == made[::-1]


async def test_lists_are_narrowed_by_time(stripe_account, stripe_v1):
    early = await stripe_v1.customers.create_async({})
    stripe_account.control("advance", days=1)
    late = await stripe_v1.customers.create_async({})
    found = await stripe_v1.customers.list_async({"created": {"gt": early.created}})
    assert [one.id for one in found.data] == [late.id]


async def test_references_are_expanded_where_asked(shop):
    await shop.subscribed()
    listed = await shop.v1.subscriptions.list_async(
        {"expand": ["data.customer", "data.items.data.price.product", "data.latest_invoice.payments"]}
    )
    found = listed.data[0]
    assert found.customer.email == "owner@example.com"
    assert found["items"].data[0].price.product.name == "Starter"
    assert found.latest_invoice.payments.data[0].status == "paid"
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        await shop.v1.customers.retrieve_async(shop.customer.id, {"expand": ["email"]})
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        await shop.v1.customers.retrieve_async(shop.customer.id, {"expand": ["a.b.c.d.e"]})


async def test_a_lookup_key_belongs_to_one_price_and_moves_when_told_to(shop):
    given = {"currency": "eur", "unit_amount": 700, "recurring": {"interval": "month"}}
    given |= {"product": shop.prices["starter"].product, "lookup_key": "starter"}
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        await shop.v1.prices.create_async(given)
    newer = await shop.v1.prices.create_async({**given, "transfer_lookup_key": True})
    found = await shop.v1.prices.list_async({"lookup_keys": ["starter"], "expand": ["data.product"]})
    assert [one.id for one in found.data] == [newer.id]
    assert found.data[0].product.name == "Starter"


# --- once, and again


async def test_the_same_key_gives_the_same_answer_and_makes_one_object(stripe_v1):
    once = {"idempotency_key": "one"}
    first = await stripe_v1.customers.create_async({"name": "A"}, once)
    again = await stripe_v1.customers.create_async({"name": "A"}, once)
    assert first.id == again.id
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert len((await stripe_v1.customers.list_async()).data) == 1


async def test_the_same_key_for_something_else_is_refused(stripe_v1):
    await stripe_v1.customers.create_async({"name": "A"}, {"idempotency_key": "one"})
    with pytest.raises(stripe.IdempotencyError) as refused:
        await stripe_v1.customers.create_async({"name": "B"}, {"idempotency_key": "one"})
    assert refused.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError):
        await stripe_v1.products.create_async({"name": "A"}, {"idempotency_key": "one"})


async def test_a_key_is_forgotten_after_a_day_and_a_refused_one_is_free(stripe_account, stripe_v1):
    with pytest.raises(stripe.InvalidRequestError):
        await stripe_v1.products.create_async({}, {"idempotency_key": "one"})
    first = await stripe_v1.products.create_async({"name": "A"}, {"idempotency_key": "one"})
    stripe_account.control("advance", days=1, seconds=1)
    later = await stripe_v1.products.create_async({"name": "A"}, {"idempotency_key": "one"})
    assert first.id != later.id


# --- made to fail


@pytest.mark.parametrize("status", [409, 429, 500, 503])
async def test_calls_fail_as_told(stripe_account, stripe_v1, status):
    stripe_account.control("fail", status=status, path="/v1/customers")
    await stripe_v1.products.list_async()
    with pytest.raises(stripe.StripeError) as refused:
        await stripe_v1.customers.list_async()
    assert refused.value.http_status == status
    assert isinstance(refused.value, stripe.RateLimitError) == (status == 429)
    assert (await stripe_v1.customers.list_async()).data == []


async def test_a_client_that_tries_again_makes_one_object(stripe_account, retrying):
    stripe_account.control("fail", status=503, times=2, method="POST")
    made = await retrying.customers.create_async({"name": "A"})
    assert [one.id for one in (await retrying.customers.list_async()).data] == [made.id]


async def test_an_answer_that_is_lost_is_had_again_with_the_same_key(stripe_account, retrying):
    stripe_account.control("fail", status=500, after=True)
    made = await retrying.customers.create_async({"name": "A"})
    assert [one.id for one in (await retrying.customers.list_async()).data] == [made.id]
    calls = [call for call in stripe_account.control("calls")["calls"] if call["method"] == "POST"]
    assert [call["status"] for call in calls] == [500, 200]
    assert len({call["key"] for call in calls}) == 1


def test_a_call_that_is_never_answered_ends_with_the_callers_patience(stripe_account):
    stripe_account.control("fail", status=0)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{stripe_account.url}/v1/customers", headers={"Authorization": f"Bearer {KEY}"}, timeout=0.2)


def test_the_control_channel_takes_json_only(stripe_account):
    answer = httpx.post(f"{stripe_account.url}/_emulator/reset", data={"a": "b"})
    assert answer.status_code == 415
    for name, given in (("nothing", {}), ("advance", {"seconds": -1}), ("rules", {"retry_days": "x"}), ("fail", {})):
        with pytest.raises(ValueError):
            stripe_account.control(name, **given)
