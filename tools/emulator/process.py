"""Starting the Google emulator as a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tools.emulator.child import Child, begin

if TYPE_CHECKING:
    from tools.emulator.control_client import ControlClient

READY = "EMULATOR READY "  # then the address of the APIs and that of the sign-in
OAUTH = "oauth="


@dataclass(slots=True)
class EmulatorProcess(Child):
    """A running emulator; `address` is `127.0.0.1:port`, `oauth_url` where its sign-in is served."""

    address: str
    oauth_url: str = ""

    def ports(self) -> tuple[int, int]:
        """Of the APIs and of the sign-in."""
        return int(self.address.rpartition(":")[2]), int(self.oauth_url.rpartition(":")[2])

    def control(self) -> ControlClient:
        """The control channel: switch faults, read what was called."""
        from tools.emulator.control_client import ControlClient  # with gRPC, which the server loads when it first asks

        return ControlClient(self.address)


def start_emulator(
    data_dir: Path | str,
    fixtures: Path | str | None = None,
    today: date | None = None,
    *,
    redirect_hosts: Sequence[str] = (),
    ports: tuple[int, int] = (0, 0),
    timeout: float = 90.0,
) -> EmulatorProcess:
    """Start the emulator on these loopback ports, 0 for a free one, and wait until it serves.

    Blocks; Misconfigured when it cannot start. The first start in a data folder makes the data (a few seconds); later
    ones load it. Its sign-in sends people back to loopback and to `redirect_hosts`.
    """
    data_dir = Path(data_dir)
    command = _command(data_dir, fixtures, today, redirect_hosts, ports)
    child, ready = begin("Google emulator", command, data_dir / "emulator.log", READY, timeout)
    address, _, oauth_url = ready.partition(f" {OAUTH}")
    return EmulatorProcess(child.process, address, oauth_url)


def _command(
    data_dir: Path, fixtures: Path | str | None, today: date | None, hosts: Sequence[str], ports: tuple[int, int]
) -> list[str]:
    command = [sys.executable, "-m", "camarad", "emulator", "--data", str(data_dir.resolve())]
    command += ["--port", str(ports[0]), "--oauth-port", str(ports[1])]
    command += ["--parent", str(os.getpid())]
    if fixtures is not None:
        command += ["--fixtures", str(Path(fixtures).resolve())]
    if today is not None:
        command += ["--today", today.isoformat()]
    if hosts:
        command += ["--oauth-redirect-hosts", ",".join(hosts)]
    return command
