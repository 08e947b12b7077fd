from __future__ import annotations

import subprocess
from typing import Any

from camarad.settings import Settings
from tools.emulator.process import EmulatorProcess
from web import commands, emulation
from web.emulation import Emulation


class Finished:
    """A process that is never started."""


def test_a_started_emulator_is_reached_at_its_apis_and_its_sign_in() -> None:
    process: subprocess.Popen[str] = Finished()  # type: ignore[assignment]
    running = EmulatorProcess("127.0.0.1:9400", process, "http://127.0.0.1:9401")
    started = Emulation(Settings())
    started._begun.append(running)
    settings = commands._with_address(Settings(), started)
    assert (settings.emulator_address, settings.emulator_oauth_url) == ("127.0.0.1:9400", "http://127.0.0.1:9401")
    own = Settings(emulator_address="127.0.0.1:1", emulator_oauth_url="http://127.0.0.1:2")
    assert commands._with_address(own, None) == own


def test_the_emulated_sign_in_may_send_people_back_to_every_public_host(monkeypatch: Any, tmp_path: Any) -> None:
    asked: dict[str, Any] = {}

    class Stopped:
        address, oauth_url = "127.0.0.1:9400", "http://127.0.0.1:9401"

        def stop(self) -> None:
            asked["stopped"] = True

    def start(*folder: Any, **named: Any) -> Stopped:
        asked.update(named)
        return Stopped()

    monkeypatch.setattr(emulation, "start_emulator", start)
    monkeypatch.setattr(commands, "_prepare", lambda settings: None)
    settings = Settings(public_hosts=["app.example", "b.example"], camarad_data_dir=tmp_path)
    with commands._running_emulator(settings):
        pass
    assert asked == {"redirect_hosts": ["app.example", "b.example"], "ports": (0, 0), "stopped": True}
