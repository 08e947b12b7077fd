"""What a person may choose from: the Analytics properties and Google Ads accounts that their consent reaches.

Google Ads accounts are reached directly or through a manager; which one is noted, because every later call must name it
in `login-customer-id`. Cancelled and suspended accounts are listed, so that nobody looks for them, but not selectable.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from camarad.errors import BadInput
from tools.connectors import errors, google
from tools.connectors.account_ids import account_id
from tools.connectors.errors import ConnectorError
from tools.connectors.grants import Account
from tools.connectors.session import Metadata, Session
from tools.record import Provider

TTL = timedelta(minutes=5)
AT_ONCE = 4  # managers asked at the same time
_ACCOUNTS = (
    "SELECT customer_client.id, customer_client.level, customer_client.manager, customer_client.descriptive_name, "
    "customer_client.currency_code, customer_client.time_zone, customer_client.status FROM customer_client"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """`parent_*` is the Analytics account or the Ads manager. `status` is enabled, or why it cannot be chosen: manager,
    cancelled, suspended, closed, unreachable. Currency and time zone of a property are only known once it is chosen."""

    id: str
    name: str
    parent_id: str | None = None
    parent_name: str | None = None
    currency: str | None = None
    timezone: str | None = None
    status: str = "enabled"
    login_account_id: str | None = None

    @property
    def selectable(self) -> bool:
        return self.status == "enabled"


@dataclass(frozen=True, slots=True)
class Listing:
    provider: Provider
    entries: tuple[Entry, ...]
    as_of: datetime
    cached: bool


async def listing(session: Session) -> Listing:
    """Everything the consent reaches, kept for a few minutes."""
    provider = session.view.provider
    fetch = properties if provider == "ga4" else accounts
    kept = await session.kept("directory", TTL, lambda: fetch(session))
    return Listing(provider, kept.value, kept.at, kept.cached)


async def properties(session: Session) -> tuple[Entry, ...]:
    """Analytics properties by account, in Google's order; all pages of them."""
    await google.ready("ga4-admin")
    admin, client = google.ga4_admin(), session.channels.ga4_admin(session.route.admin)

    async def send(metadata: Metadata, seconds: float) -> list[Any]:
        request = admin.ListAccountSummariesRequest(page_size=200)
        pager = await client.list_account_summaries(request, metadata=metadata, timeout=seconds, retry=None)
        return [summary async for summary in pager]

    return tuple(
        Entry(_last(each.property), each.display_name, _last(summary.account), summary.display_name)
        for summary in await session.call(send)
        for each in summary.property_summaries
    )


async def accounts(session: Session) -> tuple[Entry, ...]:
    """Google Ads accounts under every account the person has access to. Each once, by the shortest way."""
    roots = await _roots(session)
    slots = asyncio.Semaphore(AT_ONCE)

    async def under(root: str) -> list[Entry]:
        async with slots:
            return await _under(session, root)

    found: dict[str, Entry] = {}
    for entries in await asyncio.gather(*(under(root) for root in roots)):
        for entry in entries:
            known = found.get(entry.id)
            if known is None or (entry.login_account_id is None and known.login_account_id is not None):
                found[entry.id] = entry
    return tuple(sorted(found.values(), key=lambda e: (e.parent_name or "", e.status != "manager", e.name, e.id)))


async def _roots(session: Session) -> list[str]:
    await google.ready("google-ads")
    client, types = session.channels.ads_customers(session.route.endpoint), google.ads_customer_types()

    async def send(metadata: Metadata, seconds: float) -> list[str]:
        request = types.ListAccessibleCustomersRequest()
        answer = await client.list_accessible_customers(request, metadata=metadata, timeout=seconds, retry=None)
        return [_last(name) for name in answer.resource_names]

    try:
        return await session.call(send)
    except ConnectorError as error:
        if error.detail == "NOT_ADS_USER":  # a Google account without any Ads account: nothing to choose from
            return []
        raise


async def _under(session: Session, root: str) -> list[Entry]:
    """An account and all below it. One that cannot be asked is shown as such and does not hide the others."""
    client, types = session.channels.ads(session.route.endpoint), google.ads_types()
    request = types.SearchGoogleAdsRequest(customer_id=root, query=_ACCOUNTS)

    async def send(metadata: Metadata, seconds: float) -> list[Any]:
        pager = await client.search(request, metadata=metadata, timeout=seconds, retry=None)
        return [row.customer_client async for row in pager]

    try:
        rows = await session.call(send, [("login-customer-id", root)])
    except ConnectorError as error:
        if error.kind not in ("permission", "invalid"):
            raise
        return [Entry(root, root, status="unreachable")]
    top = next((row for row in rows if str(row.id) == root), None)
    return [_entry(row, root, top.descriptive_name if top is not None else root) for row in rows]


def _entry(row: Any, root: str, manager: str) -> Entry:
    own, status = str(row.id) == root, row.status.name.casefold()
    state = {"canceled": "cancelled"}.get(status, status)
    return Entry(
        str(row.id),
        row.descriptive_name or str(row.id),
        None if own else root,
        None if own else manager,
        row.currency_code or None,
        row.time_zone or None,
        "manager" if row.manager and state == "enabled" else state,
        None if own else root,
    )


async def find(session: Session, text: str) -> Account:
    """What the person chose, as Google describes it. Raises BadInput for an id of another kind or an account that
    cannot be chosen, ConnectorError `..._permission` for one that the consent does not reach."""
    provider = session.view.provider
    wanted = account_id(provider, text)
    if provider == "ga4":
        return await _property(session, wanted)
    return _chosen(await listing(session), wanted, _who(session))


async def _property(session: Session, wanted: str) -> Account:
    await google.ready("ga4-admin")
    admin, client = google.ga4_admin(), session.channels.ga4_admin(session.route.admin)

    async def send(metadata: Metadata, seconds: float) -> Any:
        request = admin.GetPropertyRequest(name=f"properties/{wanted}")
        return await client.get_property(request, metadata=metadata, timeout=seconds, retry=None)

    try:
        found = await session.call(send)
    except ConnectorError as error:
        if error.kind in ("permission", "invalid") and not error.detail:
            raise errors.not_reached("ga4", wanted, _who(session)) from None
        raise
    return Account(_last(found.name), found.display_name, found.currency_code or None, found.time_zone or None)


def _chosen(found: Listing, wanted: str, email: str | None) -> Account:
    entry = next((e for e in found.entries if e.id == wanted), None)
    if entry is None:
        raise errors.not_reached("google-ads", wanted, email)
    if not entry.selectable:
        raise BadInput(
            f"{entry.name} ({entry.id}) cannot be chosen: {_REFUSED.get(entry.status, entry.status)}.",
            code=f"account_{entry.status}",
            hint="Choose an account that is active and has campaigns of its own.",
        )
    return Account(entry.id, entry.name, entry.currency, entry.timezone, entry.login_account_id)


_REFUSED = {
    "manager": "it is a manager account, which has no campaigns",
    "cancelled": "it is cancelled",
    "suspended": "it is suspended",
    "closed": "it is closed",
    "unreachable": "Google does not let this consent read it",
}


def _who(session: Session) -> str | None:
    return session.view.grant.email if session.view.grant is not None else None


def _last(name: str) -> str:
    return name.rpartition("/")[2]
