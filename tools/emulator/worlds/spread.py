"""Daily data for fixture clients: any totals, spread over the 30 days before `today`, adding up exactly.

Everything is counted in integers and divided by cumulative rounding, so that no unit is lost or made.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from tools.emulator.totals import MILLION, AdsTotals, CampaignTotals, Ga4Totals, TermTotals
from tools.emulator.worlds import season
from tools.emulator.worlds.account import AccountData
from tools.emulator.worlds.dice import Dice, Floats, Ints
from tools.emulator.worlds.places import AGES, GENDERS, PLACES, TECH
from tools.emulator.worlds.property import PropertyData, Sessions
from tools.emulator.worlds.shape import DEVICES
from tools.emulator.worlds.visits import DAY_SHIFT, start_times

DAYS = 30
_WEEKDAY = (1.06, 1.05, 1.03, 1.0, 0.96, 0.92, 0.98)
_DEVICE = (0.6, 0.34, 0.06)
_CENT = 10_000
_NOT_SET = "(not set)"
_USUAL_RATE = 0.58  # engagement of sessions whose landing page the file does not name
_SHARE = 0.55  # of the auctions fixture campaigns took part in
_CHANNEL_SOURCES = {
    "Organic Search": ("google", "organic", "(organic)"),
    "Paid Search": ("google", "cpc", "(paid)"),
    "Paid Social": ("facebook.com", "paid_social", "(paid)"),
    "Paid Shopping": ("google", "cpc", "(shopping)"),
    "Cross-network": ("google", "cpc", "(cross-network)"),
    "Display": ("google", "display", "(display)"),
    "Direct": ("(direct)", "(none)", "(direct)"),
    "Organic Social": ("facebook.com", "referral", "(referral)"),
    "Organic Shopping": ("google", "organic", "(shopping)"),
    "Organic Video": ("youtube.com", "referral", "(referral)"),
    "Email": ("newsletter", "email", "newsletter"),
    "Referral": ("partner.example", "referral", "(referral)"),
    "Affiliates": ("partner.example", "affiliate", "affiliates"),
    "Unassigned": ("(not set)", "(not set)", "(not set)"),
}


def split(total: int, weights: Floats) -> Ints:
    """`total` in whole units by weight; the parts add up to it exactly and none is negative."""
    weights = np.asarray(weights, dtype=np.float64)
    if weights.sum() <= 0:
        weights = np.ones(len(weights))
    share = np.cumsum(weights) / weights.sum()
    edges = [min(total, int(total * float(s))) for s in share[:-1]]
    bounds = np.array([0, *edges, total], dtype=np.int64)
    return bounds[1:] - bounds[:-1]


def last_days(today: date) -> Ints:
    end = season.day_number(today)
    return np.arange(end - DAYS, end, dtype=np.int64)


def _day_weights(dice: Dice, days: Ints, purpose: str) -> Floats:
    weekday = np.array([_WEEKDAY[season.day_date(d).weekday()] for d in days])
    weights: Floats = weekday * (0.85 + 0.3 * dice.uniform(days, purpose))
    return weights


def spread_account(totals: AdsTotals, number: int, dice: Dice, today: date) -> AccountData:
    """Campaigns with one ad group each, a keyword for each search term, and one for what no term covers."""
    data = AccountData()
    days = last_days(today)
    parts: list[dict[str, Ints]] = []
    for index, campaign in enumerate(totals.campaigns):
        parts += _campaign(data, number, index, campaign, dice, days)
    names = parts[0].keys() if parts else ()
    data.facts = {name: np.concatenate([p[name] for p in parts]) for name in names}
    return data


def _campaign(
    data: AccountData, number: int, index: int, campaign: CampaignTotals, dice: Dice, days: Ints
) -> list[dict[str, Ints]]:
    budget = max(MILLION, -(-campaign.cost // DAYS // MILLION) * MILLION)
    row = data.add_campaign(number, campaign.name, budget, bidding="MAXIMIZE_CONVERSIONS")
    group = data.add_ad_group(number, row, campaign.name, "https://www.example.com/")
    cells = [*campaign.terms, *_rest(campaign)]
    values = split(campaign.value, _weights([c.conversions for c in cells], [c.clicks for c in cells]))
    parts = []
    for nth, cell in enumerate(cells):
        bid = max(_CENT, cell.cost // max(1, cell.clicks) // _CENT * _CENT)
        criterion = data.add_criterion(number, group, cell.term or campaign.name.lower(), "PHRASE", 6, bid)
        facts = _facts(dice, days, f"{index}/{nth}", cell, int(values[nth]))
        size = len(facts["day"])
        facts["criterion_id"] = np.full(size, criterion.criterion_id)
        facts["term"] = np.full(size, data.term_index(cell.term))
        parts.append(facts)
    return parts


def _rest(campaign: CampaignTotals) -> list[TermTotals]:
    """What the file's search terms leave of the campaign, as a cell without a term."""
    left = [
        getattr(campaign, name) - sum(getattr(t, name) for t in campaign.terms)
        for name in ("impressions", "clicks", "cost", "conversions")
    ]
    return [TermTotals("", *left)] if any(left) or not campaign.terms else []


def _weights(*choices: list[int] | Ints | Floats) -> Floats:
    """The first of the weights that are not all zero."""
    for choice in choices:
        weights = np.asarray(choice, dtype=np.float64)
        if weights.sum() > 0:
            return weights
    return np.ones(len(choices[-1]))


def _facts(dice: Dice, days: Ints, name: str, cell: TermTotals, value: int) -> dict[str, Ints]:
    """One cell over days and devices: cost follows clicks, conversions follow clicks, value follows conversions."""
    grid = np.outer(_day_weights(dice, days, f"ads/{name}"), _DEVICE).ravel()
    clicks = split(cell.clicks, grid)
    impressions = split(cell.impressions, _weights(clicks + grid))
    conversions = split(cell.conversions // MILLION, _weights(clicks, grid)) * MILLION
    conversions[int(np.argmax(clicks))] += cell.conversions % MILLION
    eligible = np.rint(impressions / _SHARE).astype(np.int64)
    return {
        "day": np.repeat(days, len(_DEVICE)),
        "device": np.tile(np.arange(len(_DEVICE)), len(days)),
        "impressions": impressions,
        "clicks": clicks,
        "cost": split(cell.cost, _weights(clicks, grid)),
        "conversions": conversions,
        "value": split(value, _weights(conversions, clicks, grid)),
        "eligible": eligible,
        "lost_budget": (eligible - impressions) // 4,
    }


def spread_property(totals: Ga4Totals, dice: Dice, today: date) -> tuple[PropertyData, Sessions]:
    """Sessions whose margins by day, channel and landing page are the totals; purchases and revenue on top."""
    channels = _with_rest(list(totals.channels), totals.sessions, "Unassigned")
    landings = _with_rest([(p.path, p.sessions) for p in totals.landing_pages], totals.sessions, _NOT_SET)
    pages = [(path, _title(path)) for path, _ in landings]
    pages += [(path, _title(path)) for path in ("/", "/product", "/cart", "/checkout", "/thank-you")]
    extra = len(landings)
    weights = np.array([float(n) if path != _NOT_SET else 0.0 for path, n in landings] + [50.0, 40.0, 0, 0, 0])
    data = PropertyData(
        pages=pages,
        sources=[(name, *_CHANNEL_SOURCES.get(name, ("(not set)", "(not set)", "(not set)"))) for name, _ in channels],
        products=[extra + 1],
        page_weights=weights,
        steps=[extra + 2, extra + 3, extra + 4],
        goal="purchase",
    )
    return data, _sessions(totals, dice, today, [n for _, n in channels], [n for _, n in landings])


def _title(path: str) -> str:
    words = path.strip("/").replace("/", " – ").replace("-", " ")
    return words.capitalize() or "Home"


def _with_rest(parts: list[tuple[str, int]], total: int, rest: str) -> list[tuple[str, int]]:
    left = total - sum(n for _, n in parts)
    return [*parts, (rest, left)] if left or not parts else parts


def _shuffle(dice: Dice, size: int, purpose: str) -> Ints:
    return np.argsort(dice.uniform(np.arange(size), purpose), kind="stable")


def _sessions(totals: Ga4Totals, dice: Dice, today: date, channels: list[int], landings: list[int]) -> Sessions:
    size, days = totals.sessions, last_days(today)
    source = np.repeat(np.arange(len(channels)), channels)
    landing = np.repeat(np.arange(len(landings)), landings)[_shuffle(dice, size, "landing")]
    day = np.repeat(days, split(size, _day_weights(dice, days, "ga4")))[_shuffle(dice, size, "day")]
    key = day * DAY_SHIFT * 4 + np.arange(size)
    is_new = dice.uniform(key, "new") < 0.64
    user = np.where(is_new, key, key[np.floor(dice.uniform(key, "who") * size).astype(np.int64)] if size else key)
    views = 1 + np.floor(-np.log(dice.uniform(key, "depth")) * 1.2).clip(0, 8).astype(np.int64)
    goal = _buyers(totals, dice, key)
    stage = np.where(dice.uniform(key, "begun") < 0.08, 1 + (dice.uniform(key, "checkout") < 0.5), 0)
    stage[goal] = 3
    views[stage > 0] = np.maximum(views[stage > 0], 2)
    return Sessions(
        key=key,
        day=day,
        user=user,
        is_new=is_new,
        engaged=_engaged(totals, dice, landing, landings),
        source=source,
        first_source=source,
        landing=landing,
        place=dice.choice(user, "place", np.where([p.country_id == "RO" for p in PLACES], 3.0, 0.4)),
        tech=dice.choice(user, "tech", np.array([t.share * _DEVICE[_device(t.device)] for t in TECH])),
        age=dice.choice(user, "age", np.array([w for _, w in AGES])),
        gender=dice.choice(user, "gender", np.array([w for _, w in GENDERS])),
        start=start_times(dice, key),
        views=views,
        stage=stage.astype(np.int64),
        goal_session=goal,
        goal_value=_order_values(totals, dice, len(goal)),
    )


def _device(name: str) -> int:
    return DEVICES.index(name)


def _buyers(totals: Ga4Totals, dice: Dice, key: Ints) -> Ints:
    """The session of each purchase; with more purchases than sessions some buy several times."""
    if not totals.purchases:
        return np.zeros(0, dtype=np.int64)
    order = _shuffle(dice, len(key), "buyers")
    return np.sort(order[np.arange(totals.purchases) % len(key)])


def _order_values(totals: Ga4Totals, dice: Dice, count: int) -> Ints:
    """Revenue over the purchases in cents, what is below a cent on the last one."""
    if not count:
        return np.zeros(0, dtype=np.int64)
    values = split(totals.revenue // _CENT, 0.5 + dice.uniform(np.arange(count), "order")) * _CENT
    values[-1] += totals.revenue % _CENT
    return values


def _engaged(totals: Ga4Totals, dice: Dice, landing: Ints, landings: list[int]) -> Ints:
    """Engaged millionths of each session: whole sessions, and one part, so that each page's rate is exact."""
    engaged = np.zeros(len(landing), dtype=np.int64)
    wanted = [p.engaged for p in totals.landing_pages]
    wanted += [round(_USUAL_RATE * n) * MILLION for n in landings[len(wanted) :]]
    order = np.argsort(landing + 0.999 * dice.uniform(np.arange(len(landing)), "engaged"), kind="stable")
    start = 0
    for size, amount in zip(landings, wanted, strict=True):
        whole, part = divmod(amount, MILLION)
        engaged[order[start : start + whole]] = MILLION
        if part:
            engaged[order[start + whole]] = part
        start += size
    return engaged
