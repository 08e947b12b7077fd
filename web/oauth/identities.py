"""Whose Google account it is. The rules, and what is weighed against them, are in docs/decisions/google-sign-in.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from camarad.clock import Clock
from camarad.errors import Conflict
from camarad.ids import new_id
from camarad.models import ApiKey, Identity, Invitation, User
from web.services import Services
from web.sessions import revoke_all

GOOGLE: Final = "google"

Answer = Literal["known", "new", "link", "ask", "disabled", "other_google"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as Google knows them; the e-mail is one that Google has verified."""

    subject: str
    email: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`known` and `link` sign in to `user_id`; `ask` needs that account's password, or its owner's word; `new` has
    no account yet."""

    answer: Answer
    user_id: str = ""


async def judge(services: Services, person: Person) -> Verdict:
    """What a proven Google account may do. An e-mail opens an account by itself only when it was proven before."""
    async with services.database.read() as session:
        if known := await _user_of(session, person.subject):
            return Verdict("disabled" if known.disabled_at else "known", known.id)
        namesake = await session.scalar(select(User).where(User.email == person.email))
        if namesake is None:
            return Verdict("new")
        if namesake.disabled_at is not None:
            return Verdict("disabled", namesake.id)
        if namesake.email_verified_at is None:
            return Verdict("ask", namesake.id)
        subjects = set(await session.scalars(select(Identity.subject).where(Identity.user_id == namesake.id)))
        if person.subject in subjects:  # linked in another tab since the first question
            return Verdict("known", namesake.id)
        return Verdict("other_google" if subjects else "link", namesake.id)


async def link(services: Services, user_id: str, person: Person) -> None:
    """Let this Google account sign in to the user. Where it has the account's own e-mail, that is verified from now
    on. Raises Conflict when it belongs to somebody else."""
    try:
        await _link(services, user_id, person)
    except IntegrityError:  # another tab linked it in between; what it made is seen now
        await _link(services, user_id, person)


async def _link(services: Services, user_id: str, person: Person) -> None:
    async with services.database.write() as session:
        owner = await _user_of(session, person.subject)
        if owner is not None and owner.id != user_id:
            raise _taken()
        user = await session.get_one(User, user_id)
        if user.email == person.email and user.email_verified_at is None:
            user.email_verified_at = services.clock.now()
        if owner is None:
            session.add(_identity(user_id, person, services.clock))


async def take_over(services: Services, user_id: str, person: Person) -> None:
    """The account goes to the proven owner of its e-mail: no password, sign-in, API key, open invitation or Google
    account of whoever made it works any more. Raises Conflict, and changes nothing, where the e-mail was proven
    meanwhile."""
    try:
        await _hand_over(services, user_id, person)
    except IntegrityError as error:
        raise _taken() from error


async def _hand_over(services: Services, user_id: str, person: Person) -> None:
    now = services.clock.now()
    async with services.database.write() as session:
        user = await session.get_one(User, user_id, with_for_update=True)
        if user.email_verified_at is not None or user.email != person.email:
            raise _taken()
        await session.execute(delete(Identity).where(Identity.user_id == user_id))
        await revoke_all(session, user_id, now)
        await session.execute(
            update(ApiKey).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now)
        )
        await session.execute(
            update(Invitation)
            .where(
                Invitation.invited_by == user_id, Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None)
            )
            .values(withdrawn_at=now)
        )
        user.password_hash, user.email_verified_at = None, now
        session.add(_identity(user_id, person, services.clock))


async def linked(services: Services, user_id: str) -> Sequence[Identity]:
    async with services.database.read() as session:
        found = await session.scalars(
            select(Identity).where(Identity.user_id == user_id, Identity.provider == GOOGLE).order_by(Identity.id)
        )
        return list(found)


async def unlink(services: Services, user_id: str, identity_id: str) -> bool:
    """Whether it is gone. The last way in stays: without a password the last Google account cannot be taken away."""
    async with services.database.write() as session:
        user = await session.get_one(User, user_id, with_for_update=True)
        own = list(await session.scalars(select(Identity).where(Identity.user_id == user_id)))
        found = next((each for each in own if each.id == identity_id), None)
        if found is None or (user.password_hash is None and len(own) == 1):
            return False
        await session.delete(found)
        return True


async def _user_of(session: AsyncSession, subject: str) -> User | None:
    statement = select(User).join(Identity, Identity.user_id == User.id)
    found: User | None = await session.scalar(statement.where(Identity.provider == GOOGLE, Identity.subject == subject))
    return found


def _identity(user_id: str, person: Person, clock: Clock) -> Identity:
    return Identity(
        id=new_id(),
        user_id=user_id,
        provider=GOOGLE,
        subject=person.subject,
        email=person.email,
        created_at=clock.now(),
    )


def _taken() -> Conflict:
    return Conflict(
        "That Google account belongs to another account here.",
        code="identity_taken",
        hint="Sign in with it, or choose another Google account.",
    )
