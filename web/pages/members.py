"""Who is in the workspace: a page for everybody, with forms for those who manage members; and coming in by a link."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from billing.entitlements import members_of
from billing.plans import plan
from camarad.errors import CamaradError
from web import invitations, members
from web.access import CurrentServices, CurrentUser, acting, find_signed_in, router
from web.api.auth import address_of, clear_cookies, enter
from web.api.members import NewInvitation, NewRole, link
from web.audit import audited
from web.pages.forms import form_field, parse, problem
from web.pages.render import page
from web.roles import may
from web.services import Services
from web.sessions import SignedIn

routes = router("user", "pages")
door = router("public", "pages")

PAGE: Final = "/settings/members"
MANAGED = [acting("members")]
DONE: Final = ("changed", "removed", "withdrawn", "handed_over", "joined", "switched")


@routes.get(PAGE, response_class=Response, summary="Members, invitations and one's workspaces")
async def members_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    return await _show(request, who, services)


@routes.post(
    f"{PAGE}/invite",
    response_class=Response,
    dependencies=MANAGED,
    summary="Invite somebody",
    **audited("member_invited"),
)
async def invite(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    """The link is on the page that answers, and nowhere after it."""
    try:
        wanted = parse(NewInvitation, await request.form())
        made, token = await invitations.invite(services, who, wanted.role, wanted.email)
    except CamaradError as error:
        return await _show(request, who, services, error=error)
    return await _show(request, who, services, made={"url": link(request, token), "invitation": made})


@routes.post(
    f"{PAGE}/invitations/{{invitation_id}}/withdraw",
    response_class=Response,
    dependencies=MANAGED,
    summary="Withdraw an invitation",
    **audited("invitation_withdrawn"),
)
async def withdraw(invitation_id: str, who: CurrentUser, services: CurrentServices) -> Response:
    await invitations.withdraw(services, who, invitation_id)
    return _done("withdrawn")


@routes.post(
    f"{PAGE}/{{user_id}}/role",
    response_class=Response,
    dependencies=MANAGED,
    summary="Change a member's role",
    **audited("role_changed"),
)
async def change_role(user_id: str, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    try:
        await members.change_role(services, who, user_id, parse(NewRole, await request.form()).role)
    except CamaradError as error:
        return await _refused(request, who, services, error)
    return _done("changed")


@routes.post(
    f"{PAGE}/{{user_id}}/remove",
    response_class=Response,
    dependencies=MANAGED,
    summary="Remove a member",
    **audited("member_removed"),
)
async def remove(user_id: str, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    try:
        await members.remove(services, who, user_id)
    except CamaradError as error:
        return await _refused(request, who, services, error)
    return _done("removed")


@routes.post(
    f"{PAGE}/{{user_id}}/ownership",
    response_class=Response,
    dependencies=[acting("owners")],
    summary="Hand ownership over",
    **audited("ownership_handed_over"),
)
async def hand_over(user_id: str, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    try:
        await members.hand_over(services, who, user_id)
    except CamaradError as error:
        return await _refused(request, who, services, error)
    return _done("handed_over")


@routes.post(f"{PAGE}/leave", response_class=Response, summary="Leave the workspace", **audited("member_left"))
async def leave(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    try:
        await members.leave(services, who, await form_field(request, "workspace_id"))
    except CamaradError as error:
        return await _refused(request, who, services, error)
    response = RedirectResponse("/login?done=left", 303)
    clear_cookies(request, response)
    return response


@routes.post(
    f"{PAGE}/switch", response_class=Response, summary="Go to another workspace", **audited("workspace_switched")
)
async def switch(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    target = await form_field(request, "workspace_id")
    return await enter(request, services, who.user_id, f"{PAGE}?done=switched", target)


@door.get(invitations.PATH, response_class=Response, summary="What an invitation offers")
async def offer_page(request: Request, services: CurrentServices) -> Response:
    """Who came in by this very link, as when signing up, is taken in."""
    who, token = await find_signed_in(request), request.query_params.get("token", "")
    if who is not None and await invitations.used_by(services, token) == who.user_id:
        return RedirectResponse("/app", 303)
    return await _offer(request, services, token)


@routes.post(
    invitations.PATH, response_class=Response, summary="Accept an invitation", **audited("invitation_accepted")
)
async def accept(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    token = await form_field(request, "token")
    try:
        workspace_id = await invitations.accept(services, who, token, address_of(request))
    except CamaradError as error:
        return await _offer(request, services, token, error)
    return await enter(request, services, who.user_id, f"{PAGE}?done=joined", workspace_id)


async def _offer(request: Request, services: Services, token: str, error: CamaradError | None = None) -> Response:
    who, offer = await find_signed_in(request), None
    try:
        offer = await invitations.look(services, token, address_of(request))
    except CamaradError as over:
        error = error or over
    inside = who is not None and offer is not None and offer.workspace_id == who.workspace_id
    return page(
        request,
        "invite.html",
        status=error.status if error else 200,
        offer=offer,
        inside=inside,
        token=token,
        target=f"{invitations.PATH}?token={token}",
        google=services.connectors.google,
        problem=await problem(request, error) if error else None,
        here=f"{invitations.PATH}?token={token}",
    )


async def _refused(request: Request, who: SignedIn, services: Services, error: CamaradError) -> Response:
    """A conflict is explained on the page; what is not there, and what is not allowed, is a page of its own."""
    if error.status != 409:
        raise error
    return await _show(request, who, services, error=error)


async def _show(
    request: Request,
    who: SignedIn,
    services: Services,
    *,
    error: CamaradError | None = None,
    made: dict[str, Any] | None = None,
) -> Response:
    manages = may(who, "members")
    async with services.database.read() as session:
        taken = int(await session.scalar(members_of(who.workspace_id, services.clock.now())) or 0)
    done = request.query_params.get("done", "") if request.method == "GET" else ""
    return page(
        request,
        "members.html",
        status=error.status if error else 200,
        members=await members.list_(services, who),
        homes=await members.homes(services, who),
        invitations=await invitations.list_(services, who) if manages else [],
        taken=taken,
        places=plan(who.plan_code).limit("members"),
        plan_name=plan(who.plan_code).name,
        made=made,
        done=done if done in DONE else "",
        problem=await problem(request, error) if error else None,
        here=PAGE,
    )


def _done(what: str) -> Response:
    return RedirectResponse(f"{PAGE}?done={what}", 303)
