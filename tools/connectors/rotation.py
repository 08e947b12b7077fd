"""`python -m camarad rotate-vault-keys`: every stored token sealed anew with the first vault key.

Safe beside a running server: a row is written only in the version that was read, and one that the server wrote in
between is read again. Old keys stay in VAULT_KEYS until this is done everywhere.
"""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from camarad.database import Database
from camarad.models import ConnectionSecret
from camarad.settings import Settings, load_settings
from tools.connectors.vault import SealBroken, Vault

BATCH = 200
TRIES = 5  # rounds for rows that the server keeps writing
REASON = "every sealed token, whoever's it is"


@dataclass(slots=True)
class Count:
    """`unreadable` rows were sealed with a key that this vault does not have; `busy` ones changed each time."""

    sealed: int = 0
    unreadable: int = 0
    busy: int = 0


async def rotate(database: Database, vault: Vault, *, dry_run: bool = False) -> Count:
    """Walk all rows by key in batches, each a transaction of its own. A dry run opens everything and writes nothing."""
    count, after = Count(), ""
    while True:
        async with database.unscoped(REASON) as session:
            rows = await _batch(session, after)
            left = [] if dry_run else await _seal(session, vault, rows, count)
        if dry_run:
            _try(vault, rows, count)
        count.busy += await _again(database, vault, left, count)
        if len(rows) < BATCH:
            return count
        after = rows[-1].connection_id


async def _batch(session: AsyncSession, after: str) -> list[ConnectionSecret]:
    key = ConnectionSecret.connection_id
    found = await session.scalars(select(ConnectionSecret).where(key > after).order_by(key).limit(BATCH))
    return list(found)


async def _seal(session: AsyncSession, vault: Vault, rows: list[ConnectionSecret], count: Count) -> list[str]:
    """Write what did not change since it was read; the ids of the others."""
    changed = []
    for row in rows:
        try:
            values = _sealed(vault, row)
        except SealBroken:
            count.unreadable += 1
            continue
        same = (ConnectionSecret.connection_id == row.connection_id, ConnectionSecret.version == row.version)
        done = await session.execute(
            update(ConnectionSecret).where(*same).values(**values).execution_options(synchronize_session=False)
        )
        if cast("CursorResult[Any]", done).rowcount:
            count.sealed += 1
        else:
            changed.append(row.connection_id)
    return changed


async def _again(database: Database, vault: Vault, ids: list[str], count: Count) -> int:
    """Rows that changed under our hands, a few times; how many still did."""
    for _ in range(TRIES):
        if not ids:
            return 0
        async with database.unscoped(REASON) as session:
            rows = await session.scalars(select(ConnectionSecret).where(ConnectionSecret.connection_id.in_(ids)))
            ids = await _seal(session, vault, list(rows), count)
    return len(ids)


def _try(vault: Vault, rows: list[ConnectionSecret], count: Count) -> None:
    for row in rows:
        try:
            _sealed(vault, row)
            count.sealed += 1
        except SealBroken:
            count.unreadable += 1


def _sealed(vault: Vault, row: ConnectionSecret) -> dict[str, str]:
    """Its tokens anew. The version stays: it is the same token, and whoever refreshes it may write over it."""
    tokens = {"refresh_token": row.refresh_token, "access_token": row.access_token}
    return {name: vault.rotate(token) for name, token in tokens.items() if token is not None}


def rotate_vault_keys(argv: list[str]) -> int:
    """The command. Exit code 1 when something could not be sealed anew, so that nobody throws the old key away."""
    parser = argparse.ArgumentParser(prog="python -m camarad rotate-vault-keys")
    parser.add_argument("--data", dest="camarad_data_dir", type=Path, help="the server's data folder")
    parser.add_argument("--dry-run", action="store_true", help="open every token and write nothing")
    given = vars(parser.parse_args(argv))
    dry_run = given.pop("dry_run")
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    count = asyncio.run(_rotate(settings, dry_run))
    print(f"{count.sealed} connections {'can be' if dry_run else 'were'} sealed with the first key.")
    if count.unreadable:
        print(f"{count.unreadable} cannot be opened with any of the keys: put the old key back, or connect them again.")
    if count.busy:
        print(f"{count.busy} changed meanwhile: run it once more.")
    return 1 if count.unreadable or count.busy else 0


async def _rotate(settings: Settings, dry_run: bool) -> Count:
    database = Database.of(settings)
    try:
        return await rotate(database, Vault(settings), dry_run=dry_run)
    finally:
        await database.close()
