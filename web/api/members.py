"""Who is in the workspace, invitations into it, and the workspaces that a person is in."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from web import invitations, members
from web.access import CurrentServices, CurrentUser, acting, router
from web.api.auth import SignInView, address_of, clear_cookies, move
from web.audit import audited
from web.inputs import Email, Word
from web.invitations import Open
from web.oauth.browser import origin_of

routes = router("user", "members", prefix="/api", key="person")
MANAGED = [acting("members")]


class MemberView(BaseModel):
    user_id: str
    email: str
    display_name: str
    role: str
    since: datetime
    me: bool


class InvitationView(BaseModel):
    id: str
    role: str
    email: str | None
    invited_by: str
    created_at: datetime
    expires_at: datetime


class Members(BaseModel):
    members: list[MemberView]


class Invitations(BaseModel):
    invitations: list[InvitationView]


class NewRole(BaseModel):
    role: Literal["owner", "admin", "member"]


class NewInvitation(BaseModel):
    """With an `email` only the account with that address can use it."""

    role: Literal["admin", "member"] = "member"
    email: Email | None = None


class MadeInvitation(BaseModel):
    """`url` is given this once; afterwards only the hash of its token is there. Nothing is sent by mail."""

    invitation: InvitationView
    url: str


class Token(BaseModel):
    token: Word


class WorkspaceOfMine(BaseModel):
    id: str
    name: str
    role: str
    current: bool


class Workspaces(BaseModel):
    workspaces: list[WorkspaceOfMine]


class OneWorkspace(BaseModel):
    workspace_id: Word


def link(request: Request, token: str) -> str:
    """The token stands in the query, which no log of ours holds."""
    return f"{origin_of(request)}{invitations.PATH}?token={token}"


def view(found: Open) -> InvitationView:
    return InvitationView(
        id=found.id,
        role=found.role,
        email=found.email,
        invited_by=found.invited_by,
        created_at=found.created_at,
        expires_at=found.expires_at,
    )


@routes.get("/members", summary="Who is in the workspace")
async def list_members(who: CurrentUser, services: CurrentServices) -> Members:
    found = await members.list_(services, who)
    return Members(
        members=[
            MemberView(
                user_id=each.user_id,
                email=each.email,
                display_name=each.display_name,
                role=each.role,
                since=each.since,
                me=each.me,
            )
            for each in found
        ]
    )


@routes.patch(
    "/members/{user_id}",
    status_code=204,
    dependencies=MANAGED,
    summary="Change a member's role",
    **audited("role_changed"),
)
async def change_role(user_id: str, body: NewRole, who: CurrentUser, services: CurrentServices) -> Response:
    """Making and unmaking owners is for owners."""
    await members.change_role(services, who, user_id, body.role)
    return Response(status_code=204)


@routes.delete(
    "/members/{user_id}",
    status_code=204,
    dependencies=MANAGED,
    summary="Remove a member",
    **audited("member_removed"),
)
async def remove_member(user_id: str, who: CurrentUser, services: CurrentServices) -> Response:
    """Sign-ins and keys of theirs for this workspace end at once. The last owner stays."""
    await members.remove(services, who, user_id)
    return Response(status_code=204)


@routes.post("/members/leave", status_code=204, summary="Leave the workspace", **audited("member_left"))
async def leave(body: OneWorkspace, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    """One's own sign-ins and keys for it end at once. It is named, so that no other is left by mistake."""
    await members.leave(services, who, body.workspace_id)
    response = Response(status_code=204)
    clear_cookies(request, response)
    return response


@routes.post(
    "/members/{user_id}/ownership",
    status_code=204,
    dependencies=[acting("owners")],
    summary="Hand ownership over to a member",
    **audited("ownership_handed_over"),
)
async def hand_over(user_id: str, who: CurrentUser, services: CurrentServices) -> Response:
    """The member becomes an owner, the one who asks an admin."""
    await members.hand_over(services, who, user_id)
    return Response(status_code=204)


@routes.get("/invitations", dependencies=MANAGED, summary="Open invitations")
async def list_invitations(who: CurrentUser, services: CurrentServices) -> Invitations:
    return Invitations(invitations=[view(each) for each in await invitations.list_(services, who)])


@routes.post(
    "/invitations",
    status_code=201,
    dependencies=MANAGED,
    summary="Invite somebody by a link",
    **audited("member_invited"),
)
async def invite(body: NewInvitation, request: Request, who: CurrentUser, services: CurrentServices) -> MadeInvitation:
    made, token = await invitations.invite(services, who, body.role, body.email)
    return MadeInvitation(invitation=view(made), url=link(request, token))


@routes.post(
    "/invitations/accept", response_model=SignInView, summary="Accept an invitation", **audited("invitation_accepted")
)
async def accept(body: Token, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    """The sign-in moves to that workspace: a new cookie, and a new CSRF token in the answer."""
    workspace_id = await invitations.accept(services, who, body.token, address_of(request))
    return await move(request, services, who.user_id, workspace_id)


@routes.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    dependencies=MANAGED,
    summary="Withdraw an invitation",
    **audited("invitation_withdrawn"),
)
async def withdraw(invitation_id: str, who: CurrentUser, services: CurrentServices) -> Response:
    await invitations.withdraw(services, who, invitation_id)
    return Response(status_code=204)


@routes.get("/workspaces", summary="The workspaces one is in")
async def list_workspaces(who: CurrentUser, services: CurrentServices) -> Workspaces:
    found = await members.homes(services, who)
    return Workspaces(
        workspaces=[
            WorkspaceOfMine(id=each.workspace_id, name=each.name, role=each.role, current=each.current)
            for each in found
        ]
    )


@routes.post(
    "/workspaces/switch", response_model=SignInView, summary="Go to another workspace", **audited("workspace_switched")
)
async def switch(body: OneWorkspace, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    """A new cookie, and a new CSRF token in the answer. Keys belong to one workspace and cannot switch."""
    return await move(request, services, who.user_id, body.workspace_id)
