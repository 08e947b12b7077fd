from __future__ import annotations

import copy
import json

import pytest

from camarad.errors import BadInput
from tests.unit.tools.emulator.conftest import FIXTURES
from tools.emulator.fixtures import load_fixtures


@pytest.fixture
def load(tmp_path):
    def run(body):
        path = tmp_path / "fixtures.json"
        path.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
        return load_fixtures(path)

    return run


def test_ids_are_kept_as_given(load):
    client = load(FIXTURES).clients[0]
    assert (client.id, client.google_ads.customer_id, client.ga4.property_id) == ("fix-shop", "777-000-1111", "990001")


def test_a_client_may_have_only_one_provider(load):
    client = load(FIXTURES).clients[1]
    assert client.ga4 is None
    assert client.google_ads is not None


def test_amounts_are_read_without_binary_rounding(load):
    body = copy.deepcopy(FIXTURES)
    body["clients"][0]["google_ads"]["campaigns"][0]["cost"] = 123456789.07
    campaign = load(body).google_ads["fix-shop"].campaigns[0]
    assert campaign.cost == 123_456_789_070_000


def test_the_balance_is_read(load):
    assert load({**FIXTURES, "billing": {"ct_balance": 77}}).ct_balance == 77
    assert load(FIXTURES).ct_balance is None


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("clients", 0, "timezone"), "Mars/Base", "clients[0].timezone"),
        (("clients", 0, "currency"), "euro", "clients[0].currency"),
        (("clients", 0, "ga4", "sessions"), -1, "clients[0].ga4.sessions"),
        (("clients", 0, "ga4", "sessions"), 1.5, "clients[0].ga4.sessions"),
        (("clients", 0, "ga4", "channels"), {"Direct": 99999}, "clients[0].ga4.channels"),
        (("clients", 0, "ga4", "landing_pages", 0, "engagement_rate"), 61.3, "landing_pages[0].engagement_rate"),
        (("clients", 0, "google_ads", "campaigns", 0, "clicks"), 1, "campaigns[0].search_terms"),
        (("clients", 0, "google_ads", "campaigns", 0, "cost"), "lots", "campaigns[0].cost"),
        (("clients", 1, "id"), "fix-shop", "clients[1].id"),
        (("clients", 1, "id"), "a b", "clients[1].id"),
        (("clients", 1, "google_ads", "customer_id"), "4100000011", "clients[1].google_ads.customer_id"),
        (("clients", 1, "google_ads", "customer_id"), "900-000-0001", "clients[1].google_ads.customer_id"),
        (("clients", 1, "google_ads", "customer_id"), "4100000081", "clients[1].google_ads.customer_id"),
        (("today",), "soon", "today"),
    ],
)
def test_a_bad_value_is_refused_by_its_place(load, path, value, place):
    body = copy.deepcopy(FIXTURES)
    owner = body
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value
    with pytest.raises(BadInput) as refused:
        load(body)
    assert place in refused.value.message


@pytest.mark.parametrize("text", ["", "{", "[]", '{"today": NaN}', "null", "[" * 100_000])
def test_a_file_that_is_not_a_fixture_file_is_refused(load, text):
    with pytest.raises(BadInput):
        load(text)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BadInput, match="No such file"):
        load_fixtures(tmp_path / "none.json")
