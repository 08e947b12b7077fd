"""A rehearsal, small: every step runs, the books balance, and the report in the documents has the same shape."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from agents.simulation.rehearsal import Plan, rehearse
from agents.simulation.report import BEGIN, END, report, write
from camarad.database import Database
from camarad.errors import BadInput
from camarad.models import UsageRow
from camarad.settings import load_settings

MODELS = ("openai/gpt-5-mini", "anthropic/claude-haiku-4-5")
PAGE = Path(__file__).resolve().parents[4] / "docs" / "billing-calibration.md"


def shape(text: str) -> list[str]:
    """Headings, heads of tables, and the names of guards and figures; no figure."""
    lines = text.splitlines()
    heads = [line for line, after in pairwise(lines) if after.startswith(("| ---", "| -"))]
    return [line for line in lines if line.startswith("#")] + [re.sub(r"version \d+", "version", h) for h in heads]


async def test_a_day_of_few_workspaces_goes_through_the_door_and_is_refused(tmp_path: Path) -> None:
    said: list[str] = []
    began = datetime(2026, 3, 4, 9, tzinfo=UTC)
    found = await rehearse(Plan(24, 3, 5, MODELS, began), tmp_path / "small", said.append)
    assert found.findings == [] and found.applied is None
    assert not found.proposal["applicable"] and "can" in report(found)
    assert "--start 2026-03-04T09:00:00+00:00`" in report(found)
    assert found.ends["answered"] > 20
    database = Database.of(load_settings(_env_file=None, camarad_data_dir=tmp_path / "small"))
    async with database.read() as session:
        by_status = dict((await session.execute(select(UsageRow.status, func.count()).group_by(UsageRow.status))).all())
        first, last = (await session.execute(select(func.min(UsageRow.at), func.max(UsageRow.at)))).one()
    await database.close()
    assert by_status["settled"] == found.ends["answered"]
    assert by_status.get("cancelled", 0) == found.ends["stopped"]
    assert (last - first).total_seconds() > 12 * 3600 and began < first < last < began + timedelta(hours=25)
    with pytest.raises(BadInput):
        await rehearse(Plan(24, 3, 5, MODELS), tmp_path / "small", said.append)


@pytest.mark.slow
async def test_the_whole_procedure_has_the_shape_of_the_documents_report(tmp_path: Path) -> None:
    found = await rehearse(Plan(48, 20, 7, MODELS), tmp_path / "sim", lambda _: None)
    assert found.findings == [] and found.proposal["applicable"], found.proposal["reasons"]
    assert found.applied is not None and found.promoted is not None
    assert found.promoted["scope"] == "debit"
    written = PAGE.read_text().split(BEGIN)[1].split(END)[0]
    assert shape(written) == shape(report(found))
    again = await rehearse(Plan(48, 20, 7, MODELS), tmp_path / "again", lambda _: None)
    assert again.proposal == found.proposal and again.ends == found.ends


def test_a_report_goes_between_its_marks_or_makes_the_file(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write(page, "new\n")
    assert page.read_text() == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    write(tmp_path / "other.md", "new\n")
    assert (tmp_path / "other.md").read_text() == "new\n"
