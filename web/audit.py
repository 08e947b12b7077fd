"""The record of what matters for security: who did what, when, from where, under which request id.

A route that changes such things declares its act (`**audited("…")`), and the record is written when it ended well. What
has no route of its own, a sign-in that failed or a consent that came back, is recorded where it happens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import or_, select
from starlette.requests import Request

from camarad.clock import Clock
from camarad.database import Database
from camarad.errors import BadInput
from camarad.ids import new_id
from camarad.models import AuditEvent, User
from web.services import Services
from web.sessions import SignedIn

MARK: Final = "x-camarad-audit"
MOST_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class Event:
    act: str
    workspace_id: str | None = None
    user_id: str | None = None
    subject: str = ""
    address: str = ""
    request_id: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


def audited(act: str) -> dict[str, Any]:
    """For the decorator of a route: `@routes.post("/…", **audited("client_archived"))`."""
    return {"openapi_extra": {MARK: act}}


async def record(services: Services, event: Event) -> None:
    await write(services.database, services.clock, event)


async def write(database: Database, clock: Clock, event: Event) -> None:
    """For commands, which have no services."""
    row = AuditEvent(
        id=new_id(),
        act=event.act,
        workspace_id=event.workspace_id,
        user_id=event.user_id,
        subject=event.subject[:200],
        address=event.address[:64],
        request_id=event.request_id[:128],
        detail=event.detail,
        at=clock.now(),
    )
    async with database.write() as session:
        session.add(row)


def note(request: Request, **detail: Any) -> None:
    """Have the record of this request say more, such as a client named in a form."""
    request.state.audit_detail = {**getattr(request.state, "audit_detail", {}), **detail}


def nothing_done(request: Request) -> None:
    """This request ended well and changed nothing, so there is no act to remember."""
    request.state.audit_nothing = True


async def record_route(request: Request, services: Services, act: str) -> None:
    """What a route did: the ids in its path name the subject. A sign-in names who came in, and where an API key spoke
    for somebody, which one it was."""
    if getattr(request.state, "audit_nothing", False):
        return
    who: SignedIn | None = getattr(request.state, "entered", None) or getattr(request.state, "signed_in", None)
    await record(
        services,
        Event(
            act=act,
            workspace_id=who.workspace_id if who else None,
            user_id=who.user_id if who else None,
            subject=",".join(str(value) for value in request.path_params.values()),
            address=request.client.host if request.client else "",
            request_id=str(request.scope.get("state", {}).get("request_id", "")),
            detail=_detail(request, who),
        ),
    )


def _detail(request: Request, who: SignedIn | None) -> dict[str, Any]:
    scope = getattr(request.state, "scope", None)
    client = {"client_id": scope.client_id} if scope else {}
    by = {"by_key": who.key_id} if who and who.key_id else {}
    return {**client, **by, **getattr(request.state, "audit_detail", {})}


async def events(services: Services, who: SignedIn, limit: int = 100) -> list[dict[str, Any]]:
    """The newest first. An owner or admin sees the whole workspace's, a member what they did themselves."""
    if not 1 <= limit <= MOST_ROWS:
        raise BadInput(f"limit must be between 1 and {MOST_ROWS}.", code="bad_limit")
    own = AuditEvent.user_id == who.user_id
    seen = or_(AuditEvent.workspace_id == who.workspace_id, (AuditEvent.workspace_id.is_(None)) & own)
    if who.role == "member":
        seen = own & seen
    statement = (
        select(AuditEvent, User.email)
        .outerjoin(User, User.id == AuditEvent.user_id)
        .where(seen)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(limit)
    )
    async with services.database.read() as session:
        return [_view(row, email) for row, email in await session.execute(statement)]


def _view(row: AuditEvent, email: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at.isoformat(),
        "act": row.act,
        "user": {"id": row.user_id, "email": email} if row.user_id else None,
        "subject": row.subject,
        "address": row.address,
        "request_id": row.request_id,
        "detail": row.detail,
    }
