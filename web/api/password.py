"""Changing one's own password."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from web import password_change
from web.access import CurrentServices, CurrentUser, router
from web.api.auth import SignInView, address_of, give_cookie, start_session, view
from web.audit import audited
from web.inputs import AnyPassword, Password
from web.oauth import proving

routes = router("user", "sign-in", prefix="/api/auth", key="person")


class NewPassword(BaseModel):
    """`current` is left out by who has none yet and proved at Google, in this browser, who they are."""

    current: AnyPassword = ""
    password: Password


@routes.post("/password", response_model=SignInView, summary="Change one's password", **audited("password_changed"))
async def change(body: NewPassword, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    """Every sign-in of the person ends; this browser goes on with a new cookie and CSRF token. API keys stay."""
    proven = proving.proved(request, services, who)
    await password_change.change(services, who, body.current, body.password, address_of(request), proven=proven)
    made = await start_session(request, services, who.user_id, who.workspace_id)
    response = JSONResponse(view(made.signed_in).model_dump())
    give_cookie(request, response, services, made)
    return response
