"""Puts the door together: the meter and the price list behind it are its own, so that nothing else imports them."""

from __future__ import annotations

from agents.llm import engine
from agents.llm.door import ModelDoor
from billing.meter import Meter
from camarad.clock import Clock
from camarad.database import Database
from camarad.settings import Settings


def preload() -> None:
    """Import litellm now (some 2.5 s of CPU), for instance while the database migrates in another thread."""
    engine.load()


def build_door(settings: Settings, database: Database, clock: Clock) -> ModelDoor:
    """A door with its meter, for one event loop: `await door.start()` in it, `await door.close()` at the end."""
    meter = Meter(database, settings, clock)
    return ModelDoor(settings, meter, meter.catalog)
