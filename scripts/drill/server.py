"""The server under drill: a process of its own over a data folder of its own, with the embedded model and no key."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
READY_SECONDS: Final = 170
KEPT: Final = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "SYSTEMROOT")
TOKEN: Final = "drill-internal-token"
HOLD_SECONDS: Final = 20
WELCOME: Final = 20_000
FLAT: Final = (1, 4)  # CT per 1,000 tokens read and written
DEAR: Final = {"input": 5_000_000, "output": 10_000_000}  # so that the price by cost is far from the flat one


class DrillFailed(Exception):
    """The drill could not go on; what the books say does not matter any more."""


def environment(data: Path) -> dict[str, str]:
    """Nothing of the caller's settings reaches the drill: not its database, and not its keys."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | {
        "CAMARAD_DATA_DIR": str(data),
        "CAMARAD_DEMO": "false",
        "CAMARAD_MODEL": "camarad/embedded",
        "CAMARAD_AGENT_MODELS": "{}",
        "CAMARAD_FALLBACK_MODELS": "[]",
        "CAMARAD_MODEL_KEYS": "{}",
        "CAMARAD_MODEL_BASES": "{}",
        "CAMARAD_MODEL_PRICES": json.dumps({"camarad/embedded": DEAR}),
        "CAMARAD_EMBEDDINGS": "false",
        "DATABASE_URL": "",
        "MIGRATION_DATABASE_URL": "",
        "BILLING_PHASE3_ENABLED": "true",
        "CT_HOLD_SECONDS": str(HOLD_SECONDS),
        "CT_WELCOME_GRANT": str(WELCOME),
        "CT_PER_1K_INPUT_TOKENS": str(FLAT[0]),
        "CT_PER_1K_OUTPUT_TOKENS": str(FLAT[1]),
        "MAX_CT_PER_REQUEST": "100",
        "INTERNAL_TOKEN": TOKEN,
    }


class DrillServer:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.url = ""
        self._process: subprocess.Popen[str] | None = None
        self._said: deque[str] = deque(maxlen=40)

    def start(self) -> None:
        """Raises DrillFailed with what the server said when it does not come up."""
        process = subprocess.Popen(
            [sys.executable, "-m", "camarad", "serve", "--port", "0", "--data", str(self.data)],
            cwd=ROOT,
            env=environment(self.data),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._process, self.url = process, ""
        alarm = threading.Timer(READY_SECONDS, process.kill)
        alarm.start()
        assert process.stdout is not None
        for line in process.stdout:
            self._said.append(line)
            if "READY http" in line:
                self.url = line.split("READY ")[1].split()[0]
                break
        alarm.cancel()
        if not self.url:
            raise DrillFailed("The server did not start:\n" + "".join(self._said))
        threading.Thread(target=self._read_on, args=(process,), daemon=True).start()

    def kill(self) -> None:
        """As a power cut would: no signal it could answer."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def command(self, *words: str) -> str:
        """Another process, as an operator would run it beside the server."""
        ran = subprocess.run(
            [sys.executable, "-m", "camarad", *words],
            cwd=ROOT,
            env=environment(self.data),
            capture_output=True,
            text=True,
        )
        if ran.returncode:
            raise DrillFailed(f"camarad {' '.join(words)} ended with {ran.returncode}: {ran.stderr or ran.stdout}")
        return ran.stdout.strip()

    def _read_on(self, process: subprocess.Popen[str]) -> None:
        """Unread it would fill the pipe, and the server would wait for ever."""
        assert process.stdout is not None
        self._said.extend(process.stdout)
