"""`billing calibrate` as an operator types it: what it says, and the exit codes that scripts go by."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from camarad import cli
from camarad.database import Database
from tests.support.traffic import steady

SHOWN = "20261118T060000.000000Z-48-0-cc66a1ab2c184d71396c4c68"


@pytest.fixture
def folder(tmp_path: Path, blank_sqlite: Path) -> Path:
    shutil.copyfile(blank_sqlite, tmp_path / "camarad.db")
    return tmp_path


@pytest.fixture
async def busy(folder: Path) -> Path:
    """With two days of traffic up to now."""
    database = Database(f"sqlite+aiosqlite:///{folder}/camarad.db")
    await steady(datetime.now(UTC) - timedelta(seconds=12)).write(database)
    await database.close()
    return folder


def told(folder: Path, *words: str) -> int:
    return cli.main(["billing", "calibrate", *words, "--data", str(folder)])


def test_a_proposal_is_shown_applied_once_and_not_promoted_too_early(
    busy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(busy) == 0
    assert "| bound on the next such window, 95 % |" in capsys.readouterr().out
    assert told(busy, "--json") == 0
    proposal = json.loads(capsys.readouterr().out)["id"]
    for _ in range(2):
        assert told(busy, "--apply", proposal) == 0
        assert "hadow rate, version 1: 1 CT = " in capsys.readouterr().out
    assert told(busy, "--check", proposal) == 1
    assert "code: too_early" in capsys.readouterr().out
    assert told(busy, "--promote", proposal) == 2
    assert "calibrate: " in capsys.readouterr().err


def test_thin_evidence_is_an_answer_and_no_success(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(folder) == 1
    assert "- rows is 0, and has to be at least 500" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--window-hours", "23"), "window_hours must be between 24 and 720."),
        (("--window-hours", "721"), "window_hours must be between 24 and 720."),
        (("--invoiced-eur-micro", "0"), "invoiced_eur_micro must be between 1 and"),
        (("--apply", ""), "Name the proposal by its id."),
        (("--apply", "nonsense"), "This is not the id of a proposal."),
        (("--apply", SHOWN), "The evidence is too thin or too uneven to set a price by. rows is 0"),
        (("--check", SHOWN), "This proposal was not applied."),
        (("--promote", SHOWN), "This proposal was not applied."),
    ],
)
def test_what_cannot_be_done_is_said_in_two_lines(
    folder: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(folder, *words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 and lines[0].startswith(f"camarad billing calibrate: {said}") and lines[1]


def test_one_step_at_a_time(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        told(folder, "--apply", SHOWN, "--promote", SHOWN)
    assert refused.value.code == 2 and "not allowed with argument --apply" in capsys.readouterr().err
