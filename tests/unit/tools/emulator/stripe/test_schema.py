from __future__ import annotations

import json

import pytest

from tools.emulator.stripe import forms
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.routes import ROUTES
from tools.emulator.stripe.schema import FILE, OBJECTS, published, read_params, skeleton


def test_every_call_that_is_served_is_published_and_described():
    assert {route.operation for route in ROUTES} == set(published()["operations"])


def test_the_kept_description_is_a_small_part_with_its_licence():
    assert FILE.stat().st_size < 500_000
    assert "Stripe, Inc." in FILE.with_name("LICENSE").read_text()


@pytest.mark.parametrize("kind", OBJECTS)
def test_a_new_object_says_what_it_is(kind):
    assert skeleton(kind)["object"] == kind
    assert json.dumps(skeleton(kind))


def test_forms_nest_by_brackets():
    read = forms.decode("a[b]=1&list[0]=x&list[1]=y&items[0][price]=p&items[0][n]=2&tags[]=1&tags[]=2&e=")
    assert read == {
        "a": {"b": "1"},
        "list": ["x", "y"],
        "items": [{"price": "p", "n": "2"}],
        "tags": ["1", "2"],
        "e": "",
    }


def test_parameters_get_their_types():
    given = forms.decode("items[0][price]=p&items[0][quantity]=2&cancel_at_period_end=true&trial_end=now&description=")
    assert read_params("POST /v1/subscriptions/{subscription_exposed_id}", given) == {
        "items": [{"price": "p", "quantity": 2}],
        "cancel_at_period_end": True,
        "trial_end": "now",
        "description": None,
    }


def test_instants_and_words_go_into_the_same_parameter():
    for text, value in (("1800000000", 1_800_000_000), ("now", "now")):
        assert read_params("POST /v1/subscriptions", {"trial_end": text})["trial_end"] == value


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"items": "x"}, "items"),
        ({"items": [{"quantity": "two"}]}, "items[0][quantity]"),
        ({"cancel_at_period_end": "yes"}, "cancel_at_period_end"),
        ({"payment_behavior": "hope"}, "payment_behavior"),
        ({"metadata": {"a": {"b": "c"}}}, "metadata[a]"),
        ({"customer": "x" * 5001}, "customer"),
    ],
)
def test_what_does_not_fit_names_its_place(given, param):
    with pytest.raises(StripeError) as refused:
        read_params("POST /v1/subscriptions", given)
    assert refused.value.error["param"] == param
