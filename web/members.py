"""Who is in a workspace, in which role, and how they get out of it.

Leaving and being removed are one thing: the membership goes, and with it, in the same transaction, the person's
sign-ins and API keys for this workspace and the invitations they gave out, so that nobody comes back in by a door they
had left open. What a person wrote stays theirs, unseen by others, for the day they return.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from billing.entitlements import locked_plan
from camarad.errors import Conflict, NotFound
from camarad.models import ApiKey, AuthSession, Invitation, Membership, Turn, User, Workspace
from camarad.scope import Scope
from web import roles
from web.services import Services
from web.sessions import SignedIn

UNKNOWN = "There is no such member in your workspace."


@dataclass(frozen=True, slots=True)
class Member:
    user_id: str
    email: str
    display_name: str
    role: str
    since: datetime
    me: bool


@dataclass(frozen=True, slots=True)
class Home:
    """A workspace that a person is in."""

    workspace_id: str
    name: str
    role: str
    current: bool


async def list_(services: Services, who: SignedIn) -> list[Member]:
    """Everybody in the workspace, owners first, then by how long they are in it."""
    statement = (
        select(User.id, User.email, User.display_name, Membership.role, Membership.created_at)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.workspace_id == who.workspace_id)
        .order_by(Membership.created_at, User.id)
        .limit(1_000)
    )
    async with services.database.read() as session:
        found = [Member(*row, me=row.id == who.user_id) for row in await session.execute(statement)]
    return sorted(found, key=lambda member: roles.ROLES.index(member.role))


async def homes(services: Services, who: SignedIn) -> list[Home]:
    statement = (
        select(Workspace.id, Workspace.name, Membership.role)
        .join(Membership, Membership.workspace_id == Workspace.id)
        .where(Membership.user_id == who.user_id)
        .order_by(Membership.created_at, Workspace.id)
    )
    async with services.database.read() as session:
        return [Home(*row, current=row.id == who.workspace_id) for row in await session.execute(statement)]


async def change_role(services: Services, who: SignedIn, user_id: str, role: str) -> None:
    """Make a member something else. Owners are made and unmade by owners, all else by those who manage members."""
    roles.require(who, "members")
    async with services.database.write() as session:
        member = await _locked_member(session, who, user_id)
        who = await as_now(session, who)
        roles.require(who, "owners" if "owner" in (role, member.role) else "members")
        if member.role == role:
            return
        await _keep_an_owner(session, member)
        member.role = role
        if role == "member":
            await _withdraw(session, services, member)


async def hand_over(services: Services, who: SignedIn, user_id: str) -> None:
    """Another member becomes an owner, and the one who asks an admin."""
    roles.require(who, "owners")
    if user_id == who.user_id:
        raise Conflict("You own the workspace already.", code="already_owner", hint="Name another member.")
    async with services.database.write() as session:
        member = await _locked_member(session, who, user_id)
        roles.require(await as_now(session, who), "owners")
        mine = await session.get_one(Membership, (who.user_id, who.workspace_id))
        member.role, mine.role = "owner", "admin"


async def remove(services: Services, who: SignedIn, user_id: str) -> None:
    """End somebody's membership. Raises NotFound alike for strangers and ids that never were, Conflict for the last
    owner."""
    roles.require(who, "members")
    await _end(services, who, user_id)


async def leave(services: Services, who: SignedIn, workspace_id: str) -> None:
    """Go. The workspace is named, because another tab may have switched to another one meanwhile."""
    if who.key_id:
        raise roles.persons_only("An API key may not leave the workspace.")
    if workspace_id != who.workspace_id:
        raise Conflict("You are in another workspace now.", code="other_workspace", hint="Reload the page.")
    await _end(services, who, who.user_id)


async def _end(services: Services, who: SignedIn, user_id: str) -> None:
    now = services.clock.now()
    async with services.database.write() as session:
        member = await _locked_member(session, who, user_id)
        if user_id != who.user_id:
            roles.require(await as_now(session, who), "owners" if member.role == "owner" else "members")
        await _keep_an_owner(session, member)
        await _withdraw(session, services, member)
        for model in (AuthSession, ApiKey):
            held = (model.user_id == user_id, model.workspace_id == who.workspace_id, model.revoked_at.is_(None))
            await session.execute(update(model).where(*held).values(revoked_at=now))
        await session.execute(
            delete(Membership).where(Membership.user_id == user_id, Membership.workspace_id == who.workspace_id)
        )
    await _stop(services, who.workspace_id, user_id)


async def as_now(session: AsyncSession, who: SignedIn) -> SignedIn:
    """Who asks, in the role they have now that the workspace is locked: another's request may have changed it, or ended
    the membership, since this one began."""
    mine = await session.get(Membership, (who.user_id, who.workspace_id), populate_existing=True)
    return replace(who, role=mine.role if mine else roles.NO_ROLE)


async def _locked_member(session: AsyncSession, who: SignedIn, user_id: str) -> Membership:
    """The row, with the workspace locked: two owners who leave at once cannot both find the other still there."""
    await locked_plan(session, who.workspace_id)
    member = await session.get(Membership, (user_id, who.workspace_id), populate_existing=True)
    if member is None:
        raise NotFound(UNKNOWN)
    return member


async def _keep_an_owner(session: AsyncSession, member: Membership) -> None:
    """Before an owner stops being one. Raises Conflict when no other is left."""
    if member.role != "owner":
        return
    owners = select(func.count()).where(Membership.workspace_id == member.workspace_id, Membership.role == "owner")
    if (await session.scalar(owners) or 0) < 2:
        raise Conflict(
            "A workspace needs an owner, and this is the last one.",
            code="last_owner",
            hint="Hand ownership over to another member first.",
        )


async def _withdraw(session: AsyncSession, services: Services, member: Membership) -> None:
    """The open invitations of somebody who may no longer give any."""
    open_ones = (
        Invitation.workspace_id == member.workspace_id,
        Invitation.invited_by == member.user_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    await session.execute(update(Invitation).where(*open_ones).values(withdrawn_at=services.clock.now()))


async def _stop(services: Services, workspace_id: str, user_id: str) -> None:
    """Answers under way for somebody who is gone, in this process and in others."""
    mine = (Turn.workspace_id == workspace_id, Turn.user_id == user_id, Turn.state == "running")
    async with services.database.unscoped("a person who left has no answer under way for any client") as session:
        running = (await session.execute(select(Turn.client_id, Turn.conversation_id).where(*mine))).all()
    for client_id, conversation_id in running:
        await services.assistant.stop(Scope(user_id, workspace_id, client_id), conversation_id)
