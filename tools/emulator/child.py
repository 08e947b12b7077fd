"""An emulator as a process of its own: begun, waited for until it says that it serves, and ended. It dies with its
parent, whose id is in its command."""

from __future__ import annotations

import selectors
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from camarad.errors import Misconfigured

_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class Child:
    """A process that serves."""

    process: subprocess.Popen[str]

    @property
    def code(self) -> int | None:
        """How the process ended; None while it runs."""
        return self.process.poll()

    def alive(self) -> bool:
        return self.code is None

    def stop(self, grace: float = 3.0) -> None:
        """End the process and wait for it; safe to call twice."""
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(grace)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait(10)
        if self.process.stdout:
            self.process.stdout.close()


def begin(name: str, command: list[str], log_path: Path, ready: str, timeout: float) -> tuple[Child, str]:
    """Start `command` and wait until it prints a line that begins with `ready`; what follows there comes back too.

    Blocks, at most `timeout` seconds. Raises Misconfigured when it cannot start, with the end of its log.
    """
    with _opened(name, log_path) as log:
        process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
            command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
        )
    child = Child(process)
    told = _await(process, ready, time.monotonic() + timeout)
    if told is None:
        child.stop()
        raise _failed(name, log_path)
    return child, told


def _opened(name: str, log_path: Path) -> TextIO:
    try:
        log_path.parent.mkdir(parents=True, exist_ok=True)
        return log_path.open("w", encoding="utf-8")
    except OSError as error:
        raise Misconfigured(
            f"The folder {log_path.parent} of the {name} cannot be written: {error.strerror}.",
            hint="Choose another data folder with --data, or change its permissions.",
        ) from error


def _await(process: subprocess.Popen[str], ready: str, deadline: float) -> str | None:
    """What follows `ready`, or None when the process ended or took too long."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0 and selector.select(left):
            line = process.stdout.readline()
            if line.startswith(ready):
                return line.removeprefix(ready).strip()
            if not line:
                return None
    return None


def _failed(name: str, log_path: Path) -> Misconfigured:
    lines = [line for line in log_path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    last = " ".join(lines[-2:]) or "it printed nothing"
    return Misconfigured(
        f"The {name} did not start: {last}",
        hint=f"Its log is {log_path}. Set CAMARAD_DEMO=false to do without.",
    )
