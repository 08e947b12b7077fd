"""The change history of an account: what people and scripts did in the last weeks, in step with its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tools.emulator.worlds import season
from tools.emulator.worlds.account import AccountData, CampaignRow, CriterionRow
from tools.emulator.worlds.shape import Incident, Shape

AGENCY, AUTOMATION = "agency@camarad.example", "automation@camarad.example"


@dataclass(frozen=True, slots=True)
class Change:
    """One changed field; `old` and `new` as Google writes them: micros, or the name of an enum. A resource that was
    made has no field."""

    at: datetime
    campaign_id: int
    ad_group_id: int | None
    by: str
    resource: str
    operation: str
    field: str = ""
    old: str = ""
    new: str = ""


def changes_of(shape: Shape, account: AccountData, today: date) -> list[Change]:
    """A budget raised three weeks ago, a campaign paused for a quarter of an hour, a negative keyword, and each rise of
    click prices that an incident is made of."""
    campaigns = {c.name: c for c in account.campaigns}
    by_budget = sorted((c for c in account.campaigns if c.status == "ENABLED"), key=lambda c: -c.budget)
    spikes = [i for i in shape.incidents if i.kind == "cpc_spike" and i.campaign]
    return [
        _budget(by_budget[0], _moment(today, 21, time(10, 42, 7))),
        *_pause(by_budget[-1], _moment(today, 14, time(9, 2, 11))),
        _negative(by_budget[-1], _moment(today, 12, time(16, 20, 44))),
        *(_bid(account, campaigns[i.campaign], i, today) for i in spikes if i.campaign),
    ]


def _moment(today: date, days: int, at: time) -> datetime:
    return datetime.combine(today - timedelta(days=days), at)


def _budget(campaign: CampaignRow, at: datetime) -> Change:
    old, new = round(campaign.budget * 0.8), campaign.budget
    return Change(
        at, campaign.campaign_id, None, AGENCY, "CAMPAIGN_BUDGET", "UPDATE", "amount_micros", str(old), str(new)
    )


def _pause(campaign: CampaignRow, at: datetime) -> list[Change]:
    states = (("ENABLED", "PAUSED", 0), ("PAUSED", "ENABLED", 15))
    return [
        Change(
            at + timedelta(minutes=later), campaign.campaign_id, None, AGENCY, "CAMPAIGN", "UPDATE", "status", old, new
        )
        for old, new, later in states
    ]


def _negative(campaign: CampaignRow, at: datetime) -> Change:
    return Change(at, campaign.campaign_id, None, AGENCY, "CAMPAIGN_CRITERION", "CREATE")


def _bid(account: AccountData, campaign: CampaignRow, incident: Incident, today: date) -> Change:
    criterion = _first_keyword(account, campaign)
    at = datetime.combine(season.day_date(season.window(incident, today)[0]), time(9, 15, 30))
    old, new = criterion.bid, round(criterion.bid * incident.factor)
    where = (at, campaign.campaign_id, criterion.ad_group_id)
    return Change(*where, AUTOMATION, "AD_GROUP_CRITERION", "UPDATE", "cpc_bid_micros", str(old), str(new))


def _first_keyword(account: AccountData, campaign: CampaignRow) -> CriterionRow:
    groups = {group.ad_group_id for group in account.ad_groups if group.campaign_id == campaign.campaign_id}
    return next(criterion for criterion in account.criteria if criterion.ad_group_id in groups)
