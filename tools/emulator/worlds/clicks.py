"""Google Ads facts of a demo account: one row a day, search term and device, drawn from the shape's campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from tools.emulator.worlds import season
from tools.emulator.worlds.account import AccountData
from tools.emulator.worlds.dice import Dice, Floats, Ints
from tools.emulator.worlds.shape import DEVICES, Campaign, Keyword, Shape

CENT = 10_000  # micros
MILLION = 1_000_000
_PAUSED_SINCE = -35  # days from the anchor
_PERFORMANCE = "("  # a keyword in brackets stands for traffic that has none


@dataclass(frozen=True, slots=True)
class _Cell:
    """One search term of one keyword on one device."""

    campaign: Campaign
    keyword: Keyword
    criterion_id: int
    term: int
    device: int
    impressions: float
    rate: float


def draw_account(shape: Shape, number: int, dice: Dice, days: Ints, today: date) -> AccountData:
    """The account's campaigns and daily facts. `number` tells accounts apart in ids."""
    data = AccountData()
    cells = [cell for campaign in shape.campaigns for cell in _cells(shape, number, campaign, data)]
    data.facts = _draw(shape, dice, days, today, cells)
    return data


def _cells(shape: Shape, number: int, campaign: Campaign, data: AccountData) -> Iterator[_Cell]:
    row = data.add_campaign(
        number,
        campaign.name,
        round(campaign.budget * MILLION),
        status=campaign.status,
        type_=campaign.type,
        bidding=campaign.bidding,
    )
    for group in campaign.ad_groups:
        group_row = data.add_ad_group(number, row, group.name, group.landing)
        for word in group.keywords:
            text = None if word.text.startswith(_PERFORMANCE) else word.text
            bid = round(word.cpc * 1.25, 2)
            criterion = data.add_criterion(number, group_row, text, word.match, word.quality, round(bid * MILLION))
            for term in word.terms:
                index = data.term_index(term.text)
                for device, part in enumerate(shape.devices):
                    impressions = word.impressions * term.share * part
                    yield _Cell(campaign, word, criterion.criterion_id, index, device, impressions, term.rate)


def _draw(shape: Shape, dice: Dice, days: Ints, today: date, cells: list[_Cell]) -> dict[str, Ints]:
    """Days x cells, flattened; rows without an impression are left out."""
    keys = (days[:, None] * 4096 + np.arange(len(cells))[None, :]).ravel()
    busy = season.level(shape, days)[:, None] * np.array([c.impressions for c in cells])[None, :]
    busy *= np.column_stack([_running(c.campaign, today, days) for c in cells])
    impressions = dice.poisson(keys, "impressions", busy.ravel())
    clicks = dice.poisson(keys, "clicks", impressions * _each(cells, days, [c.keyword.ctr for c in cells]))
    clicks = np.minimum(clicks, impressions)
    cost = clicks * _price(shape, days, today, cells) * (0.9 + 0.2 * dice.uniform(keys, "price"))
    conversions = dice.poisson(keys, "conversions", clicks * _rate(shape, days, today, cells))
    conversions = np.minimum(conversions, clicks)
    worth = (shape.order or shape.goal_value) * (0.7 + 0.6 * dice.uniform(keys, "worth"))
    auctions = impressions / (
        _each(cells, days, [c.campaign.share for c in cells]) * (0.95 + 0.05 * _noise(dice, keys))
    )
    eligible = np.maximum(np.rint(auctions), impressions)
    lost = (eligible - impressions) * _each(cells, days, [c.campaign.lost_budget for c in cells])
    facts = {
        "day": np.repeat(days, len(cells)),
        "criterion_id": np.tile([c.criterion_id for c in cells], len(days)),
        "term": np.tile([c.term for c in cells], len(days)),
        "device": np.tile([c.device for c in cells], len(days)),
        "impressions": impressions,
        "clicks": clicks,
        "cost": np.rint(cost * 100) * CENT,
        "conversions": conversions * MILLION,
        "value": np.rint(conversions * worth * 100) * CENT,
        "eligible": eligible,
        "lost_budget": np.rint(lost),
    }
    shown = impressions > 0
    return {name: column[shown].astype(np.int64) for name, column in facts.items()}


def _each(cells: list[_Cell], days: Ints, values: list[float]) -> Floats:
    del cells
    return np.tile(np.array(values), len(days))


def _noise(dice: Dice, keys: Ints) -> Floats:
    return dice.uniform(keys, "auctions")


def _running(campaign: Campaign, today: date, days: Ints) -> Floats:
    if campaign.status == "ENABLED":
        return np.ones(len(days))
    return (days < season.anchor(today) + _PAUSED_SINCE).astype(np.float64)


def _price(shape: Shape, days: Ints, today: date, cells: list[_Cell]) -> Floats:
    grid = np.tile(np.array([c.keyword.cpc for c in cells]), (len(days), 1))
    for incident in shape.incidents:
        if incident.kind == "cpc_spike":
            hit = np.array([incident.campaign in (None, c.campaign.name) for c in cells])
            grid[:, hit] *= season.during(incident, today, days)[:, None]
    return grid.ravel()


def _rate(shape: Shape, days: Ints, today: date, cells: list[_Cell]) -> Floats:
    grid = np.tile(np.array([c.rate for c in cells]), (len(days), 1))
    for incident in shape.incidents:
        if incident.kind == "conversion_drop":
            hit = np.array([incident.device in (None, DEVICES[c.device]) for c in cells])
            grid[:, hit] *= season.during(incident, today, days)[:, None]
    return grid.ravel()
