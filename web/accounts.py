"""Accounts: signing up (with a workspace and its wallet) and checking a sign-in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.plans import FREE
from billing.wallet import open_within
from camarad.errors import BadCredentials, Conflict, Forbidden
from camarad.ids import new_id
from camarad.models import Membership, User, Workspace
from web import audit, invitations, ratelimit
from web.audit import Event
from web.ratelimit import RateLimit
from web.services import Services
from web.sessions import SignedIn

WINDOW = 15 * 60


class WrongPassword(Forbidden):
    """Not 401: the sign-in stands, only this act is refused."""

    code = "wrong_password"
    default_hint = "Check it and try again; an operator can give a link that sets a new one."
    field = "current"


@dataclass(frozen=True)
class SignUp:
    """Without a password only another service signs in; `verified` when it vouched for the e-mail. With the token of an
    `invitation` no workspace of one's own is made: it leads into somebody's."""

    email: str
    password: str | None
    workspace: str
    language: str = "en"
    verified: bool = False
    invitation: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whose password fitted, and the hash it fitted: the sign-in that follows asks whether it still stands."""

    user_id: str
    password_hash: str


async def sign_up(services: Services, wanted: SignUp, address: str) -> str:
    """Make user, workspace, membership and wallet; gives the user's id. Raises Conflict for a taken e-mail, and what
    accepting an invitation raises."""
    limit = RateLimit.of_address("signup", services.settings.signups_per_hour, 3600, address)
    await ratelimit.hit(services.database, services.clock, [limit])
    password_hash = None if wanted.password is None else await services.passwords.hash(wanted.password)
    now = services.clock.now()
    user = User(
        id=new_id(),
        email=wanted.email,
        email_verified_at=now if wanted.verified else None,
        password_hash=password_hash,
        language=wanted.language,
        created_at=now,
        disabled_at=None,
    )
    own = None if wanted.invitation else Workspace(id=new_id(), name=wanted.workspace, created_at=now)
    async with services.database.write() as session:
        await _add(session, user)
        if wanted.invitation:
            await invitations.take(session, services, wanted.invitation, user)
        if own is not None:
            await _found(session, services, own, user.id, services.settings.ct_welcome_grant)
    return user.id


async def _add(session: AsyncSession, user: User) -> None:
    session.add(user)
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict(
            "There is an account for this e-mail already.", code="email_taken", hint="Sign in at /login instead."
        ) from error


async def new_home(services: Services, user_id: str) -> None:
    """A workspace for somebody who is in none any more, so that they can always sign in. It begins without CT: the
    welcome grant is for signing up."""
    async with services.database.write() as session:
        user = await session.get_one(User, user_id)
        name = user.display_name or user.email.partition("@")[0]
        own = Workspace(id=new_id(), name=name, created_at=services.clock.now())
        await _found(session, services, own, user_id, 0)


async def _found(session: AsyncSession, services: Services, workspace: Workspace, user_id: str, grant: int) -> None:
    """A workspace with its owner and its wallet, of one transaction. Everybody begins on Free, with its daily cap."""
    session.add(workspace)
    await session.flush()
    role, now = "owner", workspace.created_at
    session.add(Membership(user_id=user_id, workspace_id=workspace.id, role=role, created_at=now))
    await open_within(session, workspace.id, grant, services.clock, FREE.daily_ct_cap)


async def authenticate(services: Services, email: str, password: str, address: str, device: str | None = None) -> Known:
    """The user these belong to. The answer and the work are the same for a wrong password and an e-mail nobody has.
    Only failures count: per address and e-mail, more loosely per address, and for a `device` that is known for the
    e-mail by itself, for all others more loosely per e-mail."""
    user = await _owner(services, email, password, address, device, "sign_in_failed")
    if user is None or user.password_hash is None:
        raise BadCredentials("The e-mail or the password is wrong.")
    return Known(user.id, user.password_hash)


async def confirm(services: Services, who: SignedIn, password: str, address: str) -> str:
    """The hash that somebody's own password fits, asked again of who is signed in. Wrong ones count as those of signing
    in do, under the same counters: a stolen sign-in gets no tries of its own. Raises WrongPassword."""
    user = await _owner(services, who.email, password, address, None, "password_refused")
    if user is None or user.id != who.user_id or user.password_hash is None:
        raise WrongPassword("The current password is wrong.")
    return user.password_hash


async def _owner(
    services: Services, email: str, password: str, address: str, device: str | None, failed: str
) -> User | None:
    """Whose these are; None, and `failed` on record, when they do not fit. Raises LimitReached."""
    database, limits = services.database, _login_limits(services.settings.login_attempts, address, email, device)
    await ratelimit.hit(database, services.clock, limits)
    async with database.read() as session:
        user: User | None = await session.scalar(select(User).where(User.email == email, User.disabled_at.is_(None)))
    if not await services.passwords.verify(user.password_hash if user else None, password) or user is None:
        await audit.record(services, Event(failed, user_id=user.id if user else None, address=address))
        return None
    await ratelimit.give_back(database, services.clock, limits)
    return user


def _login_limits(attempts: int, address: str, email: str, device: str | None) -> list[RateLimit]:
    """A known device may guess no more than a stranger may from one address, whatever strangers did meanwhile."""
    strangers = RateLimit("login-email", attempts * 5, WINDOW, (email,))
    return [
        RateLimit.of_address("login", attempts, WINDOW, address, email),
        RateLimit.of_address("login-address", attempts * 10, WINDOW, address),
        RateLimit("login-device", attempts, WINDOW, (email, device)) if device else strangers,
    ]
