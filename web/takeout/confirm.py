"""Who may take a workspace out or erase it, and how they say that they mean it."""

from __future__ import annotations

from pydantic import BaseModel, Field

from camarad.errors import BadInput
from camarad.models import User
from web import accounts
from web.roles import require
from web.services import Services
from web.sessions import SignedIn


class Confirmed(BaseModel):
    """`name` is the workspace's, typed by hand; `password` is asked of people who have one."""

    name: str = Field(max_length=300)
    password: str = Field("", max_length=1_000)


def owned(who: SignedIn) -> None:
    require(who, "delete")


async def confirmed(services: Services, who: SignedIn, given: Confirmed) -> None:
    """Raises Forbidden for others than an owner, BadInput for another name, BadCredentials for a wrong password."""
    owned(who)
    if given.name.strip() != who.workspace_name:
        raise BadInput("That is not the name of this workspace.", code="not_confirmed", hint="Type it as it stands.")
    async with services.database.read() as session:
        user = await session.get_one(User, who.user_id)
    if user.password_hash is not None:
        # counted for each person alone, so that wrong tries of a few close it to nobody else
        await accounts.authenticate(services, who.email, given.password, f"erase {who.user_id}")
