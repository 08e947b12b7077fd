"""A client's rows begin only while the client is there: a request that was let in before its workspace was erased, or
its client archived, leaves nothing behind afterwards. What hangs on other rows has their foreign keys for this."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from camarad.errors import NotFound
from camarad.models import Client
from camarad.scope import Scope


def hold_client(session: Session, scope: Scope) -> None:
    """Keep the client until the transaction ends; others may hold it too. Raises NotFound when it is gone already."""
    mine = (Client.id == scope.client_id, Client.workspace_id == scope.workspace_id, Client.archived_at.is_(None))
    held = select(Client.id).where(*mine).with_for_update(read=True, key_share=True)
    if session.scalar(held) is None:
        raise NotFound("There is no such client in your workspace.")
