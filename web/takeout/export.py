"""A workspace's data as one ZIP: a JSON-lines file a table, as stored, without what would let somebody in."""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from camarad.database import Database
from web.takeout.holdings import HOLDINGS, Holding
from web.takeout.rows import belongs, table

IN_MEMORY: Final = 4_000_000
PIECE: Final = 65_536
AT_ONCE: Final = 500
README: Final = """This is what Camarad stores of the workspace {name} as of {at} (UTC).
Each file holds one table, one JSON object a line. Times are UTC, CT whole numbers, costs micro-EUR, invoices cents.
Left out: tokens, passwords and the hashes of both.
"""


async def export(database: Database, workspace_id: str, name: str, at: datetime) -> AsyncIterator[bytes]:
    """The ZIP in pieces. All tables are read in one transaction, so that they agree with each other."""
    with SpooledTemporaryFile(IN_MEMORY) as file:
        async with database.unscoped("an owner takes out all of a workspace, every client of it") as session:
            await _fill(session, file, workspace_id, README.format(name=name, at=at.isoformat(" ", "seconds")))
        file.seek(0)
        for piece in _pieces(file):
            yield piece


async def _fill(session: AsyncSession, file: IO[bytes], workspace_id: str, readme: str) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", readme)
        for holding in HOLDINGS:
            if holding.owner != "nobody":
                await _table(session, archive, holding, workspace_id)


async def _table(session: AsyncSession, archive: zipfile.ZipFile, holding: Holding, workspace_id: str) -> None:
    columns = [column for column in table(holding).c if column.name not in holding.secret]
    rows = await session.stream(select(*columns).where(belongs(holding, workspace_id)))
    with archive.open(f"{holding.table}.jsonl", "w") as target:
        async for batch in rows.mappings().partitions(AT_ONCE):
            target.write(b"".join(_line(dict(row)) for row in batch))


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
