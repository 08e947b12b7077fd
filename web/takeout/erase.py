"""Erasing a workspace. What the law wants kept stays, under a row without a name."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.entitlements import locked_plan
from billing.stripe.plan_code import set_plan
from billing.stripe.state import NOTHING_BOUGHT
from camarad.errors import CamaradError, Conflict
from camarad.log import get_logger
from camarad.models import Client, Connection, CtWallet, Subscription, Turn, Workspace
from camarad.scope import Scope
from web.audit import Event, record
from web.services import Services
from web.sessions import SignedIn
from web.takeout.holdings import HOLDINGS, Holding
from web.takeout.rows import belongs, only_here, table

log = get_logger(__name__)

REASON = "an owner erases all of a workspace, every client of it"
PAYING = ("active", "trialing", "past_due", "unpaid", "paused")


async def erase(services: Services, who: SignedIn) -> None:
    """Stop what runs, revoke what Google granted, then erase in one transaction, and out of the files.

    Raises Conflict for the demo workspace, and while a subscription would go on charging. Nothing is erased then.
    """
    if who.demo:
        raise Conflict("The demo workspace is made again at each start.", code="demo_workspace", hint="Nothing to do.")
    await _refuse_while_paying(services, who.workspace_id)
    await _stop(services, who)
    await _revoke(services, who)
    async with services.database.unscoped(REASON) as session:
        await _erase(session, services, who.workspace_id)
    clean = await services.assistant.erase(who.workspace_id)
    if not (await services.database.scrub() and clean):
        log.warning("erased_rows_in_the_log", workspace_id=who.workspace_id)  # until SQLite writes over them
    await record(services, Event("workspace_erased", workspace_id=who.workspace_id))


async def _refuse_while_paying(services: Services, workspace_id: str) -> None:
    paying = select(Subscription.id).where(
        Subscription.workspace_id == workspace_id, Subscription.status.in_(PAYING), Subscription.cancel_at.is_(None)
    )
    async with services.database.read() as session:
        if await session.scalar(paying.limit(1)) is not None:
            raise Conflict(
                "The workspace has a subscription that would go on charging.",
                code="subscription_active",
                hint="Cancel the plan at /settings/billing first.",
            )


async def _stop(services: Services, who: SignedIn) -> None:
    """Nothing is to be written after the erasing."""
    running = (Turn.workspace_id == who.workspace_id, Turn.state == "running")
    async with services.database.unscoped(REASON) as session:
        rows = (await session.execute(select(Turn.conversation_id, Turn.user_id, Turn.client_id).where(*running))).all()
    for row in rows:
        await services.assistant.stop(Scope(row.user_id, who.workspace_id, row.client_id), row.conversation_id)


async def _revoke(services: Services, who: SignedIn) -> None:
    """A Google that does not answer does not keep a workspace alive: the sealed tokens go all the same."""
    async with services.database.unscoped(REASON) as session:
        found = await session.execute(
            select(Connection.client_id, Connection.provider).where(Connection.workspace_id == who.workspace_id)
        )
        connections = [(row.client_id, row.provider) for row in found]
    for client_id, provider in connections:
        try:
            await services.connectors.disconnect(Scope(who.user_id, who.workspace_id, client_id), provider)
        except CamaradError as error:
            log.warning("not_revoked_at_erasing", provider=provider, code=error.code)


async def _erase(session: AsyncSession, services: Services, workspace_id: str) -> None:
    """Whoever is just adding to it is waited for; whoever comes later finds nothing to add to. The wallet is locked
    before what hangs on it, as the meter does."""
    await locked_plan(session, workspace_id)
    await session.execute(select(CtWallet.workspace_id).where(CtWallet.workspace_id == workspace_id).with_for_update())
    await session.execute(select(Client.id).where(Client.workspace_id == workspace_id).with_for_update())
    alone = select(table(_named("users")).c.id).where(only_here(workspace_id))
    leaving = list(await session.scalars(alone))
    for holding in HOLDINGS:
        if holding.owner in ("workspace", "customer") and not holding.kept:
            await session.execute(delete(table(holding)).where(belongs(holding, workspace_id)))
    deeds = table(_named("audit_events"))  # before anybody was in a workspace: sign-ins that failed
    await session.execute(delete(deeds).where(deeds.c.workspace_id.is_(None), deeds.c.user_id.in_(leaving)))
    for name, column in (("identities", "user_id"), ("auth_sessions", "user_id"), ("users", "id")):
        rows = table(_named(name))
        await session.execute(delete(rows).where(rows.c[column].in_(leaving)))
    workspace = await session.get_one(Workspace, workspace_id)
    workspace.name, workspace.deleted_at = "", services.clock.now()
    await set_plan(session, workspace, NOTHING_BOUGHT)


def _named(name: str) -> Holding:
    return next(holding for holding in HOLDINGS if holding.table == name)
