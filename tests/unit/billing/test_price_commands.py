"""The price and rate commands: which database they write to, and what they say to numbers that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing import commands
from camarad.migrate import migrate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    migrate(["--data", str(tmp_path)])
    return tmp_path


def test_a_rate_goes_into_the_database_of_the_named_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.set_rate(["--scope", "shadow", "--ct-value", "777", "--data", str(folder)]) == 0
    capsys.readouterr()
    assert commands.rates(["--data", str(folder)]) == 0
    assert "1 CT = 777 micro-EUR" in capsys.readouterr().out


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
