"""kill -9 during a turn: what was acknowledged is there, what was settled is not asked or paid again, and the
conversation goes on. The killed process, the database and the model provider are all real."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from camarad.clock import SystemClock
from camarad.database import Database
from camarad.ids import new_id
from camarad.settings import Settings
from graphs import conversations
from graphs.events import TurnEvent
from tests.support.model_server import Answer, ModelServer, calls, quiet, text
from tests.support.seed import SCOPE
from tests.support.turn_worker import settings_of
from tests.support.turns import Engine, document, engine

pytestmark = pytest.mark.crash

ROUTE = calls(("route_to_agent", {"agent": "ppc-specialist", "note": "ads"}))
READ = calls(("connection_status", {}), ("ads_overview", {}))
LONG = text("word " * 500, piece_delay=0.05)


@pytest.fixture
def job(settings: Settings, sqlite_url: str, model_server: ModelServer) -> dict[str, Any]:
    return job_on(settings, sqlite_url, model_server)


@pytest.fixture
def job_on_both(settings: Settings, database_url: str, model_server: ModelServer) -> dict[str, Any]:
    return job_on(settings, database_url, model_server)


def job_on(settings: Settings, database_url: str, model_server: ModelServer) -> dict[str, Any]:
    return {
        "data": str(settings.camarad_data_dir),
        "url": database_url,
        "base": model_server.base,
        "conversation": new_id(),
        "text": "How did our ads do?",
        "request_id": "killed",
    }


@asynccontextmanager
async def server(job: dict[str, Any]) -> AsyncIterator[Engine]:
    """This process as the next start of the server on the same data."""
    settings = settings_of(job)
    database = Database(settings.resolved_database_url)
    async with engine(settings, database, SystemClock()) as camarad:
        yield camarad
    await database.close()


async def with_conversation(job: dict[str, Any]) -> None:
    async with server(job) as camarad:
        job["conversation"] = await camarad.new()


def kill_during(job: dict[str, Any], model_server: ModelServer, requests: int, lines: int) -> None:
    """Run the turn elsewhere and kill it once `requests` reached the provider and `lines` events were told."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.support.turn_worker", json.dumps(job)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert worker.stdout is not None
        told = [worker.stdout.readline() for _ in range(lines)]
        assert all(told), "the worker ended by itself"
        assert model_server.wait_for_requests(requests, timeout=60)
    finally:
        worker.kill()
        worker.wait()
        assert worker.stdout is not None
        worker.stdout.close()


async def resumed(camarad: Engine, job: dict[str, Any]) -> list[TurnEvent]:
    """The same message sent again under its id: the taken-up turn, or its stored answer."""
    return await camarad.ask(job["text"], job["conversation"], request_id=job["request_id"])


@pytest.mark.parametrize(
    ("script", "seen", "lines", "asked_again"),
    [
        ([quiet(60)], 1, 1, 3),  # in the router's call: everything is asked anew
        ([ROUTE, quiet(60)], 2, 2, 2),  # routed: the routing is not repeated
        ([ROUTE, READ, LONG], 3, 8, 1),  # amid the answer: routing and tools are not repeated
    ],
    ids=["while routing", "while the specialist thinks", "amid the answer"],
)
async def test_a_killed_turn_is_finished_at_the_next_start(
    job_on_both: dict[str, Any],
    model_server: ModelServer,
    script: list[Answer],
    seen: int,
    lines: int,
    asked_again: int,
) -> None:
    job = job_on_both
    await with_conversation(job)
    model_server.script(*script)
    kill_during(job, model_server, seen, lines)
    model_server.reset()
    model_server.script(*[ROUTE, READ, text("Nothing is connected.")][3 - asked_again :])
    async with server(job) as camarad:
        done = document(await resumed(camarad, job))
        assert done.message.text == "Nothing is connected."
        assert done.route == ["personal-assistant", "ppc-specialist"]
        assert len(model_server.requests) == asked_again
        debits = await camarad.debits()
        assert len(debits) == len(set(debits)) == 3
        assert await camarad.held() == 0
        stored = await conversations.messages(camarad.database, SCOPE, job["conversation"])
        assert [(m.role, m.status) for m in stored] == [("user", "complete"), ("assistant", "complete")]
        model_server.script(text("Yes."))
        assert document(await camarad.ask("Sure?", job["conversation"])).message.text == "Yes."


async def test_a_turn_nobody_takes_up_is_closed_by_the_next_message(
    job: dict[str, Any], model_server: ModelServer
) -> None:
    """Another process of the same deployment was running all along, so there is no start to resume at."""
    await with_conversation(job)
    async with server(job) as camarad:
        model_server.script(quiet(60))
        kill_during(job, model_server, 1, 1)
        model_server.script(text("Here."))
        assert document(await camarad.ask("Hello?", job["conversation"])).message.text == "Here."
        stored = await conversations.messages(camarad.database, SCOPE, job["conversation"])
        assert [(m.text, m.status) for m in stored] == [
            ("How did our ads do?", "complete"),
            ("", "failed"),
            ("Hello?", "complete"),
            ("Here.", "complete"),
        ]


async def test_a_turn_that_kills_its_process_each_time_is_given_up(
    job: dict[str, Any], model_server: ModelServer
) -> None:
    await with_conversation(job)
    model_server.otherwise = quiet(60)
    kill_during(job, model_server, 1, 1)
    idle = {**job, "conversation": "", "request_id": "other"}
    for attempt in (2, 3):
        kill_during(idle, model_server, attempt, 0)
    model_server.reset()
    async with server(job) as camarad:
        stored = await conversations.messages(camarad.database, SCOPE, job["conversation"])
        assert [(m.role, m.status) for m in stored] == [("user", "complete"), ("assistant", "failed")]
        assert not model_server.requests
        assert document(await camarad.ask("Hello?", job["conversation"])).status == "complete"
