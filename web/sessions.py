"""Sign-ins: made, found by their cookie, listed and revoked. The database holds hashes of tokens only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadCredentials, NotFound
from camarad.ids import new_id, new_secret
from camarad.models import AuthSession, Membership, User, Workspace
from camarad.rows import unowned_row


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is asking, in which workspace, through which sign-in or which API key.

    With a key, `key_scopes` is what it may do and `key_client` the one client it works for, if it is bound to one;
    there is no session and no CSRF token then.
    """

    user_id: str
    email: str
    display_name: str
    language: str
    workspace_id: str
    workspace_name: str
    role: str
    plan_code: str
    demo: bool
    session_id: str
    csrf_token: str
    key_id: str = ""
    key_scopes: frozenset[str] = frozenset()
    key_client: str | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    token: str
    signed_in: SignedIn


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _row(session: AuthSession, user: User, workspace: Workspace, role: str) -> SignedIn:
    return SignedIn(
        user_id=user.id,
        email=user.email,
        display_name=user.display_name,
        language=user.language,
        workspace_id=workspace.id,
        workspace_name=workspace.name,
        role=role,
        plan_code=workspace.plan_code,
        demo=workspace.demo,
        session_id=session.id,
        csrf_token=session.csrf_token,
    )


class NoWorkspace(Exception):
    """The user is in no workspace: they left the last one, or it was erased."""


async def open_session(
    database: Database,
    clock: Clock,
    user_id: str,
    *,
    days: int,
    user_agent: str,
    address: str,
    workspace_id: str | None = None,
    fitted: str | None = None,
) -> NewSession:
    """Sign a user in, to a workspace of theirs that is named, else the one they used last, else the one they joined
    first. Raises NoWorkspace, and BadCredentials when the password hash that `fitted` was replaced meanwhile. Sign-ins
    long over are cleared away."""
    now, token = clock.now(), new_secret()
    async with database.write() as session:
        await session.execute(delete(AuthSession).where(AuthSession.expires_at < now - timedelta(days=30)))
        if fitted is not None:
            await _still_fits(session, user_id, fitted)
        found = (await session.execute(_home(user_id, workspace_id))).one_or_none()
        if found is None:
            raise NoWorkspace
        user, membership, workspace = found
        made = AuthSession(
            id=new_id(),
            token_hash=_hash(token),
            user_id=user_id,
            workspace_id=workspace.id,
            csrf_token=new_secret(),
            created_at=now,
            expires_at=now + timedelta(days=days),
            revoked_at=None,
            user_agent=user_agent[:300],
            address=address[:64],
        )
        session.add(made)
    return NewSession(token, _row(made, user, workspace, membership.role))


async def _still_fits(session: AsyncSession, user_id: str, fitted: str) -> None:
    """Under a lock on the user: a change of the password either ends this sign-in with the others, or is seen here.
    Else whoever keeps signing in with the old one would come in between."""
    user = await session.get(User, user_id, with_for_update={"read": True})
    if user is None or user.password_hash != fitted:  # without a row they were erased meanwhile
        raise BadCredentials("The e-mail or the password is wrong.")


def _home(user_id: str, workspace_id: str | None) -> Select[User, Membership, Workspace]:
    used = (
        select(func.max(AuthSession.created_at))
        .where(AuthSession.user_id == user_id, AuthSession.workspace_id == Membership.workspace_id)
        .correlate(Membership)
        .scalar_subquery()
    )
    statement = (
        select(User, Membership, Workspace)
        .join(Membership, Membership.user_id == User.id)
        .join(Workspace, Workspace.id == Membership.workspace_id)
        .where(User.id == user_id)
        .order_by(used.desc().nulls_last(), Membership.created_at, Workspace.id)
        .limit(1)
    )
    return statement if workspace_id is None else statement.where(Workspace.id == workspace_id)


LIVE = (
    select(
        User.id.label("user_id"),
        User.email,
        User.display_name,
        User.language,
        Workspace.id.label("workspace_id"),
        Workspace.name.label("workspace_name"),
        Membership.role,
        Workspace.plan_code,
        Workspace.demo,
        AuthSession.id.label("session_id"),
        AuthSession.csrf_token,
    )
    .select_from(AuthSession)
    .join(User, User.id == AuthSession.user_id)
    .join(Workspace, Workspace.id == AuthSession.workspace_id)
    .join(
        Membership,
        (Membership.user_id == AuthSession.user_id) & (Membership.workspace_id == AuthSession.workspace_id),
    )
    .where(
        AuthSession.token_hash == bindparam("token_hash"),
        AuthSession.revoked_at.is_(None),
        AuthSession.expires_at > bindparam("now"),
        User.disabled_at.is_(None),
    )
)  # SignedIn's fields by their names


async def find_session(database: Database, clock: Clock, token: str) -> SignedIn | None:
    """The live sign-in of a token: not revoked, not over, its user not disabled and still in the workspace."""
    hashed, now = _hash(token), clock.now()
    row = await database.glance(None, lambda session: unowned_row(session, LIVE, token_hash=hashed, now=now))
    return None if row is None else SignedIn(**row._mapping)


async def list_sessions(database: Database, clock: Clock, user_id: str) -> list[AuthSession]:
    async with database.read() as session:
        rows = await session.scalars(
            select(AuthSession)
            .where(
                AuthSession.user_id == user_id, AuthSession.revoked_at.is_(None), AuthSession.expires_at > clock.now()
            )
            .order_by(AuthSession.created_at.desc())
            .limit(100)
        )
        return list(rows)


async def revoke_session(database: Database, clock: Clock, user_id: str, session_id: str) -> None:
    """End one sign-in of this user. Raises NotFound alike for another user's and for one that never was."""
    async with database.write() as session:
        ended = await session.execute(
            update(AuthSession)
            .where(AuthSession.id == session_id, AuthSession.user_id == user_id, AuthSession.revoked_at.is_(None))
            .values(revoked_at=clock.now())
        )
    if ended.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound("There is no such sign-in.")


async def revoke_all(session: AsyncSession, user_id: str, now: datetime) -> None:
    """End every sign-in of this user, in all workspaces, with the caller's transaction."""
    held = (AuthSession.user_id == user_id, AuthSession.revoked_at.is_(None))
    await session.execute(update(AuthSession).where(*held).values(revoked_at=now))
