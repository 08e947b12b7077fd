"""The form in the settings that changes one's password, and the way to Google for who has none yet."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from camarad.errors import CamaradError
from web import cookies, password_change
from web.access import BY_THEMSELVES, CurrentServices, CurrentUser, router
from web.api.auth import address_of, enter
from web.api.password import NewPassword
from web.audit import audited
from web.inputs import Password
from web.oauth import identities, proving
from web.oauth.page import to_google
from web.oauth.start import begin_proving
from web.pages.forms import FieldError, Model, parse
from web.pages.settings import show

routes = router("user", "pages")


class TypedTwice(BaseModel):
    """Asked twice, since nobody sees what they type and a slip would lock them out."""

    password: Password
    again: str = ""


def typed(model: type[Model], form: FormData) -> Model:
    """The form, once both new passwords are the same. Raises FieldError."""
    both = parse(TypedTwice, form)
    if both.again != both.password:
        raise FieldError("again")
    return parse(model, form)


@routes.post(
    "/settings/password", response_class=Response, summary="Change one's password", **audited("password_changed")
)
async def change(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    proven = proving.proved(request, services, who)
    try:
        body = typed(NewPassword, await request.form())
        await password_change.change(services, who, body.current, body.password, address_of(request), proven=proven)
    except CamaradError as error:
        return await show(request, who, services, error=error)
    response = await enter(request, services, who.user_id, "/settings?done=password_changed", who.workspace_id)
    cookies.drop_cookie(request, response, proving.PROOF)
    return response


@routes.get(
    "/settings/password/google",
    response_class=Response,
    dependencies=[BY_THEMSELVES],
    summary="Prove who one is: goes to Google's page",
)
async def prove(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    linked = await identities.linked(services, who.user_id)
    email = linked[0].email if linked else who.email
    return await to_google(request, begin_proving(request, services, who.user_id, email))
