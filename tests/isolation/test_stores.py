"""Whatever is stored falls under a wall, or is named with what keeps it apart."""

from __future__ import annotations

import ast

import pytest

from camarad import second_wall
from camarad.models import Base
from tests.isolation.lint import ROOT, rooms
from tests.isolation.stores import CACHES, TABLES_OF_WORKSPACES, knows_file
from web.takeout.holdings import HOLDINGS

CACHING = frozenset({"cache", "lru_cache", "alru_cache", "cached", "ttl_cache"})


def test_every_table_with_a_client_is_behind_the_wall_or_named() -> None:
    """A new model takes the mixin ClientOwned or ScopeOwned; its migration calls second_wall.protection."""
    tables = {name for name, table in Base.metadata.tables.items() if "client_id" in table.c}
    behind = set(second_wall.protected()) - set(second_wall.CHECKPOINTS)
    assert tables - set(TABLES_OF_WORKSPACES) == behind
    assert set(TABLES_OF_WORKSPACES) <= tables


def test_every_table_says_whose_it_is() -> None:
    assert {holding.table for holding in HOLDINGS} >= set(Base.metadata.tables)


def caching() -> dict[str, list[str]]:
    """Files with the functions in them whose results are kept for the process."""
    found: dict[str, list[str]] = {}
    for path in rooms():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names = {
                    getattr(d.func if isinstance(d, ast.Call) else d, "id", None)
                    or getattr(d.func if isinstance(d, ast.Call) else d, "attr", None)
                    for d in node.decorator_list
                }
                if names & CACHING:
                    found.setdefault(str(path.relative_to(ROOT)), []).append(node.name)
    return found


def test_every_cache_is_named_with_what_keeps_it_apart() -> None:
    found = caching()
    unnamed = {file: names for file, names in found.items() if not any(file.startswith(known) for known in CACHES)}
    assert unnamed == {}
    assert [known for known in CACHES if not any(file.startswith(known) for file in found)] == []


@pytest.mark.parametrize("path", ["uploads/report.pdf", "export.zip", "camarad.db.bak", "cache/answers.json"])
def test_a_new_kind_of_file_is_not_known(path: str) -> None:
    """The matrix looks through the data folder of a whole run, and reports what is not known."""
    assert not knows_file(path)
