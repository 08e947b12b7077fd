"""Links into a workspace. A link carries 256 random bits and is good once, for seven days; only its hash is kept.

An invitation for an e-mail is good for the account with that e-mail alone: whoever else gets hold of the link does not
come in with an account they have. One for nobody in particular is a bearer secret. What that does and does not prove is
in docs/decisions/invitations.md. Each takes a member's place in the plan from the moment it is given out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from billing import entitlements
from camarad.errors import Conflict, Forbidden, NotFound
from camarad.ids import new_id, new_secret
from camarad.models import Invitation, Membership, User, Workspace
from web import ratelimit, roles
from web.members import as_now
from web.ratelimit import RateLimit
from web.services import Services
from web.sessions import SignedIn

PATH: Final = "/invite"
MARK: Final = "inv_"
GOOD_FOR: Final = timedelta(days=7)
AN_HOUR: Final = 30  # invitations of one workspace
WRONG_TRIES: Final = 30  # tokens that are none, of one address in a quarter of an hour


@dataclass(frozen=True, slots=True)
class Open:
    """An invitation that can still be used, as those who manage members see it."""

    id: str
    role: str
    email: str | None
    invited_by: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers, as its bearer sees it. `for_whom` is the e-mail it is bound to, mostly hidden."""

    workspace_id: str
    workspace: str
    role: str
    for_whom: str | None
    invited_by: str


async def invite(services: Services, who: SignedIn, role: str, email: str | None) -> tuple[Open, str]:
    """An invitation and its token, which is nowhere after this. Raises PlanLimit when the plan has no place left."""
    roles.require(who, "members")
    limit = RateLimit("invite", AN_HOUR, 3600, (who.workspace_id,))
    await ratelimit.hit(services.database, services.clock, [limit])
    now, token = services.clock.now(), MARK + new_secret()
    row = Invitation(
        id=new_id(),
        workspace_id=who.workspace_id,
        invited_by=who.user_id,
        email=email,
        role=role,
        token_hash=_hash(token),
        created_at=now,
        expires_at=now + GOOD_FOR,
        accepted_at=None,
        accepted_by=None,
        withdrawn_at=None,
    )
    async with services.database.write() as session:
        await entitlements.require(session, who.workspace_id, "members", entitlements.members_of(who.workspace_id, now))
        roles.require(await as_now(session, who), "members")
        if email and await _is_member(session, who.workspace_id, email):
            raise _member_already()
        session.add(row)
    return _open(row, who.email), token


async def list_(services: Services, who: SignedIn) -> list[Open]:
    """The open ones, newest first."""
    roles.require(who, "members")
    statement = (
        select(Invitation, User.email)
        .outerjoin(User, User.id == Invitation.invited_by)
        .where(Invitation.workspace_id == who.workspace_id, *_usable(services.clock.now()))
        .order_by(Invitation.created_at.desc(), Invitation.id)
    )
    async with services.database.read() as session:
        return [_open(row, email or "") for row, email in await session.execute(statement)]


async def withdraw(services: Services, who: SignedIn, invitation_id: str) -> None:
    roles.require(who, "members")
    mine = (Invitation.id == invitation_id, Invitation.workspace_id == who.workspace_id)
    now = services.clock.now()
    async with services.database.write() as session:
        gone = await session.execute(update(Invitation).where(*mine, *_usable(now)).values(withdrawn_at=now))
    if gone.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound("There is no such open invitation.")


async def look(services: Services, token: str, address: str) -> Offer:
    """What a link offers. Raises NotFound for a token that is none, Conflict for one that is over."""
    async with services.database.read() as session:
        found = await _find(session, token)
        if found is not None:
            _check_open(found, services.clock.now())
            workspace = await session.get_one(Workspace, found.workspace_id)
            inviter = await session.get(User, found.invited_by)
            hidden = _hidden(found.email) if found.email else None
            return Offer(workspace.id, workspace.name, found.role, hidden, inviter.email if inviter else "")
    await count_wrong(services, address)
    raise _unknown()


async def usable(services: Services, token: str | None, email: str) -> str | None:
    """The token, if somebody with that e-mail could come in by it now."""
    async with services.database.read() as session:
        found = await _find(session, token) if token else None
    try:
        if found is not None:
            _check_open(found, services.clock.now())
    except Conflict:
        return None
    return token if found is not None and found.email in (None, email) else None


async def used_by(services: Services, token: str) -> str | None:
    """Who came in by a link."""
    async with services.database.read() as session:
        found = await _find(session, token)
    return found.accepted_by if found else None


async def count_wrong(services: Services, address: str) -> None:
    limit = RateLimit.of_address("invitation-tries", WRONG_TRIES, 900, address)
    await ratelimit.hit(services.database, services.clock, [limit])


async def accept(services: Services, who: SignedIn, token: str, address: str) -> str:
    """Come in; gives the workspace's id. Raises as `look` does, Forbidden for another's invitation, Conflict for
    somebody who is in already, PlanLimit when the plan has become too small meanwhile."""
    if who.key_id:
        raise roles.persons_only("An API key may not accept an invitation.")
    async with services.database.write() as session:
        user = await session.get_one(User, who.user_id)
        found = await _find(session, token)
        if found is not None:
            return await _take(session, services, found, user)
    await count_wrong(services, address)
    raise _unknown()


async def take(session: AsyncSession, services: Services, token: str, user: User) -> str:
    """As `accept`, for somebody who signs up in this same transaction."""
    found = await _find(session, token)
    if found is None:
        raise _unknown()
    return await _take(session, services, found, user)


async def _take(session: AsyncSession, services: Services, found: Invitation, user: User) -> str:
    now, workspace_id = services.clock.now(), found.workspace_id
    await entitlements.locked_plan(session, workspace_id)  # under its lock one link is used once
    await session.refresh(found)
    _check_open(found, now)
    if found.email is not None and found.email != user.email:
        raise Forbidden(
            "This invitation is for another e-mail address.",
            code="invitation_other_email",
            hint="Sign in with the account it was sent to, or ask for an invitation for yours.",
        )
    if await session.get(Membership, (user.id, workspace_id)) is not None:
        raise _member_already()
    in_it = select(func.count()).select_from(Membership).where(Membership.workspace_id == workspace_id)
    await entitlements.require(session, workspace_id, "members", in_it)
    found.accepted_at, found.accepted_by = now, user.id
    session.add(Membership(user_id=user.id, workspace_id=workspace_id, role=found.role, created_at=now))
    return workspace_id


def token_in(address: str) -> str | None:
    """The token in a path of ours to come back to, where it is an invitation's."""
    parts = urlsplit(address)
    found = parse_qs(parts.query).get("token", []) if parts.path == PATH else []
    return found[0] if len(found) == 1 else None


async def _find(session: AsyncSession, token: str) -> Invitation | None:
    if not token.startswith(MARK) or len(token) > 100:
        return None
    found: Invitation | None = await session.scalar(select(Invitation).where(Invitation.token_hash == _hash(token)))
    return found


async def _is_member(session: AsyncSession, workspace_id: str, email: str) -> bool:
    statement = select(User.id).join(Membership, Membership.user_id == User.id)
    found = await session.scalar(statement.where(Membership.workspace_id == workspace_id, User.email == email))
    return found is not None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _usable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > now


def _check_open(found: Invitation, now: datetime) -> None:
    ask = "Ask for a new one."
    if found.withdrawn_at is not None:
        raise Conflict("This invitation was withdrawn.", code="invitation_withdrawn", hint=ask)
    if found.accepted_at is not None:
        raise Conflict("This invitation was used before.", code="invitation_used", hint=ask)
    if found.expires_at <= now:
        raise Conflict("This invitation is over: it was good for seven days.", code="invitation_expired", hint=ask)


def _hidden(email: str) -> str:
    """Enough for its owner to know it by: `a…@example.com`."""
    name, _, host = email.partition("@")
    return f"{name[:1]}…@{host}"


def _open(row: Invitation, invited_by: str) -> Open:
    return Open(row.id, row.role, row.email, invited_by, row.created_at, row.expires_at)


def _unknown() -> NotFound:
    return NotFound(
        "There is no such invitation.", code="invitation_unknown", hint="Check that the link was copied whole."
    )


def _member_already() -> Conflict:
    return Conflict("They are in the workspace already.", code="already_member", hint="See the members' page.")
