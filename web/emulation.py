"""The emulator that this server started: begun, watched, begun again on the same ports when it ends by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from camarad.errors import CamaradError
from camarad.log import get_logger
from camarad.settings import Settings
from tools.emulator.process import EmulatorProcess, start_emulator

POLL_SECONDS = 2.0

logger = get_logger("emulator")


class Emulation:
    """One process at a time; `stop` ends every one that was begun."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._begun: list[EmulatorProcess] = []

    @property
    def running(self) -> EmulatorProcess:
        return self._begun[-1]

    def alive(self) -> bool:
        return self.running.alive()

    def start(self) -> None:
        """Blocks until it answers; Misconfigured when it cannot start. A later one takes the ports of the first."""
        settings = self._settings
        ports = self._begun[0].ports() if self._begun else (0, 0)
        self._begun.append(
            start_emulator(
                settings.camarad_data_dir / "emulator",
                settings.camarad_fixtures,
                settings.camarad_today,
                redirect_hosts=settings.public_hosts,
                ports=ports,
            )
        )

    def stop(self) -> None:
        for process in self._begun:
            process.stop()

    async def watch(self, stopping: Callable[[], bool]) -> None:
        """Look every few seconds until the server stops; an attempt that fails is made again."""
        while not stopping():
            await asyncio.sleep(POLL_SECONDS)
            if not self.alive() and not stopping():
                logger.error("emulator_ended", code=self.running.process.returncode)
                await self._again()

    async def _again(self) -> None:
        try:
            await asyncio.to_thread(self.start)
        except CamaradError as error:
            logger.error("emulator_not_restarted", reason=error.message)
        else:
            logger.warning("emulator_restarted", address=self.running.address)
