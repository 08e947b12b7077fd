"""A link that sets a new password, given out by an operator to who has lost every way in.

Nothing of it is kept: it names the account and the password it replaces, and is signed by this server. Any other
password, set by it or in any other way, makes it void, and so does half an hour. See docs/decisions/passwords.md.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from camarad.errors import Conflict
from camarad.models import User
from web import password_change
from web.services import Services
from web.signing import Signer

PATH: Final = "/reset-password"
MINUTES: Final = 30
PURPOSE: Final = "password-reset"
MOST_CHARACTERS: Final = 500


def token_for(signer: Signer, user: User) -> str:
    return signer.sign(PURPOSE, f"{user.id}:{_mark(user)}")


async def holder(services: Services, token: str) -> User:
    """Whose password a link sets. Forged and old ones are told without asking the database. Raises Conflict, alike for
    one that was used, that is over, and that never was."""
    signed = services.signer.read(PURPOSE, token, MINUTES * 60) if len(token) <= MOST_CHARACTERS else None
    user_id, _, mark = (signed or "").partition(":")
    if user_id:
        async with services.database.read() as session:
            user = await session.get(User, user_id)
        if user is not None and user.disabled_at is None and secrets.compare_digest(_mark(user), mark):
            return user
    raise _over()


async def use(services: Services, token: str, password: str) -> str:
    """Set the password and end every sign-in; gives the user's id. Of two at once with one link, one wins."""
    user = await holder(services, token)
    password_hash = await services.passwords.hash(password)
    try:
        await password_change.replace(services, user.id, user.password_hash, password_hash)
    except Conflict as error:
        raise _over() from error
    return user.id


def _mark(user: User) -> str:
    """What the link is bound to: the password as it is stored, or that there is none."""
    return hashlib.sha256(f"{user.id}\0{user.password_hash or ''}".encode()).hexdigest()


def _over() -> Conflict:
    return Conflict(
        "This link is not good any more.",
        code="reset_link_over",
        hint=f"It works once, for {MINUTES} minutes. Ask the operator of this server for a new one.",
    )
