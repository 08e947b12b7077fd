"""Another plan for a subscription that runs, its end, and taking the end back.

A dearer plan begins at once: Stripe charges the difference for the rest of the period now, and the change is made when
that money is there. A cheaper one begins with the next period, through a schedule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from billing.plans import Plan, plan
from billing.stripe.checkout import Desk
from billing.stripe.client import Obj, StripeApi
from billing.stripe.state import first_item, id_of, instant
from camarad.errors import Conflict
from camarad.ids import new_id
from camarad.models import Subscription

Outcome = Literal["changed", "scheduled", "payment_needed", "kept"]


@dataclass(frozen=True, slots=True)
class PlanChange:
    """`scheduled`: made at `at`. `payment_needed`: made when the invoice at `url` is paid or confirmed there. `kept`: a
    change that was scheduled is not made."""

    outcome: Outcome
    plan: Plan
    at: datetime | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    api: StripeApi
    desk: Desk

    async def to(self, row: Subscription, wanted: Plan) -> PlanChange:
        """`row` is as just fetched, and may be changed."""
        current = await self._subscription(row.id)
        now_on = plan(row.plan_code or "")
        if wanted == now_on:
            await self._unschedule(current)
            return PlanChange("kept", wanted)
        price_id = await self.desk.price_of(wanted)
        if wanted.price_eur_cents > now_on.price_eur_cents:
            return await self._now(current, wanted, price_id)
        return await self._later(current, wanted, price_id)

    async def _now(self, current: Obj, wanted: Plan, price_id: str) -> PlanChange:
        await self._unschedule(current)
        asked = {
            "items": [{"id": first_item(current)["id"], "price": price_id}],
            "proration_behavior": "always_invoice",
            "payment_behavior": "pending_if_incomplete",
            "expand": ["latest_invoice"],
        }
        key = _key("change", current, price_id)
        made = await self.api.ask(lambda v1: v1.subscriptions.update_async(current["id"], asked, key))
        if made.get("pending_update"):
            return PlanChange("payment_needed", wanted, url=_page(made))
        return PlanChange("changed", wanted)

    async def _later(self, current: Obj, wanted: Plan, price_id: str) -> PlanChange:
        if current.get("cancel_at_period_end") or current.get("cancel_at"):
            raise Conflict(
                "The subscription was cancelled and ends with its period.",
                code="subscription_ends",
                hint="Resume it first, then choose the plan for the next period.",
            )
        schedule_id = id_of(current.get("schedule")) or await self._schedule(current)
        item = first_item(current)
        ends = item["current_period_end"]
        phases = [
            {
                "items": [{"price": item["price"]["id"], "quantity": 1}],
                "start_date": item["current_period_start"],
                "end_date": ends,
                "proration_behavior": "none",
            },
            {
                "items": [{"price": price_id, "quantity": 1}],
                "start_date": ends,
                "duration": {"interval": "month", "interval_count": 1},
                "proration_behavior": "none",
            },
        ]
        asked = {"phases": phases, "end_behavior": "release", "proration_behavior": "none"}
        await self.api.ask(lambda v1: v1.subscription_schedules.update_async(schedule_id, asked))
        return PlanChange("scheduled", wanted, at=instant(ends))

    async def _schedule(self, current: Obj) -> str:
        asked = {"from_subscription": current["id"]}
        key = {"idempotency_key": f"camarad:schedule:{current['id']}:{new_id()}"}
        made = await self.api.ask(lambda v1: v1.subscription_schedules.create_async(asked, key))
        return str(made["id"])

    async def cancel(self, row: Subscription) -> PlanChange:
        """It runs on to the end of what is paid for."""
        current = await self._subscription(row.id)
        await self._unschedule(current)
        await self._ends(row.id, ends=True)
        return PlanChange("scheduled", plan("free"), at=instant(first_item(current)["current_period_end"]))

    async def resume(self, row: Subscription) -> PlanChange:
        """It goes on after all, on the plan it has."""
        current = await self._subscription(row.id)
        await self._unschedule(current)
        await self._ends(row.id, ends=False)
        return PlanChange("kept", plan(row.plan_code or ""))

    async def _ends(self, subscription_id: str, *, ends: bool) -> None:
        asked = {"cancel_at_period_end": True} if ends else {"cancel_at_period_end": False}
        await self.api.ask(lambda v1: v1.subscriptions.update_async(subscription_id, asked))

    async def _unschedule(self, current: Obj) -> None:
        if schedule_id := id_of(current.get("schedule")):
            await self.api.ask(lambda v1: v1.subscription_schedules.release_async(schedule_id))

    async def _subscription(self, subscription_id: str) -> Obj:
        return await self.api.ask(lambda v1: v1.subscriptions.retrieve_async(subscription_id))


def _page(made: Obj) -> str | None:
    latest = made.get("latest_invoice")
    return str(latest["hosted_invoice_url"]) if isinstance(latest, dict) and latest.get("hosted_invoice_url") else None


def _key(what: str, current: Obj, *more: str) -> dict[str, str]:
    """One change of one state: the same request sent twice is one, the same wish a month later is another."""
    item = first_item(current)
    state = (item["price"]["id"], str(item["current_period_start"]), str(id_of(current.get("latest_invoice"))))
    return {"idempotency_key": ":".join(("camarad", what, current["id"], *state, *more))}
