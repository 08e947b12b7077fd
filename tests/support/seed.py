"""The rows every test database starts with: a user, a workspace with two clients, and a second, unrelated workspace."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from camarad.models import Base, Client, Membership, User, Workspace
from camarad.scope import Scope

SCOPE = Scope("user-one", "workspace-one", "client-one")
SIBLING_SCOPE = Scope("user-one", "workspace-one", "client-two")
OTHER_SCOPE = Scope("user-two", "workspace-two", "client-three")
AT = datetime(2026, 11, 1, tzinfo=UTC)


def _rows(scopes: tuple[Scope, ...]) -> list[Base]:
    first = scopes[0]
    return [
        User(id=first.user_id, email=f"{first.user_id}@example.com", display_name=first.user_id, created_at=AT),
        Workspace(id=first.workspace_id, name=first.workspace_id, created_at=AT),
        Membership(user_id=first.user_id, workspace_id=first.workspace_id, role="owner", created_at=AT),
        *(Client(id=s.client_id, workspace_id=s.workspace_id, name=s.client_id, created_at=AT) for s in scopes),
    ]


def seed(engine: Engine) -> None:
    """Write the rows through a plain session, past the wall: the templates are made before any scope exists."""
    with Session(engine) as session:
        for scopes in ((SCOPE, SIBLING_SCOPE), (OTHER_SCOPE,)):
            for row in _rows(scopes):
                session.add(row)
                session.flush()
        session.commit()
    engine.dispose()
