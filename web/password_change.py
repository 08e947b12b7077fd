"""A person's password: changed by who knows the current one, or set for the first time by who proved at Google who
they are. The reasons are in docs/decisions/passwords.md."""

from __future__ import annotations

from camarad.errors import Conflict, Forbidden
from camarad.models import User
from web import accounts
from web.services import Services
from web.sessions import SignedIn, revoke_all


async def change(services: Services, who: SignedIn, current: str, new: str, address: str, *, proven: bool) -> None:
    """Ends every sign-in of the person, the one that asks too: it goes on as a new one. Raises WrongPassword, and
    Forbidden for a first password without proof."""
    async with services.database.read() as session:
        has_one = (await session.get_one(User, who.user_id)).password_hash is not None
    if not has_one and not proven:
        raise Forbidden(
            "This account has no password, and a sign-in alone may not give it one.",
            code="proof_required",
            hint="In the settings, prove with Google that it is yours, and set it within ten minutes.",
        )
    fitted = await accounts.confirm(services, who, current, address) if has_one else None
    await replace(services, who.user_id, fitted, await services.passwords.hash(new))


async def replace(services: Services, user_id: str, before: str | None, password_hash: str) -> None:
    """Put a new hash in place of the one that the right to do so was shown for, and end all sign-ins with it. Raises
    Conflict when there is another by now, or the account was closed."""
    async with services.database.write() as session:
        user = await session.get_one(User, user_id, with_for_update=True)
        if user.password_hash != before or user.disabled_at is not None:
            raise Conflict("The password was changed meanwhile.", code="password_changed_meanwhile")
        user.password_hash = password_hash
        await revoke_all(session, user_id, services.clock.now())
