"""The price and rate commands: which database they write to, and what they say to numbers that are none."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from billing import commands, pricefile
from billing.price import Price
from camarad import cli


@pytest.fixture
def folder(tmp_path: Path, blank_sqlite: Path) -> Path:
    shutil.copyfile(blank_sqlite, tmp_path / "camarad.db")
    return tmp_path


def told(folder: Path, *words: str) -> int:
    """As `python -m camarad billing …` does it; the exit code."""
    return cli.main(["billing", *words, "--data", str(folder)])


def test_a_rate_goes_into_the_database_of_the_named_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.set_rate(["--scope", "shadow", "--ct-value", "777", "--data", str(folder)]) == 0
    capsys.readouterr()
    assert commands.rates(["--data", str(folder)]) == 0
    assert "1 CT = 777 micro-EUR" in capsys.readouterr().out


def test_what_is_left_out_of_a_rate_stays_as_it_is_in_force(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(folder, "set-rate", "--scope", "default", "--ct-value", "777", "--buffer", "25") == 0
    assert told(folder, "set-rate", "--scope", "shadow", "--margin", "12.5") == 0
    assert told(folder, "set-rate", "--scope", "shadow", "--fx", "0.9") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith("shadow v1: 1 CT = 777 micro-EUR, buffer 2500 bp, margin 1250 bp, 920000")
    assert said[2].startswith("shadow v2: 1 CT = 777 micro-EUR, buffer 2500 bp, margin 1250 bp, 900000")


def test_a_rate_that_changes_nothing_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        told(folder, "set-rate", "--scope", "shadow", "--note", "nothing")
    assert "at least one of --ct-value" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["inf", "nan", "1e999999", "1e9999999999", "ten", "0.001"])
def test_a_number_that_is_none_is_refused_in_words(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        commands.set_rate(["--scope", "shadow", "--buffer", number])
    assert refused.value.code == 2
    assert f"argument --buffer: {number} is " in capsys.readouterr().err


def test_a_date_that_is_none_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        commands.set_rate(["--scope", "shadow", "--from", "tomorrow"])
    assert "tomorrow is no date in ISO 8601" in capsys.readouterr().err


def test_a_price_is_set_shown_and_followed_by_the_next_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = ("set-price", "openai/unheard-of", "--input", "5", "--output", "7", "--source", "invoice")
    assert told(folder, *model, "--from", "2026-03-01T12:00+02:00") == 0
    assert told(folder, *model, "--from", "2026-01-01") == 0
    assert (
        told(folder, "set-price", "ga4", "--kind", "connector", "--call", "3", "--source", "x", "--from", "2026-01-01")
        == 0
    )
    assert capsys.readouterr().out.splitlines() == [
        "model openai/unheard-of: from 2026-03-01T10:00:00+00:00, until a later one.",
        "model openai/unheard-of: from 2026-01-01T00:00:00+00:00, until 2026-03-01T10:00:00+00:00.",
        "connector ga4: from 2026-01-01T00:00:00+00:00, until a later one.",
    ]
    assert told(folder, *model, "--from", "2026-01-01T02:00+02:00") == 2
    assert "A version begins at that very moment." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("x", "--input", "1"), "a model needs --input and --output"),
        (("x", "--input", "1", "--output", "1", "--call", "1"), "--call is for tools and connectors"),
        (("x", "--kind", "tool"), "a tool needs --call"),
        (("x", "--kind", "connector", "--call", "1", "--cached-input", "0"), "a connector is priced by --call alone"),
        (("x", "--kind", "agent", "--call", "1"), "invalid choice: 'agent'"),
        ((" ", "--input", "1", "--output", "1"), "the name and --source cannot be empty"),
        (("x", "--input", "1", "--output", "1", "--source", ""), "the name and --source cannot be empty"),
        (("x", "--input", "1.5", "--output", "1"), "invalid int value: '1.5'"),
        (("x", "--input", "1", "--output", "1", "--from", "2026-02-30"), "2026-02-30 is no date in ISO 8601"),
        (("x", "--input", "1", "--output", "1", "--from", "0001-01-01T00:00+14:00"), "outside of the years 1 to 9999"),
        (("x", "--input", "1", "--output", "1", "--from", "9999-12-31T23:59-14:00"), "outside of the years 1 to 9999"),
    ],
)
def test_a_price_that_says_too_little_or_too_much_is_refused_in_words(
    words: tuple[str, ...], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        told(tmp_path, "set-price", "--source", "invoice", *words)
    assert refused.value.code == 2 and complaint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", ["-1", "9007199254740993", "9" * 30])
def test_a_price_out_of_bounds_is_refused_before_it_is_written(
    folder: Path, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(folder, "set-price", "x", "--input", "1", "--output", number, "--source", "a") == 2
    assert f"output_price is a whole number of micro-USD from 0 to 9007199254740992, not {number}." in (
        capsys.readouterr().err
    )


def test_the_list_is_compared_then_taken_over(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    many = {f"m{n:02}": ("openai", Price(n, n, n, "litellm")) for n in range(25)}
    monkeypatch.setattr(pricefile, "listed", lambda: many)
    last = "25 prices {}; 0 are as listed, 0 are an operator's and stay."
    for words, shown, done in (
        (("sync-prices",), 20, "would be put in (dry run; --apply writes)"),
        (("sync-prices", "--all"), 25, "would be put in (dry run; --apply writes)"),
        (("sync-prices", "--apply"), 20, "put in"),
    ):
        assert told(folder, *words) == 0
        said = capsys.readouterr().out.splitlines()
        assert said[0] == "  m00: new → (0, 0, 0, 0)" and said[-1] == last.format(done)
        assert sum(" → " in line for line in said) == shown and ("  … and 5 more (--all)" in said) == (shown == 20)
    assert told(folder, "set-price", "m03", "--input", "9", "--output", "9", "--source", "invoice") == 0
    assert told(folder, "sync-prices", "--apply") == 0
    assert "0 prices put in; 24 are as listed, 1 are an operator's and stay." in capsys.readouterr().out


@pytest.mark.parametrize("words", [("rates",), ("sync-prices", "--apply"), ("calibrate",), ("phase3", "status")])
def test_a_mistyped_folder_is_named_and_not_made(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "mistyped"
    assert told(missing, *words) == 2
    assert (
        f"There is no database of this version at sqlite+aiosqlite:///{missing}/camarad.db." in capsys.readouterr().err
    )
    assert not missing.exists()


def test_a_database_of_another_version_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(folder / "camarad.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    database.close()
    assert told(folder, "rates") == 2
    assert "python -m camarad migrate" in capsys.readouterr().err


def test_without_a_rate_the_built_in_one_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(folder, "rates") == 0
    assert "No rate was set; the built-in one holds: Rate(ct_value_micro_eur=1000" in capsys.readouterr().out
