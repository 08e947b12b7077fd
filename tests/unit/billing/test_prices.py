"""Tariff, estimate, price list, catalog and shadow price: integers from end to end."""

import subprocess
import sys
from datetime import timedelta
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import pricefile
from billing.catalog import Catalog
from billing.estimate import worst_case_ct
from billing.price import Price
from billing.rates import Rate
from billing.tariff import flat_ct
from camarad.errors import Misconfigured
from camarad.ids import new_id
from camarad.models import CtRate, PricingEntry
from camarad.settings import load_settings

ROOT = Path(__file__).resolve().parents[3]
tokens = st.integers(0, 2_000_000)


@pytest.mark.parametrize(
    ("tokens_in", "tokens_out", "ct"), [(0, 0, 0), (1, 0, 1), (1000, 0, 1), (1001, 0, 2), (500, 125, 1)]
)
def test_the_flat_tariff_rounds_up_once_a_call(settings, tokens_in, tokens_out, ct):
    assert flat_ct(tokens_in, tokens_out, settings) == ct


@given(tokens_in=tokens, most=tokens, share=st.integers(0, 100))
def test_a_call_within_its_limit_never_costs_more_than_its_hold(tokens_in, most, share):
    settings = load_settings(_env_file=None)
    assert flat_ct(tokens_in, most * share // 100, settings) <= worst_case_ct(tokens_in, most, settings)


def test_even_an_empty_call_holds_something(settings):
    assert worst_case_ct(0, 0, settings) == 1


@given(tokens_in=tokens, cached=tokens, out=tokens, prices=st.tuples(*[st.integers(0, 10**9)] * 3))
def test_a_cost_is_the_exact_one_rounded_up(tokens_in, cached, out, prices):
    price, cached = Price(*prices, "test"), min(cached, tokens_in)
    exact = (tokens_in - cached) * prices[0] + cached * prices[1] + out * prices[2]
    assert price.cost_micro_eur(tokens_in, cached, out, 920_000) == ceil(Fraction(exact * 920_000, 10**12))


@given(
    cost=st.integers(0, 10**12), value=st.integers(1, 10**6), buffer=st.integers(0, 9_999), margin=st.integers(0, 9_999)
)
def test_shadow_ct_are_the_exact_ones_rounded_up(cost, value, buffer, margin):
    exact = Fraction(cost * (10_000 + buffer), (10_000 - margin) * value)
    assert Rate(value, buffer, margin).shadow_ct(cost) == ceil(exact)


def test_litellms_list_gives_whole_prices_under_both_names():
    expected = Price(input=250_000, cached_input=25_000, output=2_000_000, source="litellm")
    assert pricefile.prices()["gpt-5-mini"] == pricefile.prices()["openai/gpt-5-mini"] == expected
    assert all(type(n) is int for p in pricefile.prices().values() for n in (p.input, p.cached_input, p.output))


def test_the_embedded_model_has_a_price_of_its_own(settings):
    assert Catalog(settings).require("camarad/embedded").source == "camarad"


def test_an_unpriced_model_is_refused_with_the_way_to_price_it(settings):
    assert Catalog(settings).price("openai/unheard-of") is None
    with pytest.raises(Misconfigured) as refused:
        Catalog(settings).require("openai/unheard-of")
    assert refused.value.code == "model_unpriced"
    assert "CAMARAD_MODEL_PRICES to" in refused.value.hint
    assert '{"openai/unheard-of": {"input": 150000' in refused.value.hint


def test_a_price_from_settings_wins_over_the_list():
    settings = load_settings(_env_file=None, camarad_model_prices={"gpt-5-mini": {"input": 1, "output": 2}})
    assert Catalog(settings).price("gpt-5-mini") == Price(1, 1, 2, "settings")


@pytest.mark.parametrize(
    "given_", [{"input": 1}, {"output": 1}, {"input": -1, "output": 1}, {"input": 1, "output": 2**53 + 1}]
)
def test_half_a_price_in_settings_stops_the_start(given_):
    with pytest.raises(Misconfigured, match="CAMARAD_MODEL_PRICES"):
        Catalog(load_settings(_env_file=None, camarad_model_prices={"a/b": given_}))


async def test_the_tables_win_while_they_are_valid(database, settings, clock):
    hour = timedelta(hours=1)
    entry = {"model": "gpt-5-mini", "cached_input_price": 1, "output_price": 1, "source": "invoice"}
    rate = {"scope": "default", "buffer_bp": 0, "margin_bp": 0, "eur_per_usd_ppm": 1}
    async with database.write() as session:
        session.add_all(
            [
                PricingEntry(
                    id=new_id(), input_price=7, valid_from=clock.now() - hour, valid_to=clock.now() + hour, **entry
                ),
                CtRate(id=new_id(), ct_value_micro_eur=5, valid_from=clock.now() - hour, valid_to=None, **rate),
                CtRate(id=new_id(), ct_value_micro_eur=6, valid_from=clock.now() + hour, valid_to=None, **rate),
            ]
        )
    catalog = Catalog(settings)
    await catalog.load(database, clock.now())
    assert (catalog.price("gpt-5-mini").input, catalog.rate.ct_value_micro_eur) == (7, 5)
    await catalog.load(database, clock.now() + hour)
    assert (catalog.price("gpt-5-mini").source, catalog.rate.ct_value_micro_eur) == ("litellm", 6)


def test_reading_prices_does_not_import_litellm():
    code = "import sys; from billing.pricefile import prices; prices(); sys.exit('litellm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
