"""Which rows are a workspace's, table by table.

These statements stand outside the wall on purpose: what is exported or erased is a whole workspace, every client of it.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, Table, func, select

from camarad.models import Base, BillingAccount, Membership
from web.takeout.holdings import Holding


def table(holding: Holding) -> Table:
    return Base.metadata.tables[holding.table]


def belongs(holding: Holding, workspace_id: str) -> ColumnElement[bool]:
    """The condition for a workspace's rows. Raises ValueError for a table that nobody owns."""
    columns = table(holding).c
    if holding.owner == "person":
        return columns["id" if holding.table == "users" else "user_id"].in_(people(workspace_id))
    if holding.owner == "customer":
        mine = select(BillingAccount.customer_id).where(BillingAccount.workspace_id == workspace_id)
        return columns["customer_id"].in_(mine)
    if holding.owner == "workspace":
        return columns["id" if holding.table == "workspaces" else "workspace_id"] == workspace_id
    raise ValueError(f"{holding.table} belongs to nobody")


def people(workspace_id: str) -> Select[str]:
    return select(Membership.user_id).where(Membership.workspace_id == workspace_id)


def only_here(workspace_id: str) -> ColumnElement[bool]:
    """Of the people of a workspace, those who are in no other one."""
    users = Base.metadata.tables["users"]
    elsewhere = select(func.count()).where(Membership.user_id == users.c.id, Membership.workspace_id != workspace_id)
    return (users.c.id.in_(people(workspace_id))) & (elsewhere.scalar_subquery() == 0)
