"""The page a reset link opens.

The token leaves the address at once, for a cookie: it is in no history, no Referer and no address that is copied on.
Opening the link uses nothing up, since mail and chat programs open links by themselves.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from camarad.errors import CamaradError, Conflict
from web import audit, cookies, password_reset
from web.access import CurrentServices, router
from web.api.auth import address_of
from web.audit import Event
from web.pages.forms import FieldError, visitor_form
from web.pages.password import TypedTwice, typed
from web.pages.render import language_of, page, told
from web.password_reset import MINUTES, PATH
from web.services import Services

routes = router("public", "pages")

LINK: Final = "camarad_reset"


@routes.get(PATH, response_class=Response, summary="What a reset link opens")
async def reset_page(request: Request, services: CurrentServices) -> Response:
    token = request.query_params.get("token")
    try:
        user = await password_reset.holder(services, request.cookies.get(LINK, "") if token is None else token)
    except Conflict as over:
        return _over(request, over)
    if token is None:
        return _form(request, user.email)
    response = RedirectResponse(PATH, 303, headers={"Referrer-Policy": "no-referrer"})
    cookies.set_cookie(request, response, LINK, token, MINUTES * 60)
    return response


@routes.post(PATH, response_class=Response, summary="Set a new password by a reset link")
async def reset(request: Request, services: CurrentServices) -> Response:
    form, token = await visitor_form(request), request.cookies.get(LINK, "")
    try:
        email = (await password_reset.holder(services, token)).email
        try:
            password = typed(TypedTwice, form).password
        except FieldError as error:
            return _form(request, email, error)
        user_id = await password_reset.use(services, token, password)
    except Conflict as over:
        return _over(request, over)
    await _record(request, services, user_id)
    response = RedirectResponse("/login?done=reset", 303)
    cookies.drop_cookie(request, response, LINK)
    return response


async def _record(request: Request, services: Services, user_id: str) -> None:
    """By hand: nobody is signed in whose act it could be."""
    address, request_id = address_of(request), str(request.scope.get("state", {}).get("request_id", ""))
    await audit.record(services, Event("password_reset", user_id=user_id, address=address, request_id=request_id))


def _form(request: Request, email: str, error: FieldError | None = None) -> Response:
    return _page(request, error, email=email)


def _over(request: Request, error: CamaradError) -> Response:
    response = _page(request, error, email="")
    cookies.drop_cookie(request, response, LINK)
    return response


def _page(request: Request, error: CamaradError | None, *, email: str) -> Response:
    problem = None
    if error is not None:
        message, hint = told(language_of(request, None), error)
        problem = {"message": message, "hint": hint, "field": str(getattr(error, "field", ""))}
    return page(request, "reset.html", status=error.status if error else 200, problem=problem, email=email, here=PATH)
