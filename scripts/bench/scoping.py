"""What the walls cost: the conversation routes as they are, beside the same routes with filters written by hand.

    python scripts/bench/scoping.py [--batches 150] [--postgres]

All sides are one application on one database, asked in turn without a network: sign-in, ownership of the client, limits
and JSON are the same. The other sides' queries name workspace, client and user themselves, without any wall; on
PostgreSQL they connect as a role that row-level security lets through and tell no transaction its scope. `orm` is how
one would write them, with entities in a plain session; `prepared` is the product's own code and statements with only
the wall taken out, and so shows what the wall itself costs. Given is the lower quartile of many short batches, of CPU
(all threads of this process) and of time on the clock: other work on the machine only ever adds to them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sqlalchemy import bindparam, select  # noqa: E402
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from camarad.database import Database  # noqa: E402
from camarad.errors import NotFound  # noqa: E402
from camarad.ids import new_id  # noqa: E402
from camarad.log import configure_logs  # noqa: E402
from camarad.migrate import upgrade  # noqa: E402
from camarad.models import Conversation, Message, ToolCall  # noqa: E402
from camarad.scope import Scope  # noqa: E402
from camarad.settings import load_settings  # noqa: E402
from camarad.wall import connection_of  # noqa: E402
from graphs import conversations  # noqa: E402
from tests.support.web import Browser, Camarad, running  # noqa: E402

CONVERSATIONS, MESSAGES = 60, 40
GOAL = 1.05
BATCH = 4  # requests of one side before it is the other's turn


class ByHand:
    """The store's reading functions as somebody would write them without a wall."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list_(
        self, _: Database, scope: Scope, *, query: str | None = None, before: datetime | None = None, limit: int = 50
    ) -> list[conversations.ConversationView]:
        statement = select(Conversation).where(Conversation.origin == conversations.LISTED, *_own(Conversation, scope))
        statement = statement.order_by(Conversation.updated_at.desc(), Conversation.id.desc()).limit(limit)
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            return [conversations._view(row) for row in await session.scalars(statement)]

    async def get(self, _: Database, scope: Scope, conversation_id: str) -> conversations.ConversationView:
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            return conversations._view(await self._find(session, scope, conversation_id))

    async def messages(self, _: Database, scope: Scope, conversation_id: str) -> list[conversations.StoredMessage]:
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            await self._find(session, scope, conversation_id)
            said = (Message.conversation_id == conversation_id, *_own(Message, scope))
            rows = await session.scalars(select(Message).where(*said).order_by(Message.seq))
            called = (ToolCall.conversation_id == conversation_id, *_own(ToolCall, scope))
            calls = await session.scalars(select(ToolCall).where(*called).order_by(ToolCall.seq))
        by_message: dict[str, list[conversations.StoredCall]] = {}
        for call in calls:
            by_message.setdefault(call.message_id, []).append(conversations._call(call))
        return [conversations._message(row, tuple(by_message.get(row.id, ()))) for row in rows]

    async def _find(self, session: AsyncSession, scope: Scope, conversation_id: str) -> Conversation:
        found = select(Conversation).where(Conversation.id == conversation_id, *_own(Conversation, scope))
        row = (await session.scalars(found)).one_or_none()
        if row is None:
            raise NotFound(conversations.NO_CONVERSATION)
        return row

    @contextmanager
    def instead(self) -> Iterator[None]:
        kept = {name: getattr(conversations, name) for name in ("list_", "get", "messages")}
        for name in kept:
            setattr(conversations, name, getattr(self, name))
        try:
            yield
        finally:
            for name, function in kept.items():
                setattr(conversations, name, function)


class Prepared:
    """The product's reading functions on a database without a scope; the filters are given by hand."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)

    @contextmanager
    def instead(self) -> Iterator[None]:
        kept = {name: getattr(conversations, name) for name in ("list_", "get", "messages", "owned_rows")}
        for name in ("list_", "get", "messages"):
            setattr(conversations, name, self._unscoped(kept[name]))
        setattr(conversations, "owned_rows", self._rows)  # noqa: B010 - not a name of that module's own
        try:
            yield
        finally:
            for name, function in kept.items():
                setattr(conversations, name, function)

    def _unscoped(self, function: Any) -> Any:
        async def ask(_: Database, scope: Scope, *arguments: Any, **more: Any) -> Any:
            owner = {"mine_workspace_id": scope.workspace_id, "mine_client_id": scope.client_id}
            OWNER.set({**owner, "mine_user_id": scope.user_id})
            return await function(self.database, None, *arguments, **more)

        return ask

    def _rows(self, session: Session, model: Any, statement: Any, **parameters: Any) -> Any:
        return connection_of(session).execute(_filtered(statement, model), {**parameters, **OWNER.get()}).all()


OWNER: ContextVar[dict[str, str]] = ContextVar("owner")


@cache
def _filtered(statement: Any, model: Any) -> Any:
    names = ("workspace_id", "client_id", "user_id")
    return statement.where(*(getattr(model, name) == bindparam(f"mine_{name}") for name in names))


def _own(model: Any, scope: Scope) -> tuple[Any, ...]:
    return model.workspace_id == scope.workspace_id, model.client_id == scope.client_id, model.user_id == scope.user_id


class Route:
    """A request, sent to the application itself."""

    def __init__(self, app: Any, path: str, browser: Browser) -> None:
        cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
        headers = {"host": "127.0.0.1", "cookie": cookies, "x-client-id": browser.client_id}
        self._app, self.path = app, path
        self._scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80), "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        }  # fmt: skip

    async def ask(self) -> bytes:
        status, body = 0, b""

        async def send(message: dict[str, Any]) -> None:
            nonlocal status, body
            status = message.get("status", status)
            body += message.get("body", b"")

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        await self._app({**self._scope, "state": {}}, receive, send)
        if status != 200:
            raise RuntimeError(f"{self.path} answered {status}")
        return body


async def fill(camarad: Camarad, scope: Scope) -> str:
    """Conversations for the list, and one with messages; its id."""
    now = camarad.services.clock.now()
    ids = [new_id() for _ in range(CONVERSATIONS)]
    async with camarad.services.database.write(scope) as session:
        for number, each in enumerate(ids):
            at = now - timedelta(minutes=number)
            session.add(Conversation(id=each, title=f"How did week {number} go?", created_at=at, updated_at=at))
        await session.flush()
        for number in range(MESSAGES):
            role = "assistant" if number % 2 else "user"
            text = "Google Ads cost 1,204.17 EUR, 12 % more than the week before. " * 4
            common = {"conversation_id": ids[0], "created_at": now}
            session.add(Message(id=new_id(), seq=number, role=role, text=text, **common))
    return ids[0]


Cost = tuple[float, float]  # CPU and clock, milliseconds a request
Side = Callable[[], AbstractContextManager[None]]


async def compare(url: str, hand_url: str, batches: int) -> list[tuple[str, list[Cost]]]:
    """Each route with what it costs as it is, by hand with entities, and by hand with prepared statements."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            _env_file=None, camarad_data_dir=Path(folder), camarad_demo=False, database_url=url,
            requests_per_minute_user=10**9, requests_per_minute_workspace=10**9,
        )  # fmt: skip
        async with running(settings) as camarad, plain(hand_url) as engine:
            ana = await camarad.sign_up()
            await ana.new_client()
            status = (await ana.get("/api/auth/status")).json()
            scope = Scope(status["user"]["id"], status["workspace"]["id"], ana.client_id)
            chosen = await fill(camarad, scope)
            found, prepared = [], Prepared(hand_url)
            for path in ("/api/conversations", f"/api/conversations/{chosen}", f"/api/conversations/{chosen}/messages"):
                route = Route(camarad.app, path, ana)
                sides = (nullcontext, ByHand(engine).instead, prepared.instead)
                found.append((path.replace(chosen, "{id}"), await alternate(route, sides, batches)))
            await prepared.database.close()
            return found


@asynccontextmanager
async def plain(url: str) -> AsyncIterator[AsyncEngine]:
    from camarad.sqlite import configured

    engine = create_async_engine(url, pool_pre_ping=True) if "postgresql" in url else create_async_engine(url)
    if "sqlite" in url:
        configured(engine.sync_engine, "BEGIN")
    yield engine
    await engine.dispose()


async def alternate(route: Route, sides: Sequence[Side], batches: int) -> list[Cost]:
    answers = []
    for side in sides:
        with side():
            answers.append(await route.ask())
    if len(set(answers)) > 1:
        raise RuntimeError("the sides do not answer the same")
    costs: list[list[Cost]] = [[] for _ in sides]
    for _ in range(batches):
        for side, found in zip(sides, costs, strict=True):
            with side():
                found.append(await _timed(route))
    return [_quartile(found) for found in costs]


async def _timed(route: Route) -> Cost:
    cpu, clock = time.process_time(), time.perf_counter()
    for _ in range(BATCH):
        await route.ask()
    return 1000 * (time.process_time() - cpu) / BATCH, 1000 * (time.perf_counter() - clock) / BATCH


def _quartile(costs: list[Cost]) -> Cost:
    cpu, clock = (statistics.quantiles(each, n=4)[0] for each in zip(*costs, strict=True))
    return cpu, clock


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=150, help=f"of {BATCH} requests, for each side of each route")
    parser.add_argument("--postgres", action="store_true", help="also on a PostgreSQL of its own")
    given = parser.parse_args()
    configure_logs("error")
    print(f"Python {platform.python_version()}; load at start {os.getloadavg()[0]:.1f}\n")
    print(
        "| database | route | CPU ms: as it is | orm | ratio | prepared | ratio | clock: to orm | to prepared | goal |"
    )
    print("|---" * 10 + "|")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/bench.db"
        upgrade(url)
        show("SQLite", asyncio.run(compare(url, url, given.batches)))
    if given.postgres:
        on_postgres(given.batches)
    return 0


def on_postgres(batches: int) -> None:
    from tests.support.postgres import APPLICATION, OWNER, running_postgres

    with running_postgres() as server, server.database("bench", role=OWNER) as owner:
        upgrade(owner, server.url("bench", APPLICATION))
        # The other side passes row-level security as a superuser does, so that it pays nothing for it.
        show("PostgreSQL", asyncio.run(compare(owner, server.url("bench"), batches)))


def show(name: str, found: list[tuple[str, list[Cost]]]) -> None:
    for label, (ours, *others) in found:
        cpu = " | ".join(f"{other[0]:.2f} | {ours[0] / other[0]:.3f}" for other in others)
        clock = " | ".join(f"{ours[1] / other[1]:.3f}" for other in others)
        print(f"| {name} | `GET {label}` | {ours[0]:.2f} | {cpu} | {clock} | {GOAL} |")


if __name__ == "__main__":
    sys.exit(main())
