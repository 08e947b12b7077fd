"""Nobody goes round the session's wall who is not on the list, and the lint sees those who would."""

from __future__ import annotations

import ast

import pytest

from tests.isolation.exceptions import EXCEPTIONS, reason_for
from tests.isolation.lint import Found, found, found_in, rooms

ALL = frozenset().union(*(found_in(path) for path in rooms()))


def test_whoever_goes_round_the_wall_is_named_with_a_reason() -> None:
    """Use a scoped session, or camarad.rows; where neither can do it, name the function in exceptions.py with why."""
    assert sorted(each for each in ALL if not reason_for(each.where)) == []


def test_the_list_names_nobody_who_is_gone() -> None:
    wheres = {each.where for each in ALL}
    files = {where.partition(":")[0] for where in wheres}
    unused = [name for name in EXCEPTIONS if name not in wheres and not (name[-1] == "*" and name[:-2] in files)]
    assert unused == []


def test_every_unscoped_session_says_why() -> None:
    silent = []
    for path in rooms():
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "unscoped":
                said = node.args[0] if node.args else None
                words = isinstance(said, ast.Constant) and len(str(said.value)) > 15
                if not words and not (isinstance(said, ast.Name) and said.id.isupper()):
                    silent.append(f"{path.name}:{node.lineno}")
    assert silent == []


PLANTED = {
    "raw SQL": (
        "from sqlalchemy import text\nasync def f(s):\n    await s.execute(text('SELECT 1'))",
        "from sqlalchemy import text as raw\ndef f(s):\n    s.scalars(raw('x'))",
        "def f(c):\n    c.exec_driver_sql('SELECT 1')",
        "async def f(c):\n    await c.fetch('select * from conversations'.upper())\n    await c.fetchrow('SELECT 1')",
        "QUERY = 'SELECT 1'\ndef f(c):\n    c.execute(QUERY)",
        "from elsewhere import QUERY\ndef f(c):\n    c.execute(QUERY)",
        "def f(c, t):\n    c.execute(f'DELETE FROM {t}')",
    ),
    "driver": ("import asyncpg", "from psycopg import connect", "def f():\n    import sqlite3"),
    "engine": (
        "from sqlalchemy.ext.asyncio import create_async_engine as make\ndef f(u):\n    return make(u)",
        "def f(services):\n    return services.database.writer.connect()",
    ),
    "session of its own": (
        "from sqlalchemy.orm import Session\ndef f(e):\n    return Session(e)",
        "from sqlalchemy.ext.asyncio import async_sessionmaker\nmade = async_sessionmaker()",
    ),
    "unscoped": ("def f(database):\n    return database.unscoped('x')",),
    "below the ORM": (
        "from camarad.models import Message\ndef f(s):\n    return s.execute(Message.__table__.select())",
    ),
}


@pytest.mark.parametrize(("kind", "source"), [(kind, source) for kind, all_ in PLANTED.items() for source in all_])
def test_the_lint_sees(kind: str, source: str) -> None:
    assert kind in {each.kind for each in found(source, "planted.py")}


def test_the_lint_lets_ordinary_queries_be() -> None:
    source = (
        "from sqlalchemy import select\nfrom camarad.models import Message\nPLACE = select(Message.id)\n"
        "async def f(database, scope):\n    async with database.read(scope) as session:\n"
        "        return await session.scalars(PLACE)\n        await session.execute(PLACE)\n"
    )
    assert found(source, "ordinary.py") == set[Found]()
