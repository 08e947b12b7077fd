"""States come back once. The first to note a state's id has it; everybody after that, on any worker, is told so.

Nothing is written when a state is given out, so that beginning a flow costs no write and cannot fill the table.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from camarad.clock import Clock
from camarad.database import Database
from camarad.models import OAuthState
from web.oauth.state import AHEAD, GOOD_FOR, Flow


async def take(database: Database, clock: Clock, flow: Flow) -> bool:
    """Whether this is the first time that the state came back. Notes of states long over are cleared away."""
    now = clock.now()
    over = datetime.fromtimestamp(flow.at, UTC) + GOOD_FOR + AHEAD
    insert: Any = sqlite.insert if database.is_sqlite else postgresql.insert
    note = insert(OAuthState).values(id=_key(flow.id), purpose=flow.purpose, expires_at=over, used_at=now)
    async with database.write() as session:
        await session.execute(delete(OAuthState).where(OAuthState.expires_at < now - timedelta(hours=1)))
        made = await session.execute(note.on_conflict_do_nothing().returning(OAuthState.id))
        return made.scalar_one_or_none() is not None


def _key(state_id: str) -> str:
    return hashlib.sha256(state_id.encode()).hexdigest()
