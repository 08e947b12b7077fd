"""The rows of one Google Ads account, made from a shape or from fixture totals, ready to be stored."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tools.emulator.worlds.dice import Floats, Ints

FACT_COLUMNS = (
    "day",
    "criterion_id",
    "term",
    "device",
    "impressions",
    "clicks",
    "cost",
    "conversions",
    "value",
    "eligible",
    "lost_budget",
)
_CAMPAIGN_BASE = 20_100_000_000
_BUDGET_BASE = 11_400_000_000
_AD_GROUP_BASE = 150_200_000_000
_CRITERION_BASE = 300_500_000_000
_PER_ACCOUNT = 100_000


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """`budget` is micros a day."""

    campaign_id: int
    name: str
    status: str
    type: str
    bidding: str
    budget_id: int
    budget: int


@dataclass(frozen=True, slots=True)
class AdGroupRow:
    ad_group_id: int
    campaign_id: int
    name: str
    landing: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """`keyword` is None for traffic without keywords, such as Performance Max. `quality` 0 is unknown."""

    criterion_id: int
    ad_group_id: int
    keyword: str | None
    match: str
    quality: int
    bid: int


@dataclass(slots=True)
class AccountData:
    """`facts` columns are FACT_COLUMNS; money and conversions in millionths; `term` indexes `terms`, -1 is none."""

    campaigns: list[CampaignRow] = field(default_factory=list)
    ad_groups: list[AdGroupRow] = field(default_factory=list)
    criteria: list[CriterionRow] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    facts: dict[str, Ints] = field(default_factory=dict)

    def term_index(self, text: str) -> int:
        """The index of a search term, added when it is new; -1 for the empty one."""
        if not text:
            return -1
        if text not in self.terms:
            self.terms.append(text)
        return self.terms.index(text)

    def add_campaign(
        self, number: int, name: str, budget: int, *, status: str = "ENABLED", type_: str = "SEARCH", bidding: str
    ) -> CampaignRow:
        index = len(self.campaigns)
        row = CampaignRow(
            campaign_id=_CAMPAIGN_BASE + number * _PER_ACCOUNT + index,
            name=name,
            status=status,
            type=type_,
            bidding=bidding,
            budget_id=_BUDGET_BASE + number * _PER_ACCOUNT + index,
            budget=budget,
        )
        self.campaigns.append(row)
        return row

    def add_ad_group(self, number: int, campaign: CampaignRow, name: str, landing: str) -> AdGroupRow:
        row = AdGroupRow(
            _AD_GROUP_BASE + number * _PER_ACCOUNT + len(self.ad_groups), campaign.campaign_id, name, landing
        )
        self.ad_groups.append(row)
        return row

    def add_criterion(
        self, number: int, group: AdGroupRow, keyword: str | None, match: str, quality: int, bid: int
    ) -> CriterionRow:
        row = CriterionRow(
            _CRITERION_BASE + number * _PER_ACCOUNT + len(self.criteria),
            group.ad_group_id,
            keyword,
            match,
            quality,
            bid,
        )
        self.criteria.append(row)
        return row

    def clicks_by_day(self, campaign_id: int, days: Ints) -> Floats:
        """Clicks of one campaign on each of the days."""
        groups = {g.ad_group_id for g in self.ad_groups if g.campaign_id == campaign_id}
        own = np.array([c.criterion_id for c in self.criteria if c.ad_group_id in groups])
        mask = np.isin(self.facts["criterion_id"], own)
        where = self.facts["day"][mask] - days[0]
        return np.bincount(where, weights=self.facts["clicks"][mask], minlength=len(days)).astype(np.float64)
