"""What a workspace's plan holds, refused in one place when there is no room for one more.

Whatever is counted is made in a transaction that calls `require` first:

    async with database.write() as session:
        await entitlements.require(session, workspace_id, "clients", clients_of(workspace_id))
        session.add(client)

`require` locks the workspace's row to the end of that transaction and counts under the lock, so that of two who come
at once for the last place one is refused. A plan that holds less than is there takes nothing away; it adds nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.plans import PLANS, Limit, Plan, plan
from camarad.database import Database
from camarad.errors import LimitReached, NotFound
from camarad.models import Client, Connection, Invitation, Membership, Workspace

Count = Select[int]
ENDED: Final = "disconnected"  # the state of a connection that takes no place
NOUNS: Final[dict[Limit, str]] = {
    "clients": "clients",
    "members": "members and open invitations",
    "connections": "connections",
    "flows": "flows",
    "scheduled_runs": "scheduled runs a month",
}
INSTEAD: Final[dict[Limit, str]] = {
    "clients": "archive a client you no longer need",
    "members": "remove a member or withdraw an invitation",
    "connections": "disconnect what is no longer read",
    "flows": "delete a flow you no longer need",
    "scheduled_runs": "run them by hand until the month is over",
}


class PlanLimit(LimitReached):
    """The plan holds no more of something. The code is `max_<limit>`; `facts` are what words in any language name."""

    def __init__(self, limit: Limit, has: Plan, used: int = 0) -> None:
        self.limit, self.plan, self.lifted_by = limit, has, lifting(limit, has, used)
        super().__init__(
            f"The {has.name} plan holds at most {has.limit(limit):,} {NOUNS[limit]}.",
            code=f"max_{limit}",
            hint=_hint(limit, self.lifted_by),
        )

    @property
    def facts(self) -> dict[str, Any]:
        more = self.lifted_by
        return {
            "plan": self.plan.name,
            "allowed": self.plan.limit(self.limit),
            "lifting": more.name if more else "",
            "more": more.limit(self.limit) if more else 0,
        }


def _hint(limit: Limit, more: Plan | None) -> str:
    if more is None:
        return f"No plan holds more; {INSTEAD[limit]}."
    return f"The {more.name} plan holds {more.limit(limit):,}: see /settings/billing. Or {INSTEAD[limit]}."


def lifting(limit: Limit, has: Plan, used: int = 0) -> Plan | None:
    """The cheapest plan that holds more than `has` and more than `used`; None when none does."""
    taken = max(has.limit(limit), used)
    larger = (each for each in PLANS if each.available and each.limit(limit) > taken)
    return min(larger, key=lambda each: each.price_eur_cents, default=None)


async def require(session: AsyncSession, workspace_id: str, limit: Limit, used: Count | int) -> Plan:
    """Raise PlanLimit unless the plan has room for one more than `used`; gives the plan.

    `used` is a statement, counted here under the lock. A number is for one counted after `locked_plan`.
    """
    has = await locked_plan(session, workspace_id)
    taken = used if isinstance(used, int) else int(await session.scalar(used) or 0)
    if taken >= has.limit(limit):
        raise PlanLimit(limit, has, taken)
    return has


async def locked_plan(session: AsyncSession, workspace_id: str) -> Plan:
    """The workspace's plan, its row locked until the transaction ends: nobody else adds or changes plan meanwhile.

    Rows that merely refer to the workspace, such as those of the meter, do not wait for it.
    """
    found = await session.get(Workspace, workspace_id, with_for_update={"key_share": True}, populate_existing=True)
    if found is None or found.deleted_at is not None:
        raise NotFound("There is no such workspace.")
    return plan(found.plan_code)


def clients_of(workspace_id: str) -> Count:
    """Demo clients come on top of what a plan holds."""
    return select(func.count()).select_from(Client).where(*_own_clients(workspace_id))


def members_of(workspace_id: str, now: datetime) -> Count:
    """Members, and the places that open invitations promise."""
    members = select(func.count()).where(Membership.workspace_id == workspace_id).scalar_subquery()
    invited = select(func.count()).where(
        Invitation.workspace_id == workspace_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > now,
    )
    return select(members + invited.scalar_subquery())


def connections_of(workspace_id: str) -> Count:
    """Of the workspace's own clients, of all of them: it needs a session outside the wall."""
    own = select(Client.id).where(*_own_clients(workspace_id))
    return (
        select(func.count())
        .select_from(Connection)
        .where(Connection.workspace_id == workspace_id, Connection.client_id.in_(own), Connection.state != ENDED)
    )


def _own_clients(workspace_id: str) -> tuple[Any, ...]:
    return Client.workspace_id == workspace_id, Client.archived_at.is_(None), Client.demo.is_(False)


COUNTED: Final[frozenset[Limit]] = frozenset({"clients", "members", "connections"})  # the others cannot be made yet


def counts(workspace_id: str, now: datetime) -> dict[Limit, Count]:
    """How each thing of COUNTED is counted."""
    return {
        "clients": clients_of(workspace_id),
        "members": members_of(workspace_id, now),
        "connections": connections_of(workspace_id),
    }


async def uses(database: Database, workspace_id: str, now: datetime) -> dict[Limit, int]:
    """How much of each limit is taken, for what can be made already."""
    async with database.unscoped("a plan counts the connections of all of a workspace's clients") as session:
        return {limit: int(await session.scalar(count) or 0) for limit, count in counts(workspace_id, now).items()}
