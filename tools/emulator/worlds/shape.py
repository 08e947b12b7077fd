"""The records a demo client is described by: pages, sources, campaigns, incidents. Data, no behaviour.

Rates are fractions, money is units of the client's currency, sizes are per day at the end of the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tools.emulator.agency import DemoClient

Goal = Literal["purchase", "generate_lead", "sign_up"]
DEVICES = ("mobile", "desktop", "tablet")
MATCH_TYPES = Literal["EXACT", "PHRASE", "BROAD"]


@dataclass(frozen=True, slots=True)
class Page:
    """`entry` weighs it as an organic landing page, `views` as a later page view."""

    path: str
    title: str
    entry: float
    views: float
    product: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """`rate` is the share of its sessions that reach the goal; `depth` the mean of further pages in a session."""

    channel: str
    source: str
    medium: str
    campaign: str
    sessions: float
    rate: float
    depth: float = 1.4
    new: float = 0.62
    landing: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    text: str
    share: float
    rate: float


@dataclass(frozen=True, slots=True)
class Keyword:
    text: str
    match: MATCH_TYPES
    quality: int
    cpc: float
    ctr: float
    impressions: float
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class AdGroup:
    name: str
    landing: str
    keywords: tuple[Keyword, ...]


@dataclass(frozen=True, slots=True)
class Campaign:
    """`share` is its part of the auctions it could enter; `lost_budget` is the part of the rest lost to its budget."""

    name: str
    budget: float
    ad_groups: tuple[AdGroup, ...]
    type: Literal["SEARCH", "PERFORMANCE_MAX", "DISPLAY"] = "SEARCH"
    status: Literal["ENABLED", "PAUSED"] = "ENABLED"
    bidding: str = "MAXIMIZE_CONVERSIONS"
    share: float = 0.6
    lost_budget: float = 0.1


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that went wrong, `begins` days after the anchor (see `worlds/season.py`), for `days` days.

    tracking_outage and organic_drop change sessions, conversion_drop the goal rate, cpc_spike the click price; each
    is multiplied by `factor`. `device` and `campaign` narrow it down.
    """

    kind: Literal["tracking_outage", "organic_drop", "conversion_drop", "cpc_spike"]
    begins: int
    days: int
    factor: float
    note: str
    device: str | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """One client's world. `growth` is per year; `weekday` starts on Monday; `winter` > 0 peaks in January."""

    client: DemoClient
    host: str
    goal: Goal = "purchase"
    growth: float = 0.1
    weekday: tuple[float, ...] = (1.05, 1.05, 1.03, 1.0, 0.96, 0.93, 0.98)
    winter: float = 0.1
    black_friday: float = 1.0
    order: float = 0.0
    goal_value: float = 0.0
    pages: tuple[Page, ...] = ()
    steps: tuple[str, ...] = ()  # paths of the pages where the goal's steps happen, the goal's last
    sources: tuple[Source, ...] = ()
    places: tuple[tuple[str, float], ...] = ()  # city (worlds/places.py), weight
    devices: tuple[float, float, float] = (0.64, 0.31, 0.05)
    campaigns: tuple[Campaign, ...] = ()
    incidents: tuple[Incident, ...] = ()
