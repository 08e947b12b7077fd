"""Signals that come before the server listens for them."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.support.product import ROOT

WHILE_A_STRING_IS_RUN = """
import signal
from web.startup import heed_signals
heed_signals()
try:
    exec("signal.raise_signal({number})")
except KeyboardInterrupt:
    print("Stopped.")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_met_anywhere_in_an_import_leaves_the_exit_code_to_the_program(number: signal.Signals) -> None:
    program = [sys.executable, "-c", WHILE_A_STRING_IS_RUN.format(number=int(number))]
    ended = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "Stopped.\n", "")
