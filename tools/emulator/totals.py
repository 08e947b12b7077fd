"""Exact totals of a fixture client, in integers: money, conversions and engaged sessions in millionths."""

from __future__ import annotations

from dataclasses import dataclass

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class TermTotals:
    term: str
    impressions: int
    clicks: int
    cost: int
    conversions: int


@dataclass(frozen=True, slots=True)
class CampaignTotals:
    """`terms` may cover a part of the campaign; the rest has no search term."""

    name: str
    impressions: int
    clicks: int
    cost: int
    conversions: int
    value: int
    terms: tuple[TermTotals, ...]


@dataclass(frozen=True, slots=True)
class AdsTotals:
    campaigns: tuple[CampaignTotals, ...]


@dataclass(frozen=True, slots=True)
class LandingTotals:
    """`engaged` is rate x sessions in millionths, so that the rate comes back exactly as it was given."""

    path: str
    sessions: int
    engaged: int


@dataclass(frozen=True, slots=True)
class Ga4Totals:
    sessions: int
    purchases: int
    revenue: int
    channels: tuple[tuple[str, int], ...]
    landing_pages: tuple[LandingTotals, ...]
