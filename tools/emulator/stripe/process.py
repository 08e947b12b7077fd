"""Starting the Stripe emulator as a process of its own, and steering it."""

from __future__ import annotations

import http.client
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools.emulator.child import Child, begin

READY = "STRIPE READY "  # then the address
KEY = "sk_test_camarad_demo"
_LOG = "stripe-emulator.log"


@dataclass(slots=True)
class StripeProcess(Child):
    """A running emulator; `url` is its address, for the API and the pages."""

    url: str

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    @property
    def control(self) -> StripeControl:
        return StripeControl(self.url)


class StripeControl:
    """The control channel: `control("advance", days=31)`; docs/stripe-emulator.md has the calls."""

    def __init__(self, url: str) -> None:
        self._port = urlsplit(url).port

    def __call__(self, name: str, **given: Any) -> dict[str, Any]:
        """Blocks. ValueError with the emulator's words when it refuses."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"/_emulator/{name}", json.dumps(given), headers)
            answer = connection.getresponse()
            read: dict[str, Any] = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise ValueError(read["error"]["message"])
        return read


def start_stripe(data_dir: Path | str, *, port: int = 0, timeout: float = 60.0) -> StripeProcess:
    """Start it on this loopback port, 0 for a free one, and wait until it serves.

    Blocks; Misconfigured when it cannot start. What it knows is kept in the folder.
    """
    folder = Path(data_dir)
    command = [sys.executable, "-m", "camarad", "stripe-emulator", "--data", str(folder.resolve())]
    command += ["--port", str(port), "--parent", str(os.getpid())]
    child, url = begin("Stripe emulator", command, folder / _LOG, READY, timeout)
    return StripeProcess(child.process, url)
