"""API keys: made, seen and revoked by people. The secret is on the one page that answers, and nowhere after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from camarad.errors import CamaradError
from web import clients, keys
from web.access import CurrentServices, CurrentUser, acting, router
from web.api.keys import NewKey
from web.audit import audited
from web.keys import Wanted
from web.oauth.browser import origin_of
from web.pages.forms import kept, parse, problem
from web.pages.render import page
from web.services import Services
from web.sessions import SignedIn

routes = router("user", "pages")

PAGE: Final = "/settings/keys"
DAYS: Final = {"30": 30, "90": 90, "365": 365}  # choices of the form; anything else means no end
FIRST: Final = ("chat", "read")  # ticked at first


@routes.get(PAGE, response_class=Response, summary="API keys")
async def keys_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    return await _show(request, who, services, done=request.query_params.get("done") == "revoked")


@routes.post(
    PAGE,
    response_class=Response,
    dependencies=[acting("own_keys")],
    summary="Make an API key",
    **audited("key_created"),
)
async def create(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    form = await request.form()
    try:
        made, secret = await keys.create(services.database, services.clock, who, _wanted(form, services))
    except CamaradError as error:
        return await _show(request, who, services, error=error, form=form)
    return await _show(request, who, services, made={"key": made, "secret": secret})


@routes.post(f"{PAGE}/{{key_id}}/revoke", response_class=Response, summary="Revoke a key", **audited("key_revoked"))
async def revoke(key_id: str, who: CurrentUser, services: CurrentServices) -> Response:
    await keys.revoke(services.database, services.clock, who, key_id)
    return RedirectResponse(f"{PAGE}?done=revoked", 303)


def _wanted(form: FormData, services: Services) -> Wanted:
    days = DAYS.get(str(form.get("days", "")))
    ends = services.clock.now() + timedelta(days=days) if days else None
    body = parse(NewKey, form, scopes=[str(each) for each in form.getlist("scopes")], expires_at=ends)
    return Wanted(body.name, frozenset(body.scopes or ()), body.expires_at, body.client_id)


async def _show(
    request: Request,
    who: SignedIn,
    services: Services,
    *,
    done: bool = False,
    error: CamaradError | None = None,
    form: FormData | None = None,
    made: dict[str, Any] | None = None,
) -> Response:
    typed = kept(form, "name", "days", "client_id") if form else {"name": "", "days": "365", "client_id": ""}
    return page(
        request,
        "keys.html",
        status=error.status if error else 200,
        keys=await keys.list_(services.database, services.clock, who),
        clients=await clients.list_clients(services.database, who.workspace_id),
        scopes=[scope for scope in keys.SCOPES if scope in keys.scopes_of(who.role)],
        ticked=[str(each) for each in form.getlist("scopes")] if form else FIRST,
        days=DAYS,
        values=typed,
        base=f"{origin_of(request)}/v1",
        made=made,
        done=done,
        problem=await problem(request, error) if error else None,
        here=PAGE,
    )
