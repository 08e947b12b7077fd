"""The simulated product: its own data folder and clock, workspaces with CT, models priced as chosen ones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from agents.llm import ModelDoor, build_door
from agents.roster import AGENTS
from agents.simulation.schedule import Tenant
from billing import pricefile
from billing.price import Price
from billing.wallet import open_wallet
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.errors import BadInput, Misconfigured
from camarad.ids import new_id
from camarad.migrate import bring_up
from camarad.models import PricingEntry, Workspace
from camarad.settings import Settings, load_settings

PREFIX = "camarad/as-"
BEFORE = timedelta(days=1)


@dataclass
class World:
    settings: Settings
    database: Database
    clock: ManualClock
    models: dict[str, str]  # the name in the door → the model it is priced as
    start: datetime

    async def door(self) -> ModelDoor:
        """A started door. A new one reads the prices and rates of its moment, as a server that is started does."""
        made = build_door(self.settings, self.database, self.clock)

        async def at_once(_: float) -> None:
            """Pauses between attempts pass in no time."""

        made.pause = at_once
        await made.start()
        return made


def simulated_settings(folder: Path, models: Sequence[str]) -> Settings:
    """Settings of a product of its own: nothing of it reaches the database or the keys of a real one."""
    named = {PREFIX + model.rpartition("/")[2]: model for model in models}
    talking = [a.slug for a in AGENTS if a.available]
    chosen = {agent: list(named)[n % len(named)] for n, agent in enumerate(talking)}
    return load_settings(
        _env_file=None,
        camarad_data_dir=folder,
        camarad_demo=False,
        database_url=None,
        migration_database_url=None,
        camarad_model=next(iter(named)),
        camarad_agent_models=chosen,
        camarad_fallback_models=[],
        camarad_model_prices={},
        camarad_model_retries=1,
        camarad_embeddings=False,
    )


def priced(models: Sequence[str]) -> dict[str, Price]:
    """The models with their list prices. Raises BadInput without any, Misconfigured for one that nobody priced."""
    if not models or len({m.rpartition("/")[2] for m in models}) < len(models):
        raise BadInput("Name at least one model, and each once.", code="bad_models")
    known = pricefile.prices()
    for model in models:
        if model not in known:
            raise Misconfigured(f"The model {model} has no list price.", hint="Name one that LiteLLM's list prices.")
    return {model: known[model] for model in models}


async def build(folder: Path, models: Sequence[str], tenants: Sequence[Tenant], start: datetime) -> World:
    """Raises BadInput for a folder that holds a database already."""
    prices = priced(models)
    settings = simulated_settings(folder, models)
    await asyncio.to_thread(_new_database, settings)
    database, clock = Database.of(settings), ManualClock(start)
    named = {PREFIX + model.rpartition("/")[2]: model for model in models}
    world = World(settings, database, clock, named, start)
    for name, model in named.items():
        await enter_price(world, name, prices[model], start - BEFORE, f"list price of {model}")
    async with database.write() as session:
        session.add_all(Workspace(id=t.name, name=f"{t.name} ({t.size})", created_at=start - BEFORE) for t in tenants)
    for tenant in tenants:
        await open_wallet(database, tenant.name, tenant.grant, clock)
    return world


def _new_database(settings: Settings) -> None:
    folder = settings.camarad_data_dir
    if (folder / "camarad.db").exists():
        raise BadInput(f"{folder} has a database in it.", code="folder_in_use", hint="Name a new folder with --data.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise BadInput(f"{folder} cannot be made: {reason}.", code="bad_folder", hint="Name another --data.") from error
    bring_up(settings)


async def enter_price(world: World, name: str, price: Price, valid_from: datetime, source: str) -> None:
    async with world.database.write() as session:
        session.add(
            PricingEntry(
                id=new_id(),
                kind="model",
                provider="camarad",
                model=name,
                input_price=price.input,
                cached_input_price=price.cached_input,
                cache_write_price=price.input if price.cache_write is None else price.cache_write,
                output_price=price.output,
                source=source,
                valid_from=valid_from,
                valid_to=None,
            )
        )
