"""Watching over an emulator: begun again when it ends by itself, on the ports it had, and never while stopping."""

from dataclasses import dataclass

import pytest

from camarad.errors import Misconfigured
from camarad.settings import Settings
from web import emulation
from web.emulation import Emulation, Emulations, of_google


@dataclass
class Process:
    """An emulator that ends when told to."""

    address: str = "127.0.0.1:5001"
    oauth_url: str = "http://127.0.0.1:5002"
    running: bool = True
    returncode: int = -9
    stopped: int = 0

    @property
    def code(self) -> int | None:
        return None if self.running else self.returncode

    def ports(self) -> tuple[int, int]:
        return 5001, 5002

    def stop(self) -> None:
        self.running, self.stopped = False, self.stopped + 1


class Starts:
    """What was started with which ports; as many attempts fail as `failures` says."""

    def __init__(self) -> None:
        self.ports: list[tuple[int, int]] = []
        self.made: list[Process] = []
        self.failures = 0

    def __call__(self, *_: object, ports: tuple[int, int], redirect_hosts: list[str]) -> Process:
        self.ports.append(ports)
        if self.made and self.failures:
            self.failures -= 1
            raise Misconfigured("the port is taken")
        self.made.append(Process())
        return self.made[-1]


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> Starts:
    made = Starts()
    monkeypatch.setattr(emulation, "start_emulator", made)
    monkeypatch.setattr(emulation, "POLL_SECONDS", 0)
    return made


@pytest.fixture
def watched(settings: Settings, starts: Starts) -> Emulation:
    made = of_google(settings)
    made.start()
    return made


async def looks(watched: Emulation, times: int) -> None:
    """Watch until the server is asked so many times whether it stops; a look at a dead one asks twice."""
    left = iter([False] * times)
    await watched.watch(lambda: next(left, True))


async def test_one_that_ended_is_begun_again_on_its_ports(watched: Emulation, starts: Starts) -> None:
    starts.made[0].running = False
    assert not watched.alive()
    await looks(watched, 3)
    assert starts.ports == [(0, 0), (5001, 5002)] and watched.alive()


async def test_one_that_runs_is_left_alone(watched: Emulation, starts: Starts) -> None:
    await looks(watched, 9)
    assert len(starts.made) == 1


async def test_an_attempt_that_fails_is_made_again(watched: Emulation, starts: Starts) -> None:
    starts.made[0].running, starts.failures = False, 2
    await looks(watched, 6)
    assert len(starts.ports) == 4 and watched.alive()


async def test_while_the_server_stops_nothing_is_begun(watched: Emulation, starts: Starts) -> None:
    starts.made[0].running = False
    await looks(watched, 1)
    assert len(starts.made) == 1


async def test_every_one_that_was_begun_is_ended(watched: Emulation, starts: Starts) -> None:
    starts.made[0].running = False
    await looks(watched, 3)
    watched.stop()
    assert [process.stopped for process in starts.made] == [1, 1]


def test_one_that_never_started_leaves_nothing_to_end(settings: Settings) -> None:
    of_google(settings).stop()


def test_a_demo_has_both_unless_the_settings_name_others(settings: Settings) -> None:
    demo = settings.model_copy(update={"camarad_demo": True})
    assert [one.name for one in Emulations.wanted(demo).all] == ["emulator", "stripe_emulator"]
    sells = demo.model_copy(update={"stripe_secret_key": "sk_test_other"})
    assert [one.name for one in Emulations.wanted(sells).all] == ["emulator"]
    reads = demo.model_copy(update={"emulator_address": "127.0.0.1:1"})
    assert [one.name for one in Emulations.wanted(reads).all] == ["stripe_emulator"]
    assert Emulations.wanted(settings).all == ()
