"""One Chromium for all browser tests, started again when it hangs, so that one hang costs one test and not the rest."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Error, Playwright, sync_playwright

from tests.support.serving import children

EXECUTABLE = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MOST_SECONDS = 240.0  # of one test with what surrounds it, below pytest's own limit for these tests
MOST_TO_CLOSE = 30.0


class Chromium:
    """Playwright waits without limit where no timeout can be given: closing, evaluating, opening a page. A browser that
    was killed makes each such call raise, and the next test gets a new one."""

    def __init__(self) -> None:
        before = set(children(os.getpid()))
        self._playwright: Playwright = sync_playwright().start()
        self._drivers = set(children(os.getpid())) - before
        self._launched: Browser | None = None

    def browser(self) -> Browser:
        if self._launched is None or not self._launched.is_connected():
            executable = str(EXECUTABLE) if EXECUTABLE.exists() else None
            self._launched = self._playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        return self._launched

    @contextmanager
    def killed_after(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def close(self, context: BrowserContext) -> None:
        """A context that cannot be closed in time has nothing to say of the product: its browser is given up."""
        with self.killed_after(MOST_TO_CLOSE), suppress(Error):
            context.close()

    def stop(self) -> None:
        with self.killed_after(MOST_TO_CLOSE), suppress(Error):
            if self._launched is not None:
                self._launched.close()
        with self._drivers_killed_after(MOST_TO_CLOSE):
            self._playwright.stop()

    def _kill(self) -> None:
        for driver in self._drivers:
            _kill_all(children(driver))

    @contextmanager
    def _drivers_killed_after(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, _kill_all, (self._drivers,))
        timer.daemon = True
        timer.start()
        yield
        timer.cancel()


def _kill_all(processes: set[int] | list[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
