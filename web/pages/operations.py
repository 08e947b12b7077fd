"""The operators' door; what model calls cost, and payments that went back."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from billing import daily, telemetry
from billing.stripe import losses
from camarad.errors import BadCredentials, CamaradError
from web import audit, ratelimit
from web.access import CurrentServices, router
from web.api.auth import address_of
from web.audit import Event, audited
from web.operators import badge, costs, reversals
from web.pages.forms import problem, visitor_form
from web.pages.render import language_of, page
from web.ratelimit import RateLimit
from web.services import Services

door = router("public", "pages")
routes = router("internal", "pages")

COSTS: Final = f"{badge.HOME}/costs"
REVERSALS: Final = f"{badge.HOME}/reversals"
TRIES: Final = 5  # wrong tokens from one address in WINDOW seconds
TRIES_OF_ALL: Final = 50
WINDOW: Final = 900


class WrongToken(BadCredentials):
    code = "operator_token"


@door.get(badge.HOME, response_class=Response, summary="Operators sign in")
async def sign_in_page(request: Request, services: CurrentServices) -> Response:
    if badge.worn(request, services):
        return RedirectResponse(COSTS, 303)
    return await _door(request, services)


@door.post(badge.HOME, response_class=Response, summary="Operators sign in", **audited("operator_signed_in"))
async def sign_in(request: Request, services: CurrentServices) -> Response:
    form, address = await visitor_form(request), address_of(request)
    limits = [
        RateLimit.of_address("operator", TRIES, WINDOW, address),
        RateLimit("operator-all", TRIES_OF_ALL, WINDOW, ()),
    ]
    try:
        await ratelimit.hit(services.database, services.clock, limits)
        if not badge.fits(services.settings, str(form.get("token", ""))):
            await audit.record(services, Event("operator_refused", address=address))
            raise WrongToken("That is not the token of this server.")
    except CamaradError as error:
        return await _door(request, services, error)
    await ratelimit.give_back(services.database, services.clock, limits)
    response = RedirectResponse(COSTS, 303)
    badge.give(request, response, services)
    return response


@door.post(
    f"{badge.HOME}/sign-out", response_class=Response, summary="Operators sign out", **audited("operator_signed_out")
)
async def sign_out(request: Request, services: CurrentServices) -> Response:
    await visitor_form(request)
    if not badge.held(request, services):
        audit.nothing_done(request)
    response = RedirectResponse(badge.HOME, 303)
    badge.take(request, response)
    return response


@routes.get(COSTS, response_class=Response, summary="What model calls cost and were charged, for operators")
async def costs_page(request: Request, services: CurrentServices) -> Response:
    """`window` is 24 or 168 hours."""
    hours = 168 if request.query_params.get("window") == "168" else 24
    where = services.database, services.clock
    found = await telemetry.telemetry(*where, hours, services.settings, written=services.door.written)
    days = await daily.by_day(services.database, services.clock)
    language = language_of(request, None)
    return page(request, "costs.html", report=costs.report(language, found, days), windows=(24, 168), hours=hours)


@routes.get(REVERSALS, response_class=Response, summary="Refunds and disputes, for operators")
async def reversals_page(request: Request, services: CurrentServices) -> Response:
    """With `missing=1` those alone of which CT were used already."""
    only_lost = request.query_params.get("missing") == "1"
    found = await losses.losses(services.database, only_lost=only_lost)
    report = reversals.report(language_of(request, None), found)
    return page(request, "reversals.html", report=report, only_lost=only_lost)


async def _door(request: Request, services: Services, error: CamaradError | None = None) -> Response:
    """Without a token on the server there is no form: nothing could open the door."""
    closed = services.settings.internal_token is None
    response = page(
        request,
        "operations.html",
        status=403 if closed else error.status if error else 200,
        closed=closed,
        problem=await problem(request, error) if error and not closed else None,
    )
    if error is not None and error.retry_after is not None:
        response.headers["Retry-After"] = str(round(error.retry_after))
    return response
