"""Sessions of a demo property, drawn from its sources and from the clicks of its ads."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from tools.emulator.worlds import season
from tools.emulator.worlds.account import AccountData
from tools.emulator.worlds.clicks import CENT
from tools.emulator.worlds.dice import Dice, Floats, Ints, pick
from tools.emulator.worlds.places import AGES, GENDERS, PLACES, TECH
from tools.emulator.worlds.property import MILLION, PropertyData, Sessions
from tools.emulator.worlds.shape import DEVICES, Campaign, Shape, Source

DAY_SHIFT = 1 << 20  # sessions of a day are numbered below this
_CLICK_TO_SESSION = 0.92
_MEAN_RETURN_DAYS = 18.0
_CHANNELS = {"SEARCH": "Paid Search", "PERFORMANCE_MAX": "Cross-network", "DISPLAY": "Display"}
_NIGHT = [1.1, 0.7, 0.5, 0.4, 0.4, 0.7, 1.6, 2.9]
_WORKDAY = [4.1, 5.2, 5.7, 5.8, 5.6, 5.4, 5.3, 5.4]
_EVENING = [5.6, 5.9, 6.2, 6.8, 7.2, 6.9, 5.0, 2.8]
HOURS = np.array([*_NIGHT, *_WORKDAY, *_EVENING])  # sessions by hour of the day
CHECKOUT, ORDER = 0.55, 0.50  # cart to checkout, checkout to order
FORM_SENT = 0.45


def draw_property(
    shape: Shape, dice: Dice, days: Ints, today: date, account: AccountData | None
) -> tuple[PropertyData, Sessions]:
    """The property's sources and pages, and one row a session."""
    assert shape.client.ga4 is not None
    sources = [*shape.sources, *(_paid_source(c) for c in shape.campaigns if account)]
    data = PropertyData(
        pages=[(p.path, p.title) for p in shape.pages],
        sources=[(s.channel, s.source, s.medium, s.campaign) for s in sources],
        products=[i for i, p in enumerate(shape.pages) if p.product],
        page_weights=np.array([p.views for p in shape.pages]),
        steps=[[p.path for p in shape.pages].index(path) for path in shape.steps],
        goal=shape.goal,
    )
    counts = _counts(shape, dice, days, today, account)
    return data, _sessions(shape, dice, days, today, sources, counts)


def _paid_source(campaign: Campaign) -> Source:
    """A campaign as a source: its goal rate is the mean of its terms, weighted by clicks."""
    words = [word for group in campaign.ad_groups for word in group.keywords]
    weights = [w.impressions * w.ctr for w in words]
    rates = [sum(t.share * t.rate for t in w.terms) for w in words]
    rate = float(np.average(rates, weights=weights))
    landing = urlsplit(campaign.ad_groups[0].landing).path
    return Source(_CHANNELS[campaign.type], "google", "cpc", campaign.name, 0, rate, 1.3, 0.7, landing)


def _counts(shape: Shape, dice: Dice, days: Ints, today: date, account: AccountData | None) -> Ints:
    """Sessions by day and source."""
    level = season.level(shape, days)
    means = [level * s.sessions * _organic(shape, s, today, days) for s in shape.sources]
    if account:
        means += [_CLICK_TO_SESSION * account.clicks_by_day(c.campaign_id, days) for c in account.campaigns]
    grid = np.column_stack(means)
    for incident in shape.incidents:
        if incident.kind == "tracking_outage":
            grid *= season.during(incident, today, days)[:, None]
    keys = days[:, None] * 64 + np.arange(grid.shape[1])[None, :]
    return dice.poisson(keys.ravel(), "sessions", grid.ravel()).reshape(grid.shape)


def _organic(shape: Shape, source: Source, today: date, days: Ints) -> Floats:
    factor = np.ones(len(days))
    if source.channel == "Organic Search":
        for incident in shape.incidents:
            if incident.kind == "organic_drop":
                factor *= season.during(incident, today, days)
    return factor


def _sessions(shape: Shape, dice: Dice, days: Ints, today: date, sources: list[Source], counts: Ints) -> Sessions:
    source = np.repeat(np.tile(np.arange(len(sources)), len(days)), counts.ravel())
    per_day = counts.sum(axis=1)
    day = np.repeat(days, per_day)
    first = np.concatenate(([0], np.cumsum(per_day)[:-1]))
    key = day * DAY_SHIFT + np.arange(len(day)) - np.repeat(first, per_day)
    is_new = dice.uniform(key, "new") < _of(sources, source, "new")
    user, first_source = _users(dice, days, per_day, first, key, day, source, is_new)
    tech = dice.choice(user, "tech", _tech_weights(shape))
    depth = np.floor(-np.log(dice.uniform(key, "depth")) * _of(sources, source, "depth")).clip(0, 11)
    stage = _stage(shape, dice, today, sources, key, day, source, tech, depth)
    goals = np.flatnonzero(stage == 3)
    return Sessions(
        key=key,
        day=day,
        user=user,
        is_new=is_new,
        engaged=np.where((depth > 0) | (dice.uniform(key, "engaged") < 0.34), MILLION, 0),
        source=source,
        first_source=first_source,
        landing=_landing(shape, dice, sources, key, source),
        place=_places(shape, dice, user),
        tech=tech,
        age=dice.choice(user, "age", np.array([w for _, w in AGES])),
        gender=dice.choice(user, "gender", np.array([w for _, w in GENDERS])),
        start=start_times(dice, key),
        views=1 + depth.astype(np.int64),
        stage=stage,
        goal_session=goals,
        goal_value=_goal_values(shape, dice, key[goals]),
    )


def _of(sources: list[Source], index: Ints, name: str) -> Floats:
    values: Floats = np.array([getattr(s, name) for s in sources], dtype=np.float64)[index]
    return values


def _users(
    dice: Dice, days: Ints, per_day: Ints, first: Ints, key: Ints, day: Ints, source: Ints, is_new: NDArray[np.bool_]
) -> tuple[Ints, Ints]:
    """A new visitor is named by this session's key; one who returns is someone of an earlier day, source and all."""
    lag = 1 + np.floor(-np.log(dice.uniform(key, "lag")) * _MEAN_RETURN_DAYS).astype(np.int64)
    then = np.maximum(day - lag, days[0])
    row = then - days[0]
    position = np.floor(dice.uniform(key, "who") * per_day[row]).astype(np.int64)
    who = np.minimum(first[row] + position, len(source) - 1)
    return np.where(is_new, key, then * DAY_SHIFT + position), np.where(is_new, source, source[who])


def _stage(
    shape: Shape,
    dice: Dice,
    today: date,
    sources: list[Source],
    key: Ints,
    day: Ints,
    source: Ints,
    tech: Ints,
    depth: Floats,
) -> Ints:
    """How far each session went: 0 no step, 1 cart or form, 2 checkout, 3 the goal."""
    further = np.exp(-1.0 / _of(sources, source, "depth"))  # share of sessions with a second page view
    passed = {"purchase": CHECKOUT * ORDER, "generate_lead": FORM_SENT, "sign_up": 1.0}[shape.goal]
    begun = (depth > 0) & (dice.uniform(key, "begun") < _of(sources, source, "rate") / (further * passed))
    last = ORDER if shape.goal == "purchase" else passed
    second = begun & ((shape.goal != "purchase") | (dice.uniform(key, "checkout") < CHECKOUT))
    done = second & (dice.uniform(key, "done") < last * _goal_factor(shape, today, day, tech))
    stage = begun.astype(np.int64) + (second if shape.goal == "purchase" else 0)
    return np.where(done, 3, stage).astype(np.int64)


def _goal_factor(shape: Shape, today: date, day: Ints, tech: Ints) -> Floats:
    factor = np.ones(len(day))
    devices = np.array([DEVICES.index(t.device) for t in TECH])[tech]
    for incident in shape.incidents:
        if incident.kind == "conversion_drop":
            hit = (devices == DEVICES.index(incident.device)) if incident.device else np.ones(len(day), dtype=bool)
            factor *= np.where(hit, season.during(incident, today, day), 1.0)
    return factor


def _tech_weights(shape: Shape) -> Floats:
    return np.array([t.share * shape.devices[DEVICES.index(t.device)] for t in TECH])


def _places(shape: Shape, dice: Dice, user: Ints) -> Ints:
    cities = [p.city for p in PLACES]
    index = np.array([cities.index(city) for city, _ in shape.places])
    chosen: Ints = index[dice.choice(user, "place", np.array([w for _, w in shape.places]))]
    return chosen


def _landing(shape: Shape, dice: Dice, sources: list[Source], key: Ints, source: Ints) -> Ints:
    landing = dice.choice(key, "landing", np.array([p.entry for p in shape.pages]))
    paths = [p.path for p in shape.pages]
    for index, row in enumerate(sources):
        if row.landing:
            landing[source == index] = paths.index(row.landing)
    return landing


def start_times(dice: Dice, key: Ints) -> Ints:
    """Seconds since midnight; sessions begin before 23:30 so that none crosses into the next day."""
    hour = pick(dice.uniform(key, "hour"), HOURS)
    return np.minimum(hour * 3600 + np.floor(dice.uniform(key, "second") * 3600).astype(np.int64), 84_600)


def _goal_values(shape: Shape, dice: Dice, key: Ints) -> Ints:
    """What each goal is worth in micros: an order around the mean basket, else a fixed value."""
    spread = np.exp(0.45 * dice.normal(key, "basket") - 0.10125)
    values = shape.order * spread if shape.order else np.full(len(key), 0.0)
    return np.rint(values * 100).astype(np.int64) * CENT
