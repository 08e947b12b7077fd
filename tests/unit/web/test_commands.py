from __future__ import annotations

import subprocess
from typing import Any

from camarad.settings import Settings
from tools.emulator.process import EmulatorProcess
from tools.emulator.stripe.process import StripeProcess
from web import commands, emulation
from web.emulation import Emulations


class Finished:
    """A process that is never started."""


def test_started_emulators_are_reached_at_their_addresses() -> None:
    process: subprocess.Popen[str] = Finished()  # type: ignore[assignment]
    started = Emulations.wanted(Settings(camarad_demo=True))
    assert started.google is not None and started.stripe is not None
    started.google._begun.append(EmulatorProcess(process, "127.0.0.1:9400", "http://127.0.0.1:9401"))
    started.stripe._begun.append(StripeProcess(process, "http://127.0.0.1:9402"))
    settings = started.reached(Settings())
    assert (settings.emulator_address, settings.emulator_oauth_url) == ("127.0.0.1:9400", "http://127.0.0.1:9401")
    assert settings.stripe_api_base == "http://127.0.0.1:9402"
    assert settings.stripe_secret_key is not None
    assert settings.stripe_secret_key.get_secret_value() == "sk_test_camarad_demo"
    own = Settings(emulator_address="127.0.0.1:1", emulator_oauth_url="http://127.0.0.1:2")
    assert Emulations().reached(own) == own


def test_the_emulated_sign_in_may_send_people_back_to_every_public_host(monkeypatch: Any, tmp_path: Any) -> None:
    asked: dict[str, Any] = {}

    class Stopped:
        address, oauth_url, url = "127.0.0.1:9400", "http://127.0.0.1:9401", "http://127.0.0.1:9402"

        def stop(self) -> None:
            asked["stopped"] = asked.get("stopped", 0) + 1

    def start(*folder: Any, **named: Any) -> Stopped:
        asked.update(named)
        return Stopped()

    monkeypatch.setattr(emulation, "start_emulator", start)
    monkeypatch.setattr(emulation, "start_stripe", start)
    monkeypatch.setattr(commands, "_prepare", lambda settings: None)
    settings = Settings(public_hosts=["app.example", "b.example"], camarad_data_dir=tmp_path)
    with commands._running_emulators(settings):
        pass
    assert asked == {"redirect_hosts": ["app.example", "b.example"], "ports": (0, 0), "port": 0, "stopped": 2}
