"""Everything a request may need, made once for a process, started and closed in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agents.llm import ModelDoor, build_door
from agents.roster import AGENTS
from billing.stripe.service import Payments
from camarad.clock import Clock, SystemClock
from camarad.database import Database
from camarad.settings import Settings
from graphs.handoff import route_schema
from graphs.turn import Assistant
from tools.connectors.hub import Connectors
from tools.registry import TOOLS
from web import memory
from web.metrics import Metrics
from web.oauth.floods import Floods
from web.oauth.state import States
from web.passwords import Passwords
from web.signing import Signer, load_secret
from web.throttle import Throttle


@dataclass(frozen=True)
class Services:
    settings: Settings
    clock: Clock
    database: Database
    door: ModelDoor
    connectors: Connectors
    assistant: Assistant
    passwords: Passwords
    signer: Signer
    metrics: Metrics
    states: States
    floods: Floods
    payments: Payments
    throttle: Throttle
    emulators: Mapping[str, Callable[[], bool]] = field(default_factory=dict)  # whether each that we started runs

    async def start(self) -> None:
        """Start what runs in the background; what was started is closed again when a later one fails."""
        try:
            await self.door.start()
            await self.connectors.start()
            await self.assistant.start()
            await self.payments.start()
        except BaseException:
            await self.close()
            raise

    async def warm(self) -> None:
        """Once the server answers: what the first question would wait for, in a thread, one after the other.

        The model comes first, since each question needs it and it is warm in a moment.
        """
        routes = [route_schema(agent) for agent in AGENTS if agent.hands_off_to]
        await self.door.warm([*(tool.schema() for tool in TOOLS), *routes])
        await self.connectors.warm()
        memory.settle()

    async def close(self) -> None:
        await self.payments.close()
        await self.throttle.close()
        await self.assistant.close()
        await self.connectors.close()
        await self.door.close()
        await self.database.close()


def build_services(
    settings: Settings, emulators: Mapping[str, Callable[[], bool]] | None = None, clock: Clock | None = None
) -> Services:
    clock = clock or SystemClock(settings.camarad_today)
    database = Database.of(settings)
    door = build_door(settings, database, clock)
    connectors = Connectors(settings, database, clock, settings.emulator_address)
    secret = load_secret(settings)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        door=door,
        connectors=connectors,
        assistant=Assistant(settings, database, door, connectors, clock),
        passwords=Passwords(),
        signer=Signer(secret),
        metrics=Metrics(),
        states=States(secret, clock),
        floods=Floods(clock),
        payments=Payments(settings, database, clock),
        throttle=Throttle(settings, database, clock),
        emulators=emulators or {},
    )
