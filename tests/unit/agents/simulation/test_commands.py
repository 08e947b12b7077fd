"""`billing simulate` with plans that make no sense: refused in words before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from camarad import cli

MODEL = "openai/gpt-5-mini"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--hours", "23"), "--hours must be between 24 and 720."),
        (("--hours", "721"), "--hours must be between 24 and 720."),
        (("--workspaces", "0"), "--workspaces must be between 1 and 2000."),
        (("--workspaces", "2001"), "--workspaces must be between 1 and 2000."),
        (("--start", "1999-12-31"), "--start must be between 2000 and 2099."),
        (("--start", "9999-12-31"), "--start must be between 2000 and 2099."),
        (("--models", ","), "Name at least one model, and each once."),
        (("--models", f"{MODEL},{MODEL}"), "Name at least one model, and each once."),
        (("--models", "nobody/knows"), "The model nobody/knows has no list price."),
        (("--report", "nowhere/at/all.md"), "There is no folder nowhere/at to write the report to."),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_and_writes_nothing(
    words: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["billing", "simulate", *words, "--data", str(tmp_path / "new")]) == 2
    assert capsys.readouterr().err.splitlines()[0] == f"camarad billing simulate: {said}"
    assert not (tmp_path / "new").exists()


def test_a_folder_in_use_or_that_cannot_be_made_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    used, file = tmp_path / "used", tmp_path / "file"
    used.mkdir()
    (used / "camarad.db").write_bytes(b"somebody's")
    file.write_text("no folder")
    for folder, said in ((used, "has a database in it."), (file / "new", "cannot be made: Not a directory.")):
        assert cli.main(["billing", "simulate", "--data", str(folder)]) == 2
        assert f"camarad billing simulate: {folder} {said}" in capsys.readouterr().err
    assert (used / "camarad.db").read_bytes() == b"somebody's"
