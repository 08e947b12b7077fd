"""What the documents say is compared with what the program is."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_settings_is_what_the_settings_are() -> None:
    written = runpy.run_path(str(ROOT / "scripts" / "docs_settings.py"))["page"]()
    assert (ROOT / "docs" / "configure.md").read_text() == written


def test_every_link_between_documents_leads_to_a_file() -> None:
    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert dead == []


def test_every_script_the_readme_names_is_there() -> None:
    named = set(re.findall(r"scripts/[\w/.-]+\.(?:sh|py)", (ROOT / "README.md").read_text()))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", (folder / "README.md").read_text()))
    assert listed == {page.name for page in folder.glob("*.md")} - {"README.md"}


def test_every_page_of_the_documents_is_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        waiting += [(page.parent / t).resolve() for t in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())]
    assert set(ROOT.glob("docs/**/*.md")) - seen == set()
