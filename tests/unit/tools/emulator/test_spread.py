from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.emulator.totals import AdsTotals, CampaignTotals, Ga4Totals, LandingTotals, TermTotals
from tools.emulator.worlds.dice import Dice
from tools.emulator.worlds.events import EVENTS
from tools.emulator.worlds.property import make_events
from tools.emulator.worlds.spread import last_days, split, spread_account, spread_property

TODAY = date(2026, 11, 20)
DICE = Dice("test")
COUNTS = st.integers(0, 50_000)
MICROS = st.integers(0, 10**13)


@given(st.integers(0, 10**18), st.lists(st.floats(0, 1e6), min_size=1, max_size=120))
def test_split_gives_parts_that_add_up_and_are_never_negative(total, weights):
    parts = split(total, np.array(weights))
    assert int(parts.sum()) == total
    assert (parts >= 0).all()


@st.composite
def campaigns(draw):
    terms = tuple(
        TermTotals(f"term {i}", draw(COUNTS), draw(COUNTS), draw(MICROS), draw(MICROS))
        for i in range(draw(st.integers(0, 3)))
    )
    more = [draw(COUNTS), draw(COUNTS), draw(MICROS), draw(MICROS)]
    names = ("impressions", "clicks", "cost", "conversions")
    whole = [sum(getattr(t, n) for t in terms) + extra for n, extra in zip(names, more, strict=True)]
    return CampaignTotals("Campaign", *whole, draw(MICROS), terms)


@settings(max_examples=40, deadline=None)
@given(st.lists(campaigns(), min_size=1, max_size=3))
def test_every_campaign_total_is_served_exactly(totals):
    data = spread_account(AdsTotals(tuple(totals)), 100, DICE, TODAY)
    groups = {g.ad_group_id: g.campaign_id for g in data.ad_groups}
    criteria = {c.criterion_id: groups[c.ad_group_id] for c in data.criteria}
    owner = np.array([criteria[i] for i in data.facts["criterion_id"]])
    for row, wanted in zip(data.campaigns, totals, strict=True):
        own = owner == row.campaign_id
        for name in ("impressions", "clicks", "cost", "conversions", "value"):
            assert int(data.facts[name][own].sum()) == getattr(wanted, name), name
        for term in wanted.terms:
            part = own & (data.facts["term"] == data.terms.index(term.term))
            assert int(data.facts["cost"][part].sum()) == term.cost
            assert int(data.facts["clicks"][part].sum()) == term.clicks
            assert int(data.facts["conversions"][part].sum()) == term.conversions


@st.composite
def properties(draw):
    channels = [draw(st.integers(0, 900)) for _ in range(draw(st.integers(0, 4)))]
    landings = [draw(st.integers(0, 900)) for _ in range(draw(st.integers(0, 4)))]
    sessions = max(sum(channels), sum(landings)) + draw(st.integers(0, 50))
    purchases = draw(st.integers(0, 2 * sessions)) if sessions else 0
    revenue = draw(MICROS) if purchases else 0
    return Ga4Totals(
        sessions,
        purchases,
        revenue,
        tuple((f"Channel {i}", n) for i, n in enumerate(channels)),
        tuple(LandingTotals(f"/{i}", n, round(draw(st.integers(0, 10_000)) * n * 100)) for i, n in enumerate(landings)),
    )


@settings(max_examples=40, deadline=None)
@given(properties())
def test_every_property_total_is_served_exactly(totals):
    data, sessions = spread_property(totals, DICE, TODAY)
    events = make_events(data, sessions, DICE)
    assert len(sessions.key) == totals.sessions
    for index, (_, count) in enumerate(totals.channels):
        assert int((sessions.source == index).sum()) == count
    for index, landing in enumerate(totals.landing_pages):
        own = sessions.landing == index
        assert int(own.sum()) == landing.sessions
        assert int(sessions.engaged[own].sum()) == landing.engaged
    bought = events["kind"] == EVENTS.index("purchase")
    assert int(bought.sum()) == totals.purchases
    assert int(events["value"][bought].sum()) == totals.revenue


def test_every_session_is_within_the_thirty_days_before_today():
    totals = Ga4Totals(4000, 10, 10**7, (("Direct", 4000),), ())
    _, sessions = spread_property(totals, DICE, TODAY)
    assert sorted(set(sessions.day.tolist())) == last_days(TODAY).tolist()


def test_cost_only_falls_on_days_with_clicks():
    campaign = CampaignTotals("A", 900, 12, 5_000_000, 0, 0, ())
    facts = spread_account(AdsTotals((campaign,)), 100, DICE, TODAY).facts
    assert (facts["clicks"][facts["cost"] > 0] > 0).all()
    assert (facts["impressions"] >= facts["clicks"]).all()
