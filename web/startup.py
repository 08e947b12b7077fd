"""The steps before the server answers: each says what it does, and fails in a sentence."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from camarad.errors import Misconfigured
from camarad.log import configure_logs
from camarad.settings import Settings

LOG_BYTES = 20_000_000


class Interrupted(KeyboardInterrupt):
    """A signal to stop, before the server listens for them itself.

    Not KeyboardInterrupt itself: CPython kills its own process at the end, handled or not, when that one has passed
    through an `exec` of a string, as dataclasses have at every import (`run_eval_code_obj` in Python/pythonrun.c).
    """


def heed_signals() -> None:
    """From now on Ctrl-C and a request to end are one exception, so that what was started is stopped in order."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise Interrupted

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def say(step: str, words: str) -> None:
    """One progress line, out at once even into a pipe."""
    print(f"  {step:<10} {words}", flush=True)


@contextmanager
def timed(step: str, words: str) -> Iterator[list[str]]:
    """Says what begins when it may take a while, and how long it took; the body may append what came of it."""
    print(f"  {step:<10} {words} …", end="", flush=True)
    began, outcome = time.perf_counter(), list[str]()
    try:
        yield outcome
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" {', '.join(outcome) or 'done'} ({time.perf_counter() - began:.1f} s)", flush=True)


def take_data_folder(folder: Path) -> TextIO:
    """Make the folder and take it for this process; the open file holds it. Raises Misconfigured when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "camarad.lock").open("a+")
    except OSError as error:
        raise Misconfigured(
            f"The data folder {folder} cannot be written: {error.strerror}.",
            hint="Choose another with --data, or change its permissions.",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Misconfigured(
            f"Another Camarad is running on the data folder {folder}.",
            hint="Stop it first, or start this one with another --data and --port.",
        ) from error
    return lock


def open_logs(settings: Settings) -> str:
    """Send logs where the settings say; gives the words for it. A large old log is put aside once."""
    if settings.log_to_stderr:
        configure_logs(settings.log_level)
        return "standard error"
    path = settings.camarad_data_dir / "logs" / "camarad.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".1.jsonl"))
    configure_logs(settings.log_level, path.open("a", buffering=1, encoding="utf-8"))
    logging.captureWarnings(True)
    return str(path)


def bind(host: str, port: int) -> socket.socket:
    """A socket that holds the address from now on; nobody is answered before the server listens on it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.set_inheritable(False)
    except OSError as error:
        raise _refused(host, port, error) from error
    return bound


def _refused(host: str, port: int, error: OSError) -> Misconfigured:
    if error.errno == errno.EADDRINUSE:
        return Misconfigured(
            f"Port {port} on {host} is taken by another program.", hint=f"Choose another, e.g. --port {port + 1}."
        )
    if error.errno == errno.EACCES:
        return Misconfigured(f"Port {port} needs more rights than this user has.", hint="Choose one above 1023.")
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    return Misconfigured(f"The address {host}:{port} cannot be used: {reason}.", hint="Check --host and --port.")
