"""The way in to payments, for pages, routes and commands: one `Payments` for a process.

Without a key nothing can be bought, and everything that would need Stripe raises NotConfigured.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from billing.plans import FREE, PLANS, Plan
from billing.stripe.accounts import Accounts, Payer
from billing.stripe.asking import Urls
from billing.stripe.catalog_sync import CatalogReport, CatalogSync
from billing.stripe.change import Changes, PlanChange
from billing.stripe.checkout import Desk, pack_to_buy, plan_to_buy
from billing.stripe.client import StripeApi
from billing.stripe.endpoint import ensure_webhook_endpoint, is_emulated
from billing.stripe.events import Events
from billing.stripe.lease import Lease
from billing.stripe.reconcile import NAME, Reconciler, ReconcileReport
from billing.stripe.refresh import Refresher
from billing.stripe.signature import verified
from billing.stripe.status import standing
from billing.stripe.view import NO_SUBSCRIPTION, NOT_CONFIGURED, BillingStatus, counting, stored_status
from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput, CamaradError, Conflict, Misconfigured
from camarad.log import get_logger
from camarad.models import Subscription
from camarad.settings import Settings

__all__ = ["BillingStatus", "NotConfigured", "Payer", "Payments", "PlanChange", "SubscriptionRequired", "Urls"]

log = get_logger(__name__)


class NotConfigured(Misconfigured):
    code = "payments_not_configured"
    default_hint = "An operator sets STRIPE_SECRET_KEY; see docs/payments.md."


class SubscriptionRequired(Conflict):
    code = "subscription_required"
    default_hint = "Buy the plan first: POST /api/settings/billing/checkout gives a Checkout for it."


class Payments:
    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        key = settings.stripe_secret_key.get_secret_value() if settings.stripe_secret_key else ""
        self.configured = bool(key)
        self.test_mode = key.startswith(("sk_test_", "rk_test_"))
        self.emulated = is_emulated(settings)
        self._secrets = [secret.get_secret_value() for secret in settings.stripe_webhook_secrets]
        self._api = StripeApi(settings)
        self._accounts = Accounts(self._api, database, clock)
        self._refresher = Refresher(self._api, database, clock)
        self._desk = Desk(self._api, database, clock, self._accounts, taxed=settings.stripe_automatic_tax)
        self._changes = Changes(self._api, self._desk)
        self._events = Events(
            self._api, database, clock, self._accounts, self._refresher, live=self.configured and not self.test_mode
        )
        self._reconciler = Reconciler(self._accounts, self._events, self._refresher, Lease(database, clock, NAME))
        self._tasks: set[asyncio.Task[Any]] = set()
        self._webhook_url = ""
        self._prepared: asyncio.Task[None] | None = None

    # Running

    async def start(self) -> None:
        """Compare everything with Stripe now and every few minutes. With the emulator, `open_demo` begins it."""
        if self.configured and not self.emulated:
            self._spawn(self._keep_reconciling(), "payments")

    def open_demo(self, webhook_url: str) -> None:
        """Against the emulator only: make what there is to sell, and the endpoint that its events come to."""
        if self.emulated and not self._webhook_url:
            self._webhook_url = webhook_url
            self._spawn(self._keep_reconciling(), "payments")

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._api.close()

    async def settled(self) -> None:
        """Until every event that was taken so far is acted on."""
        while waiting := [task for task in self._tasks if task.get_name().startswith("event ")]:
            await asyncio.gather(*waiting, return_exceptions=True)

    # What a workspace asks

    async def status(self, workspace_id: str) -> BillingStatus:
        """As stored; asks nobody."""
        async with self._database.read() as session:
            return await stored_status(session, workspace_id, configured=self.configured, test_mode=self.test_mode)

    async def plan_status(self, workspace_id: str) -> str:
        """Stripe's word for the subscription that is shown, `none`, or `not_configured`; as stored."""
        async with self._database.read() as session:
            row = await counting(session, workspace_id)
        return row.status if row else NO_SUBSCRIPTION if self.configured else NOT_CONFIGURED

    async def refresh(self, workspace_id: str) -> BillingStatus:
        """As Stripe says now, as after a return from Checkout or the portal."""
        await self._ready()
        await self._refresher.refresh(workspace_id)
        return await self.status(workspace_id)

    async def checkout_plan(self, payer: Payer, plan_code: str, urls: Urls) -> str:
        """The address of a Checkout. Raises Conflict when a subscription runs already: that one is changed instead."""
        wanted = plan_to_buy(plan_code)
        await self._ready()
        row = await self._current(payer.workspace_id)
        if row is not None and standing(row.status).live:
            raise Conflict(
                "This workspace has a subscription already.",
                code="subscription_exists",
                hint="Change its plan, or settle its payment in the portal.",
            )
        return await self._desk.open(payer, wanted, urls)

    async def checkout_pack(self, payer: Payer, pack_code: str, urls: Urls) -> str:
        wanted = pack_to_buy(pack_code)
        await self._ready()
        return await self._desk.open(payer, wanted, urls)

    async def portal(self, payer: Payer, return_url: str) -> str:
        await self._ready()
        return await self._desk.portal(payer, return_url)

    async def change_plan(self, payer: Payer, plan_code: str) -> PlanChange:
        """A dearer plan at once, a cheaper one at the period's end, Free as `cancel`."""
        if plan_code == FREE.code:
            return await self.cancel(payer)
        wanted = plan_to_buy(plan_code)
        row = await self._changeable(payer.workspace_id)
        return await self._then_refresh(payer.workspace_id, await self._changes.to(row, wanted))

    async def cancel(self, payer: Payer) -> PlanChange:
        row = await self._running(payer.workspace_id)
        return await self._then_refresh(payer.workspace_id, await self._changes.cancel(row))

    async def resume(self, payer: Payer) -> PlanChange:
        row = await self._running(payer.workspace_id)
        return await self._then_refresh(payer.workspace_id, await self._changes.resume(row))

    async def require_plan(self, workspace_id: str, plan_code: str) -> BillingStatus:
        """That the workspace is on a plan, asked of Stripe now. A paid one needs a subscription for its price that is
        active or trialing; choosing it here never makes one. Raises SubscriptionRequired, or BadInput."""
        wanted = _known(plan_code)
        current = await self._current(workspace_id) if self.configured else None
        if wanted == FREE and current is not None and standing(current.status).live:
            raise Conflict(
                "A subscription runs, so the workspace is not on the Free plan.",
                code="subscription_exists",
                hint="Cancel it: the workspace is on Free when what is paid for is over.",
            )
        if wanted != FREE and not _pays_for(current, wanted):
            raise SubscriptionRequired(f"There is no active subscription for the {wanted.name} plan.")
        return await self.status(workspace_id)

    # What Stripe and operators ask

    async def handle_event(self, payload: bytes, signature: str | None) -> str:
        """Store an event and act on it in the background; gives its id. Raises WebhookRefused."""
        if not self.configured:
            raise NotConfigured("Payments are not configured.")
        event = verified(payload, signature, self._secrets, self._clock.now())
        event_id = str(event["id"])
        if await self._events.store(event):
            self._spawn(self._events.handle(event_id), f"event {event_id}")
        return event_id

    async def reconcile(self, unless_done_within: timedelta = timedelta(0)) -> ReconcileReport:
        await self._ready()
        return await self._reconciler.run(unless_done_within)

    async def sync_catalog(self, *, apply: bool) -> CatalogReport:
        if not self.configured:
            raise NotConfigured("Stripe is not configured.")
        return await CatalogSync(self._api).run(apply=apply)

    # Inside

    async def _ready(self) -> None:
        if not self.configured:
            raise NotConfigured("Payments are not configured on this server.")
        if self._webhook_url:
            if self._prepared is None or (self._prepared.done() and self._failed(self._prepared)):
                self._prepared = self._spawn(self._prepare(), "payments demo")
            await asyncio.shield(self._prepared)

    async def _current(self, workspace_id: str) -> Subscription | None:
        """As Stripe has it now."""
        await self._ready()
        await self._refresher.refresh(workspace_id)
        async with self._database.read() as session:
            return await counting(session, workspace_id)

    async def _running(self, workspace_id: str) -> Subscription:
        row = await self._current(workspace_id) if self.configured else None
        if row is None or not standing(row.status).live:
            raise SubscriptionRequired("This workspace has no subscription.")
        return row

    async def _changeable(self, workspace_id: str) -> Subscription:
        row = await self._running(workspace_id)
        if row.plan_code is None or standing(row.status).access == "none":
            raise SubscriptionRequired("This workspace has no active subscription.")
        if not standing(row.status).may_change:
            raise Conflict(
                "A payment is late, so the plan cannot be changed now.",
                code="payment_late",
                hint="Pay the open invoice, or change the payment method in the portal, then choose the plan.",
            )
        return row

    async def _then_refresh(self, workspace_id: str, change: PlanChange) -> PlanChange:
        """The change is made at Stripe; that we cannot read it back right now is not its failure."""
        with suppress(CamaradError):
            await self._refresher.refresh(workspace_id)
        return change

    async def _prepare(self) -> None:
        await CatalogSync(self._api).run(apply=True)
        self._secrets = [await ensure_webhook_endpoint(self._api, self._settings, self._webhook_url)]

    @staticmethod
    def _failed(task: asyncio.Task[None]) -> bool:
        return task.cancelled() or task.exception() is not None

    async def _keep_reconciling(self) -> None:
        every = timedelta(minutes=self._settings.stripe_reconcile_minutes)
        while True:
            try:
                await self.reconcile(unless_done_within=every / 2)
            except CamaradError as error:
                log.warning("stripe_not_reconciled", reason=error.message)
            await asyncio.sleep(every.total_seconds())

    def _spawn(self, work: Any, name: str) -> asyncio.Task[Any]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("payments_task_failed", task=task.get_name(), reason=repr(error))


def _known(plan_code: str) -> Plan:
    found = next((each for each in PLANS if each.code == plan_code), None)
    if found is None:
        raise BadInput(f"There is no plan {plan_code!r}.", code="unknown_plan", hint="GET /api/pricing/plans has them.")
    return found


def _pays_for(row: Subscription | None, wanted: Plan) -> bool:
    return row is not None and row.plan_code == wanted.code and standing(row.status).access == "full"
