"""The forms of plan and billing: buying, changing, cancelling, resuming, the payment portal. Each ends at Stripe's page
or back at ours; what cannot be done is told on the page it was asked on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import get_args

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from billing.entitlements import COUNTED, uses
from billing.plans import PLANS, Limit, Plan
from billing.stripe.service import Payer, Urls
from camarad.errors import BadInput, CamaradError
from web.access import CurrentServices, CurrentUser, acting, router
from web.audit import audited
from web.billing.ledger import PAGE
from web.chat import numbers
from web.oauth.browser import origin_of
from web.pages.billing import show
from web.pages.forms import form_field
from web.pages.leaving import leave, may_leave
from web.pages.render import language_of, page
from web.services import Services
from web.sessions import SignedIn

routes = router("user", "pages")

MANAGED = [acting("billing")]
CHANGED = {"changed": "changed", "scheduled": "planned", "kept": "resumed"}


def payer(request: Request, who: SignedIn) -> Payer:
    return Payer(who.workspace_id, who.user_id, who.email, language_of(request, who))


def urls(request: Request) -> Urls:
    return Urls(success=f"{origin_of(request)}{PAGE}", cancel=f"{origin_of(request)}{PAGE}?done=left")


@routes.post(
    f"{PAGE}/checkout",
    response_class=Response,
    dependencies=MANAGED,
    summary="Buy a plan or a pack: goes to Stripe's page",
    **audited("checkout_opened"),
)
async def checkout(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    form = await request.form()
    plan, pack = str(form.get("plan", ""))[:100], str(form.get("pack", ""))[:100]

    async def open_checkout() -> Response:
        if bool(plan) == bool(pack):
            raise BadInput("Name either a plan or a pack.", code="unknown_plan")
        buy = services.payments.checkout_plan if plan else services.payments.checkout_pack
        return leave(request, services, await buy(payer(request, who), plan or pack, urls(request)))

    return await _tried(request, who, services, open_checkout)


@routes.post(
    f"{PAGE}/portal",
    response_class=Response,
    dependencies=MANAGED,
    summary="Stripe's page for payment methods and invoices",
    **audited("portal_opened"),
)
async def portal(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    async def open_portal() -> Response:
        back = f"{origin_of(request)}{PAGE}/back"
        return leave(request, services, await services.payments.portal(payer(request, who), back))

    return await _tried(request, who, services, open_portal)


@routes.get(
    f"{PAGE}/back",
    response_class=Response,
    dependencies=MANAGED,
    summary="Back from the portal: Stripe is asked what was done there",
)
async def back(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    return await _refreshed(request, who, services)


@routes.post(
    f"{PAGE}/refresh",
    response_class=Response,
    dependencies=MANAGED,
    summary="Ask Stripe again",
)
async def refresh(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    return await _refreshed(request, who, services)


async def _refreshed(request: Request, who: SignedIn, services: Services) -> Response:
    async def ask() -> Response:
        await services.payments.refresh(who.workspace_id)
        return RedirectResponse(f"{PAGE}?done=refreshed", 303)

    return await _tried(request, who, services, ask)


@routes.get(
    f"{PAGE}/change",
    response_class=Response,
    dependencies=MANAGED,
    summary="What another plan would mean, before it is chosen",
)
async def change_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    wanted = _plan(request.query_params.get("plan", ""))
    status = await services.payments.status(who.workspace_id)
    running = status.subscription
    if wanted is None or running is None or not running.standing.may_change or wanted == status.plan:
        return RedirectResponse(f"{PAGE}#plans", 303)
    language = language_of(request, who)
    taken = await uses(services.database, who.workspace_id, services.clock.now())
    response = page(
        request,
        "plan_change.html",
        wanted=wanted,
        has=status.plan,
        running=running,
        upgrade=wanted.price_eur_cents > status.plan.price_eur_cents,
        over=[(limit, taken[limit], wanted.limit(limit)) for limit in _limits() if taken[limit] > wanted.limit(limit)],
        settings=services.settings,
        day=lambda at: numbers.day(at.date(), "ro" if language == "ro" else "en"),
        here=PAGE,
    )
    return may_leave(response, services)


@routes.post(
    f"{PAGE}/change",
    response_class=Response,
    dependencies=MANAGED,
    summary="Another plan for the running subscription",
    **audited("plan_changed"),
)
async def change(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    """A change that waits for a payment shows its invoice on the page. Free cancels, as the route for that does."""
    wanted = (await form_field(request, "plan"))[:100]

    async def make() -> Response:
        made = await services.payments.change_plan(payer(request, who), wanted)
        code = "cancelled" if not made.plan.paid else CHANGED.get(made.outcome, "")
        return RedirectResponse(f"{PAGE}?done={code}" if code else PAGE, 303)

    return await _tried(request, who, services, make)


@routes.post(
    f"{PAGE}/cancel",
    response_class=Response,
    dependencies=MANAGED,
    summary="End the subscription with its period",
    **audited("plan_canceled"),
)
async def cancel(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    async def end() -> Response:
        await services.payments.cancel(payer(request, who))
        return RedirectResponse(f"{PAGE}?done=cancelled", 303)

    return await _tried(request, who, services, end)


@routes.post(
    f"{PAGE}/resume",
    response_class=Response,
    dependencies=MANAGED,
    summary="Take a cancellation or a planned change back",
    **audited("plan_resumed"),
)
async def resume(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    async def take_back() -> Response:
        await services.payments.resume(payer(request, who))
        return RedirectResponse(f"{PAGE}?done=resumed", 303)

    return await _tried(request, who, services, take_back)


async def _tried(
    request: Request, who: SignedIn, services: Services, work: Callable[[], Awaitable[Response]]
) -> Response:
    try:
        return await work()
    except CamaradError as error:
        if not error.expected:
            raise
        return await show(request, who, services, error=error)


def _plan(code: str) -> Plan | None:
    return next((each for each in PLANS if each.code == code and each.available), None)


def _limits() -> list[Limit]:
    return [limit for limit in get_args(Limit) if limit in COUNTED]
