"""The emulators that this server started: begun, watched, begun again on the same ports when they end by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import SecretStr

from camarad.errors import CamaradError
from camarad.log import get_logger
from camarad.settings import Settings
from tools.emulator.process import EmulatorProcess, start_emulator
from tools.emulator.stripe.process import KEY, StripeProcess, start_stripe

POLL_SECONDS = 2.0

logger = get_logger("emulator")


class Process(Protocol):
    """A process of its own, as far as it is watched."""

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""

    def stop(self) -> None: ...


P = TypeVar("P", bound=Process)


class Emulation(Generic[P]):
    """One process at a time; `stop` ends every one that was begun. `begin` is given the first one, for its ports."""

    def __init__(self, name: str, begin: Callable[[P | None], P]) -> None:
        self.name = name
        self._begin = begin
        self._begun: list[P] = []

    @property
    def running(self) -> P:
        return self._begun[-1]

    def alive(self) -> bool:
        return self.running.code is None

    def start(self) -> None:
        """Blocks until it answers; Misconfigured when it cannot start."""
        self._begun.append(self._begin(self._begun[0] if self._begun else None))

    def stop(self) -> None:
        for process in self._begun:
            process.stop()

    async def watch(self, stopping: Callable[[], bool]) -> None:
        """Look every few seconds until the server stops; an attempt that fails is made again."""
        while not stopping():
            await asyncio.sleep(POLL_SECONDS)
            if not self.alive() and not stopping():
                logger.error(f"{self.name}_ended", code=self.running.code)
                await self._again()

    async def _again(self) -> None:
        try:
            await asyncio.to_thread(self.start)
        except CamaradError as error:
            logger.error(f"{self.name}_not_restarted", reason=error.message)
        else:
            logger.warning(f"{self.name}_restarted")


def of_google(settings: Settings) -> Emulation[EmulatorProcess]:
    def begin(first: EmulatorProcess | None) -> EmulatorProcess:
        return start_emulator(
            settings.camarad_data_dir / "emulator",
            settings.camarad_fixtures,
            settings.camarad_today,
            redirect_hosts=settings.public_hosts,
            ports=first.ports() if first else (0, 0),
        )

    return Emulation("emulator", begin)


def of_stripe(settings: Settings) -> Emulation[StripeProcess]:
    def begin(first: StripeProcess | None) -> StripeProcess:
        return start_stripe(settings.camarad_data_dir / "stripe-emulator", port=first.port if first else 0)

    return Emulation("stripe_emulator", begin)


@dataclass(frozen=True)
class Emulations:
    """Those of a demo that has no other: an emulator's address or a key of Stripe's in the settings stands for one."""

    google: Emulation[EmulatorProcess] | None = None
    stripe: Emulation[StripeProcess] | None = None

    @classmethod
    def wanted(cls, settings: Settings) -> Emulations:
        if not settings.camarad_demo:
            return cls()
        sells_elsewhere = settings.stripe_secret_key or settings.stripe_api_base
        return cls(
            None if settings.emulator_address else of_google(settings),
            None if sells_elsewhere else of_stripe(settings),
        )

    @property
    def all(self) -> tuple[Emulation[EmulatorProcess] | Emulation[StripeProcess], ...]:
        return tuple(one for one in (self.google, self.stripe) if one is not None)

    def alive(self) -> dict[str, Callable[[], bool]]:
        """Whether each runs, by its name."""
        return {one.name: one.alive for one in self.all}

    def reached(self, settings: Settings) -> Settings:
        """The settings with where those that were started are reached."""
        found: dict[str, object] = {}
        if self.google is not None:
            google = self.google.running
            found |= {"emulator_address": google.address, "emulator_oauth_url": google.oauth_url}
        if self.stripe is not None:
            found |= {"stripe_api_base": self.stripe.running.url, "stripe_secret_key": SecretStr(KEY)}
        return settings.model_copy(update=found)
