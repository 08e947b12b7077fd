"""Which customer at Stripe a workspace is. A customer is made from here and belongs to one workspace for ever."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from billing.stripe.client import StripeApi
from billing.stripe.refused import NoSuchObject
from camarad.clock import Clock
from camarad.database import Database
from camarad.models import BillingAccount, Membership, Workspace


@dataclass(frozen=True, slots=True)
class Payer:
    """Who acts: the workspace, the person in it, and what Stripe is told of both."""

    workspace_id: str
    user_id: str
    email: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Accounts:
    api: StripeApi
    database: Database
    clock: Clock

    async def find(self, workspace_id: str) -> BillingAccount | None:
        async with self.database.read() as session:
            return await session.get(BillingAccount, workspace_id)

    async def workspace_of(self, customer_id: str) -> str | None:
        async with self.database.read() as session:
            found: str | None = await session.scalar(
                select(BillingAccount.workspace_id).where(BillingAccount.customer_id == customer_id)
            )
        return found

    async def is_alive(self, workspace_id: str) -> bool:
        """False for a workspace whose data were erased: its papers are kept, nobody is in it any more."""
        async with self.database.read() as session:
            return bool(await session.scalar(select(exists().where(Membership.workspace_id == workspace_id))))

    async def all_alive(self) -> list[str]:
        async with self.database.read() as session:
            found = await session.scalars(
                select(BillingAccount.workspace_id)
                .where(exists().where(Membership.workspace_id == BillingAccount.workspace_id))
                .order_by(BillingAccount.workspace_id)
            )
            return list(found)

    async def ensure(self, payer: Payer) -> str:
        """The workspace's customer, made when it has none, or when Stripe does not know the one it had."""
        account = await self.find(payer.workspace_id)
        if account is not None and await self._is_there(account.customer_id):
            return account.customer_id
        made = await self._create(payer, account.customer_id if account else "")
        await self._store(payer.workspace_id, made, instead_of=account)
        stored = await self.find(payer.workspace_id)
        assert stored is not None
        return stored.customer_id

    async def _is_there(self, customer_id: str) -> bool:
        try:
            found = await self.api.ask(lambda v1: v1.customers.retrieve_async(customer_id))
        except NoSuchObject:
            return False
        return not found.get("deleted")

    async def _create(self, payer: Payer, instead_of: str) -> str:
        async with self.database.read() as session:
            workspace = await session.get_one(Workspace, payer.workspace_id)
        told = {
            "email": payer.email,
            "name": workspace.name,
            "preferred_locales": [payer.language],
            "metadata": {"camarad_workspace": payer.workspace_id},
        }
        told = {name: value for name, value in told.items() if value}
        digest = hashlib.sha256(repr((sorted(told.items(), key=str), instead_of)).encode()).hexdigest()[:16]
        key = {"idempotency_key": f"camarad:customer:{payer.workspace_id}:{digest}"}
        made = await self.api.ask(lambda v1: v1.customers.create_async(told, key))
        return str(made["id"])

    async def _store(self, workspace_id: str, customer_id: str, *, instead_of: BillingAccount | None) -> None:
        """Of two who made one at the same time the first one's stays; the other's is never used."""
        insert = sqlite_insert if self.database.is_sqlite else postgresql_insert
        async with self.database.write() as session:
            if instead_of is not None:
                row = await session.get_one(BillingAccount, workspace_id, with_for_update=True)
                if row.customer_id == instead_of.customer_id:
                    row.customer_id, row.synced_at, row.problem = customer_id, None, None
                return
            await session.execute(
                insert(BillingAccount)
                .values(workspace_id=workspace_id, customer_id=customer_id, created_at=self.clock.now())
                .on_conflict_do_nothing()
            )
