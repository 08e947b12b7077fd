"""The rows of one GA4 property: sessions, and the events they consist of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.emulator.worlds.dice import Dice, Floats, Ints, pick
from tools.emulator.worlds.events import EVENTS

MILLION = 1_000_000
_STEPS = {
    "purchase": ("add_to_cart", "begin_checkout", "purchase"),
    "generate_lead": ("form_start", "form_start", "generate_lead"),
    "sign_up": ("", "", "sign_up"),
}
_STEP_ORDER = 64  # events of the goal come after those of the page views
_SCROLLED = 0.3
_SECONDS_A_VIEW = 24.0


@dataclass(slots=True)
class PropertyData:
    """`steps` are the page indexes where the goal's steps happen; `products` those of product pages."""

    pages: list[tuple[str, str]]
    sources: list[tuple[str, str, str, str]]
    products: list[int]
    page_weights: Floats
    steps: list[int]
    goal: str


@dataclass(slots=True)
class Sessions:
    """Columns, one entry a session. `engaged` in millionths; `goal_session` indexes sessions, repeats allowed."""

    key: Ints
    day: Ints
    user: Ints
    is_new: NDArray[Any]
    engaged: Ints
    source: Ints
    first_source: Ints
    landing: Ints
    place: Ints
    tech: Ints
    age: Ints
    gender: Ints
    start: Ints
    views: Ints
    stage: Ints
    goal_session: Ints
    goal_value: Ints


@dataclass(frozen=True, slots=True)
class _Block:
    """Some events: their session, order in it, kind, page, engagement and value."""

    session: Ints
    order: Ints
    kind: int
    page: Ints
    engagement: Ints | None = None
    value: Ints | None = None


def make_events(data: PropertyData, sessions: Sessions, dice: Dice) -> dict[str, Ints]:
    """All events in the order they happened: `session`, `second` of the day, `kind`, `page`, `ms`, `value`."""
    blocks = [*_arrivals(sessions), *_views(data, sessions, dice), *_goals(data, sessions)]
    sizes = [len(b.session) for b in blocks]
    session = np.concatenate([b.session for b in blocks])
    order = np.concatenate([b.order for b in blocks])
    sort = np.argsort(session * 256 + order, kind="stable")
    return {
        "session": session[sort],
        "second": (sessions.start[session] + order * 9)[sort],
        "kind": np.repeat([b.kind for b in blocks], sizes)[sort],
        "page": np.concatenate([b.page for b in blocks])[sort],
        "ms": np.concatenate([_or_zero(b.engagement, n) for b, n in zip(blocks, sizes, strict=True)])[sort],
        "value": np.concatenate([_or_zero(b.value, n) for b, n in zip(blocks, sizes, strict=True)])[sort],
    }


def _or_zero(column: Ints | None, size: int) -> Ints:
    return np.zeros(size, dtype=np.int64) if column is None else column


def _arrivals(sessions: Sessions) -> list[_Block]:
    everyone = np.arange(len(sessions.key))
    new = np.flatnonzero(sessions.is_new)
    return [
        _Block(new, np.zeros(len(new), dtype=np.int64), EVENTS.index("first_visit"), sessions.landing[new]),
        _Block(everyone, np.ones(len(everyone), dtype=np.int64), EVENTS.index("session_start"), sessions.landing),
    ]


def _views(data: PropertyData, sessions: Sessions, dice: Dice) -> list[_Block]:
    """Page views, each with its scroll and product view. Whoever went on to a cart saw a product before."""
    session = np.repeat(np.arange(len(sessions.key)), sessions.views)
    nth = np.arange(len(session)) - np.repeat(np.cumsum(sessions.views) - sessions.views, sessions.views)
    key = sessions.key[session] * 16 + nth
    page = pick(dice.uniform(key, "page"), data.page_weights)
    page = np.where(nth == 0, sessions.landing[session], page)
    if data.products:
        product = np.array(data.products)[dice.choice(key, "product", np.ones(len(data.products)))]
        page = np.where((nth == 1) & (sessions.stage[session] > 0), product, page)
    order = 2 + nth * 4
    spent = np.floor(-np.log(dice.uniform(key, "engagement")) * _SECONDS_A_VIEW * 1000).clip(0, 600_000)
    ms = np.where(sessions.engaged[session] > 0, spent, 0).astype(np.int64)
    scrolled = np.flatnonzero(dice.uniform(key, "scroll") < _SCROLLED)
    seen = np.flatnonzero(np.isin(page, data.products))
    return [
        _Block(session, order, EVENTS.index("page_view"), page, engagement=ms),
        _Block(session[scrolled], order[scrolled] + 1, EVENTS.index("scroll"), page[scrolled]),
        _Block(session[seen], order[seen] + 2, EVENTS.index("view_item"), page[seen]),
    ]


def _goals(data: PropertyData, sessions: Sessions) -> list[_Block]:
    names = _STEPS[data.goal]
    blocks = []
    for stage in (1, 2):
        if names[stage - 1] and (stage == 1 or names[0] != names[1]):
            reached = np.flatnonzero(sessions.stage >= stage)
            blocks += _step(data, reached, stage, names[stage - 1])
    goal = sessions.goal_session
    blocks += _step(data, goal, 3, names[2], sessions.goal_value)
    return blocks


def _step(data: PropertyData, session: Ints, stage: int, name: str, value: Ints | None = None) -> list[_Block]:
    page = data.steps[min(stage, len(data.steps)) - 1]
    pages = np.full(len(session), page, dtype=np.int64)
    order = np.full(len(session), _STEP_ORDER + stage * 3, dtype=np.int64)
    return [
        _Block(
            np.unique(session),
            order[: len(np.unique(session))],
            EVENTS.index("page_view"),
            pages[: len(np.unique(session))],
        ),
        _Block(session, order + 1, EVENTS.index(name), pages, value=value),
    ]
