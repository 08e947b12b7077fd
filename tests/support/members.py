"""People who are in another person's workspace."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from camarad.models import AuthSession, Membership, User
from tests.support.web import Browser, Camarad


async def user_id(api: Camarad, email: str) -> str:
    async with api.services.database.read() as session:
        return str(await session.scalar(select(User.id).where(User.email == email)))


async def workspace_of(browser: Browser) -> str:
    return str((await browser.get("/api/auth/status")).json()["workspace"]["id"])


async def moved_in(api: Camarad, owner: Browser, email: str, role: str) -> Browser:
    """Somebody new whose only workspace is the owner's; put there past the invitations, for tests of other things."""
    home, browser = await workspace_of(owner), await api.sign_up(email)
    person = await user_id(api, email)
    async with api.services.database.write() as session:
        await session.execute(delete(Membership).where(Membership.user_id == person))
        session.add(Membership(user_id=person, workspace_id=home, role=role, created_at=api.services.clock.now()))
        await session.execute(update(AuthSession).where(AuthSession.user_id == person).values(workspace_id=home))
    return browser


async def set_role(api: Camarad, email: str, role: str) -> None:
    person = await user_id(api, email)
    async with api.services.database.write() as session:
        await session.execute(update(Membership).where(Membership.user_id == person).values(role=role))
