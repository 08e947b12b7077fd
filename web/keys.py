"""API keys: made, found by their secret, listed and revoked.

A secret carries 256 random bits, so its SHA-256 is as good as a slow hash: nobody can try 2^256 secrets, and a request
with a key stays cheap. A key is looked up by its hash through a unique index; how long that takes tells an attacker
about the hash of what they sent, which they know already, and nothing about a key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput, Conflict, NotFound
from camarad.ids import new_id, new_secret
from camarad.models import ApiKey, Client, Membership, User, Workspace
from camarad.rows import unowned_row
from web import roles
from web.sessions import SignedIn

KeyScope = Literal["chat", "read", "manage"]
SCOPES: Final[tuple[KeyScope, ...]] = get_args(KeyScope)
MARK: Final = "ck_"
SHOWN: Final = len(MARK) + 6  # characters of a secret that a list shows; the other 37 carry 222 bits
USED_EVERY: Final = timedelta(minutes=1)  # how often a key's last use is written
MOST: Final = 50  # live keys of one person in one workspace


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    scopes: frozenset[str]
    expires_at: datetime | None = None
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as its owner, and those who manage keys, see it."""

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    client_id: str | None
    client_name: str | None
    user_id: str
    email: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    expired: bool


def scopes_of(role: str) -> frozenset[str]:
    """What a person of that role may give a key: nobody hands on more than they have."""
    return frozenset(SCOPES) if role in roles.MANAGERS else frozenset({"chat", "read"})


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


async def create(database: Database, clock: Clock, who: SignedIn, wanted: Wanted) -> tuple[KeyView, str]:
    """The key and its secret, which is nowhere after this. Raises BadInput, NotFound for a client that is not of the
    workspace, and Conflict when there are too many keys."""
    now, secret = clock.now(), MARK + new_secret()
    _check(wanted, who, now)
    row = ApiKey(
        id=new_id(),
        workspace_id=who.workspace_id,
        user_id=who.user_id,
        name=wanted.name,
        prefix=secret[:SHOWN],
        secret_hash=_hash(secret),
        scopes=" ".join(scope for scope in SCOPES if scope in wanted.scopes),
        client_id=wanted.client_id,
        created_at=now,
        expires_at=wanted.expires_at,
        last_used_at=None,
        revoked_at=None,
    )
    async with database.write() as session:
        client_name = await session.run_sync(_room, who, wanted, now)
        session.add(row)
    return _view(row, who.email, client_name, now), secret


def _check(wanted: Wanted, who: SignedIn, now: datetime) -> None:
    if too_much := wanted.scopes - scopes_of(who.role):
        raise BadInput(
            f"Your role does not let you give a key the scope {', '.join(sorted(too_much))}.",
            code="key_scope_too_wide",
            hint="Leave it out; owners and admins can give it.",
        )
    if not wanted.scopes:
        raise BadInput("A key needs at least one scope.", code="key_scope_missing", hint=f"One of {', '.join(SCOPES)}.")
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise BadInput("That moment is over.", code="key_expiry_past", hint="Choose one in the future.")


def _room(session: Session, who: SignedIn, wanted: Wanted, now: datetime) -> str | None:
    """The name of the client a key is to be bound to, once there is room for the key."""
    mine = (ApiKey.user_id == who.user_id, ApiKey.workspace_id == who.workspace_id, *_live(now))
    if (session.scalar(select(func.count()).where(*mine)) or 0) >= MOST:
        raise Conflict(f"You have {MOST} keys here.", code="too_many_keys", hint="Revoke one you no longer need.")
    if wanted.client_id is None:
        return None
    owned = (Client.workspace_id == who.workspace_id, Client.archived_at.is_(None))
    name: str | None = session.scalar(select(Client.name).where(Client.id == wanted.client_id, *owned))
    if name is None:
        raise NotFound("There is no such client in your workspace.")
    return name


def _live(now: datetime) -> tuple[Any, ...]:
    return ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now)


FOUND = (
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
        ApiKey.id.label("key_id"),
        ApiKey.scopes,
        ApiKey.client_id.label("key_client"),
        ApiKey.last_used_at,
    )
    .select_from(ApiKey)
    .join(User, User.id == ApiKey.user_id)
    .join(Workspace, Workspace.id == ApiKey.workspace_id)
    .join(Membership, (Membership.user_id == ApiKey.user_id) & (Membership.workspace_id == ApiKey.workspace_id))
    .where(
        ApiKey.secret_hash == bindparam("secret_hash"),
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > bindparam("now")),
        User.disabled_at.is_(None),
    )
)


async def find(database: Database, clock: Clock, secret: str) -> SignedIn | None:
    """Whom a secret speaks for: its key is live, its person not disabled and still in the workspace. A key never does
    more than its person may do now."""
    if not secret.startswith(MARK) or len(secret) > 100:
        return None
    hashed, now = _hash(secret), clock.now()
    row = await database.glance(None, lambda session: unowned_row(session, FOUND, secret_hash=hashed, now=now))
    if row is None:
        return None
    values = dict(row._mapping)
    scopes, used = frozenset(values.pop("scopes").split()), values.pop("last_used_at")
    who = SignedIn(**values, session_id="", csrf_token="", key_scopes=scopes & scopes_of(values["role"]))
    if used is None or now - used >= USED_EVERY:
        await _note_use(database, who.key_id, now)
    return who


async def _note_use(database: Database, key_id: str, now: datetime) -> None:
    """At most one writing a minute, however many requests and processes see it due."""
    due = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - USED_EVERY)
    async with database.write() as session:
        await session.execute(update(ApiKey).where(ApiKey.id == key_id, due).values(last_used_at=now))


async def list_(database: Database, clock: Clock, who: SignedIn) -> list[KeyView]:
    """One's own keys that were not revoked; everybody's in the workspace for those who manage keys."""
    statement = (
        select(ApiKey, User.email, Client.name)
        .join(User, User.id == ApiKey.user_id)
        .outerjoin(Client, Client.id == ApiKey.client_id)
        .where(ApiKey.workspace_id == who.workspace_id, ApiKey.revoked_at.is_(None))
        .order_by(ApiKey.created_at.desc(), ApiKey.id)
        .limit(500)
    )
    if not roles.may(who, "keys"):
        statement = statement.where(ApiKey.user_id == who.user_id)
    async with database.read() as session:
        rows = (await session.execute(statement)).all()
    return [_view(row, email, client_name, clock.now()) for row, email, client_name in rows]


async def revoke(database: Database, clock: Clock, who: SignedIn, key_id: str) -> None:
    """End a key of one's own, or of anybody in the workspace for those who manage keys. Raises NotFound alike for
    keys of others and for those that never were."""
    reached = [ApiKey.id == key_id, ApiKey.workspace_id == who.workspace_id, ApiKey.revoked_at.is_(None)]
    if not roles.may(who, "keys"):
        reached.append(ApiKey.user_id == who.user_id)
    async with database.write() as session:
        ended = await session.execute(update(ApiKey).where(*reached).values(revoked_at=clock.now()))
    if ended.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound("There is no such key.")


def _view(row: ApiKey, email: str, client_name: str | None, now: datetime) -> KeyView:
    return KeyView(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes.split()),
        client_id=row.client_id,
        client_name=client_name,
        user_id=row.user_id,
        email=email,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        expired=row.expires_at is not None and row.expires_at <= now,
    )
