"""`python -m camarad serve` and `seed-demo`."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any

from camarad import __version__
from camarad.errors import Misconfigured
from camarad.settings import Settings, load_settings
from tools.emulator.fixtures import Fixtures, load_fixtures
from web import memory
from web.emulation import Emulations
from web.lean import lean_imports
from web.startup import bind, heed_signals, open_logs, say, take_data_folder, timed

if TYPE_CHECKING:
    from web.services import Services


def serve(argv: list[str]) -> int:
    """Start everything in order, say READY when it answers, and stop everything in order."""
    settings, fixtures = _settings("serve", argv)
    print(f"Camarad {__version__} is starting", flush=True)
    heed_signals()
    try:
        with bind(settings.camarad_host, settings.camarad_port) as bound, take_data_folder(settings.camarad_data_dir):
            say("data", str(settings.camarad_data_dir.resolve()))
            say("logs", open_logs(settings))
            with _running_emulators(settings) as emulations:
                _run(emulations.reached(settings), emulations, fixtures, bound)
    except KeyboardInterrupt:
        print()
    print("Stopped.", flush=True)
    return 0


def seed_demo(argv: list[str]) -> int:
    """Make or refresh the demo workspace without starting the server."""
    settings, fixtures = _settings("seed-demo", argv)
    from camarad.migrate import bring_up

    with take_data_folder(settings.camarad_data_dir):
        bring_up(settings)
        sign_in = asyncio.run(_seed(settings, fixtures))
    print(f"The demo workspace has {sign_in.clients} clients. Sign in with {sign_in.email} / {sign_in.password}")
    return 0


def _settings(name: str, argv: list[str]) -> tuple[Settings, Fixtures | None]:
    """The settings with the command line on top; a fixture file also pins the date."""
    parser = argparse.ArgumentParser(prog=f"python -m camarad {name}")
    parser.add_argument("--host", dest="camarad_host", help="address to listen on")
    parser.add_argument("--port", dest="camarad_port", type=int, help="port to listen on; 0 takes a free one")
    parser.add_argument("--data", dest="camarad_data_dir", type=Path, help="folder for everything that is written")
    parser.add_argument("--fixtures", dest="camarad_fixtures", type=Path, help="JSON file of extra demo clients")
    given = {k: v for k, v in vars(parser.parse_args(argv)).items() if v is not None}
    settings = load_settings(**given)
    fixtures = load_fixtures(settings.camarad_fixtures) if settings.camarad_fixtures else None
    if fixtures is not None:
        settings = settings.model_copy(update={"camarad_today": fixtures.today})
    return settings, fixtures


@contextmanager
def _running_emulators(settings: Settings) -> Iterator[Emulations]:
    """The emulators beside the migrations and the imports, which take as long; none where the settings name others."""
    emulations = Emulations.wanted(settings)
    try:  # round all of it: an interrupt may come at any moment, also between a process and knowing of it
        with ThreadPoolExecutor(2) as pool:
            starting = {one.name: pool.submit(one.start) for one in emulations.all}
            _prepare(settings)
            if emulations.google is not None:
                with timed("emulator", "Google's APIs on loopback, for the demo clients") as outcome:
                    starting[emulations.google.name].result()
                    outcome.append(emulations.google.running.address)
            if emulations.stripe is not None:
                with timed("payments", "Stripe's API on loopback, where no money moves") as outcome:
                    starting[emulations.stripe.name].result()
                    outcome.append(emulations.stripe.running.url)
        yield emulations
    finally:
        for one in emulations.all:
            one.stop()


def _prepare(settings: Settings) -> None:
    """What takes seconds and needs no event loop, while the emulator starts beside it."""
    url = settings.resolved_database_url
    with lean_imports():
        with timed("database", "bringing the schema up to date") as outcome:
            from camarad.migrate import bring_up

            bring_up(settings)
            outcome.append("SQLite" if url.startswith("sqlite") else "PostgreSQL")
        with timed("model", f"loading what {settings.camarad_model} needs"):
            from agents.llm import preload

            preload()
        with timed("pages", "loading the API, the pages and the chat"):
            import web.app  # noqa: F401 - only to have it
            from web.chat.boot import load_chainlit

            load_chainlit(settings.camarad_data_dir)


def _run(settings: Settings, emulations: Emulations, fixtures: Fixtures | None, bound: socket) -> None:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, emulations, fixtures, bound))


async def _serve(settings: Settings, emulations: Emulations, fixtures: Fixtures | None, bound: socket) -> None:
    told = _stop_when_started()
    await asyncio.sleep(0)  # one that came just before ends here, where nothing has begun
    from web.app import build_app, wrap
    from web.demo import DemoSignIn
    from web.services import build_services
    from web.serving import serve_on, server_for, webhook_address

    services = build_services(settings, emulations.alive())
    app = build_app(services)
    sign_in: DemoSignIn | None = None
    if settings.camarad_demo:
        sign_in = await _seed_with(settings, fixtures, services.database, services.passwords)
        say("demo", f"workspace with {sign_in.clients} clients")
    async with app.router.lifespan_context(app):
        _check_models(services)
        warming, watching = list[asyncio.Task[None]](), list[asyncio.Task[None]]()
        server = server_for(wrap(app), settings)

        def answers() -> None:
            _announce(settings, bound, sign_in)
            services.payments.open_demo(webhook_address(bound))
            warming.append(asyncio.create_task(services.warm(), name="warming"))
            for one in emulations.all:
                watching.append(asyncio.create_task(one.watch(lambda: server.should_exit), name=one.name))

        if not told.is_set():
            await serve_on(server, bound, answers)
        print("Stopping …", flush=True)
        for task in watching:
            task.cancel()
        await asyncio.gather(*warming, *watching, return_exceptions=True)  # a thread cannot be stopped, only awaited


def _stop_when_started() -> asyncio.Event:
    """Set by a signal while the services start, which then start and close in order; a second signal cancels them.

    Cancelled at once, a database thread would find its loop closed and say so in a traceback.
    """
    told, loop, task = asyncio.Event(), asyncio.get_running_loop(), asyncio.current_task()

    def tell() -> None:
        if told.is_set() and task is not None:
            task.cancel()
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, tell)
    return told


def _check_models(services: Services) -> None:
    """What readiness would say of the models for ever is said at once."""
    problems = services.door.ready()["problems"]
    if problems:
        raise Misconfigured(f"The model cannot be used. {problems[0]}")


async def _seed(settings: Settings, fixtures: Fixtures | None) -> Any:
    from camarad.database import Database
    from web.passwords import Passwords

    database = Database.of(settings)
    try:
        return await _seed_with(settings, fixtures, database, Passwords())
    finally:
        await database.close()


async def _seed_with(settings: Settings, fixtures: Fixtures | None, database: Any, passwords: Any) -> Any:
    from camarad.clock import SystemClock
    from web.demo import seed

    return await seed(database, SystemClock(settings.camarad_today), passwords, settings, fixtures)


def _announce(settings: Settings, bound: socket, sign_in: Any) -> None:
    memory.settle()
    host = f"[{settings.camarad_host}]" if ":" in settings.camarad_host else settings.camarad_host
    print(f"READY http://{host}:{bound.getsockname()[1]}", flush=True)
    if sign_in is not None:
        print(f"Sign in with {sign_in.email} and the password {sign_in.password}", flush=True)
    else:
        print("Make an account on the page /signup.", flush=True)
