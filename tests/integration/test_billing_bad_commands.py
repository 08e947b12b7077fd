"""Numbers and names that commands and settings refuse, typed as operators type them: a sentence, exit code 2, and
nothing is written.

More of the commands is in tests/unit/billing/test_price_commands.py, of windows in tests/unit/billing/test_phase3.py.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from camarad import cli
from tests.support.till import MONEY, TOO_MUCH, Books


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copyfile(sqlite_template, tmp_path / "camarad.db")
    monkeypatch.setenv("BILLING_PHASE3_ENABLED", "true")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path) -> Books:
    with sqlite3.connect(folder / "camarad.db") as database:
        return {name: sorted(map(repr, database.execute(f"SELECT * FROM {name}"))) for name in MONEY}


def refused(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `python -m camarad billing …` says when it ends with 2 and has written nothing."""
    before = written(folder)
    try:
        ended = cli.main(["billing", *words, "--data", str(folder)])
    except SystemExit as stopped:
        ended = int(str(stopped.code))
    told = capsys.readouterr()
    assert (ended, written(folder), told.out) == (2, before, "")
    return told.err


UNMEANT = ("-1", "9007199254740993", "9223372036854775808", "1" + "0" * 30, "1.5", "1e3", "nan", "inf", "ten", "")
RATES = ("--ct-value", "--buffer", "--margin", "--fx")


@pytest.mark.parametrize("number", UNMEANT)
@pytest.mark.parametrize("name", ["input", "output", "cached-input", "cache-write", "call"])
def test_a_price_that_cannot_be_is_refused_and_not_written(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, number: str
) -> None:
    given = {"call": "1"} if name == "call" else {"input": "1", "output": "1"}
    options = [f"--{key}={value}" for key, value in {**given, name: number}.items()]
    kind = "tool" if name == "call" else "model"
    said = refused(folder, capsys, "set-price", "x", "--kind", kind, "--source", "invoice", *options)
    assert f"{name.replace('-', '_')}_price is a whole number of micro-USD" in said or f"argument --{name}: " in said


@pytest.mark.parametrize("name", ["--source", "--provider", "x"])
def test_names_of_no_end_and_of_broken_text_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    for text in ("m" * 201, "two\nlines", "bell\a", "half \udcff"):
        given = [text] if name == "x" else ["x", f"{name}={text}"]
        source = [] if name == "--source" else ["--source", "invoice"]
        said = refused(folder, capsys, "set-price", *given, *source, "--input", "1", "--output", "1")
        assert "is not one line of at most 200 characters" in said
        assert "--note is one line" in refused(
            folder, capsys, "set-rate", "--scope", "debit", "--fx", "1", "--note", text
        )


@pytest.mark.parametrize("number", ["-1", "9007199254740993", "9223372036854775808", "1e17", "1e999999", "nan", "ten"])
@pytest.mark.parametrize("name", RATES)
def test_a_rate_that_cannot_be_is_refused_and_not_written(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, number: str
) -> None:
    said = refused(folder, capsys, "set-rate", "--scope", "debit", f"{name}={number}")
    assert " is a whole number from " in said or f"argument {name}: " in said


@pytest.mark.parametrize(("name", "number"), [("--ct-value", "0"), ("--fx", "0"), ("--margin", "100")])
def test_a_rate_that_prices_nothing_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, number: str
) -> None:
    assert " is a whole number from " in refused(folder, capsys, "set-rate", "--scope", "shadow", name, number)


@pytest.mark.parametrize("hours", ["0", "-1", "169", "1000000", *map(str, TOO_MUCH), "1.5", "nan", "1e2", "ten", ""])
def test_a_window_of_phase_3_of_no_length_anybody_means_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], hours: str
) -> None:
    said = refused(folder, capsys, "phase3", "open", f"--hours={hours}")
    assert "A window lasts 1 to 168 hours" in said or "argument --hours: invalid int value" in said


@pytest.mark.parametrize("hours", ["1", "168"])
def test_a_window_of_phase_3_over_another_is_refused_with_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str], hours: str
) -> None:
    assert cli.main(["billing", "phase3", "open", "--hours", "24", "--data", str(folder)]) == 0
    capsys.readouterr()
    said = refused(folder, capsys, "phase3", "open", "--hours", hours)
    assert "A window is open from" in said and "billing phase3 close" in said


@pytest.mark.parametrize("number", ["-1", "9007199254740993", "9223372036854775808", "1.5", "nan", "ten", ""])
@pytest.mark.parametrize(
    "name",
    [
        *("MAX_CT_PER_REQUEST", "MAX_DAILY_CT_PER_WORKSPACE", "CT_WELCOME_GRANT", "CT_HOLD_SECONDS"),
        *("CT_PER_1K_INPUT_TOKENS", "CT_PER_1K_OUTPUT_TOKENS"),
    ],
)
def test_a_cap_or_tariff_that_cannot_be_stops_what_reads_it(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, number: str
) -> None:
    monkeypatch.setenv(name, number)
    assert f"{name}: Input should be " in refused(folder, capsys, "phase3", "open", "--hours", "1")


@pytest.mark.parametrize("name", ["MAX_CT_PER_REQUEST", "MAX_DAILY_CT_PER_WORKSPACE"])
def test_a_cap_of_nothing_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "0")
    assert "greater than or equal to 1" in refused(folder, capsys, "phase3", "open", "--hours", "1")
