"""Ways round the session's wall, found in the source: drivers, engines, raw SQL, sessions of one's own, unscoped ones,
and tables reached below the ORM. Each has to be on a list of exceptions, with its reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("camarad", "prompts", "billing", "tools", "agents", "graphs", "web")
OUTSIDE = ("tools/emulator/", "camarad/migrations/")  # another program's own store; what makes the tables

DRIVERS = frozenset({"asyncpg", "psycopg", "psycopg_pool", "sqlite3", "aiosqlite", "psycopg2", "pg8000", "duckdb"})
ENGINES = frozenset({"create_engine", "create_async_engine", "engine_from_config", "create_pool"})
SESSIONS = frozenset({"Session", "AsyncSession", "sessionmaker", "async_sessionmaker", "scoped_session"})
RAW = frozenset({"text", "literal_column", "DDL", "TextClause"})  # as sqlalchemy's
RAW_METHODS = frozenset(
    {"get_bind", "exec_driver_sql", "executescript", "execute_insert", "executemany", "copy_from_table"}
)
UNSCOPED = frozenset({"unscoped", "unscoped_session", "connection_of"})
ENGINE_ATTRIBUTES = frozenset({"writer", "reader", "maintainer"})
BELOW_ORM = frozenset({"__table__", "local_table"})
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|TRUNCATE|COPY|PRAGMA|SET)\b")


@dataclass(frozen=True, order=True)
class Found:
    """`where` is `file:function`, with the enclosing classes."""

    where: str
    kind: str


def rooms() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if not str(path.relative_to(ROOT)).startswith(OUTSIDE):
                yield path


def found_in(path: Path) -> set[Found]:
    return found(path.read_text(), str(path.relative_to(ROOT)))


def found(source: str, name: str) -> set[Found]:
    finder = _Finder(name)
    finder.visit(ast.parse(source))
    return finder.found


class _Finder(ast.NodeVisitor):
    def __init__(self, name: str) -> None:
        self.name = name
        self.inside: list[str] = []
        self.found: set[Found] = set()
        self.names: dict[str, str] = {}  # what a name was imported as, from sqlalchemy
        self.built: set[str] = set()  # the module's own names that hold anything but words

    def _note(self, kind: str) -> None:
        self.found.add(Found(f"{self.name}:{'.'.join(self.inside) or '<module>'}", kind))

    def _enter(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _enter  # noqa: N815 - ast's names

    def visit_Import(self, node: ast.Import) -> None:
        if any(alias.name.split(".")[0] in DRIVERS for alias in node.names):
            self._note("driver")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = (node.module or "").split(".")[0]
        if module in DRIVERS:
            self._note("driver")
        if module == "sqlalchemy":
            self.names |= {alias.asname or alias.name: alias.name for alias in node.names}

    def visit_Assign(self, node: ast.Assign) -> None:
        if not self.inside and not any(SQL.match(word) for word in _words(node.value)):
            self.built |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        imported = self.names.get(called) if isinstance(node.func, ast.Name) else None
        if imported in RAW:
            self._note("raw SQL")
        if imported in ENGINES:
            self._note("engine")
        if imported in SESSIONS:
            self._note("session of its own")
        if isinstance(node.func, ast.Attribute):
            self._method(node, called)
        elif called in UNSCOPED:
            self._note("unscoped")
        self.generic_visit(node)

    def _method(self, node: ast.Call, called: str) -> None:
        if called in UNSCOPED:
            self._note("unscoped")
        if called in RAW_METHODS or (called.startswith(("execute", "fetch")) and self._is_sql(node)):
            self._note("raw SQL")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        asked = node.value.func if isinstance(node.value, ast.Call) else None
        if node.attr == "dialect" and isinstance(asked, ast.Attribute) and asked.attr == "get_bind":
            return  # which database it is may be asked by anybody
        if node.attr in BELOW_ORM:
            self._note("below the ORM")
        if node.attr in ENGINE_ATTRIBUTES and isinstance(node.ctx, ast.Load) and "database" in ast.unparse(node.value):
            self._note("engine")
        self.generic_visit(node)

    def _is_sql(self, node: ast.Call) -> bool:
        """A statement in words is the first argument, or a name in capitals that is not known to be anything else."""
        if not node.args:
            return False
        first = node.args[0]
        if isinstance(first, ast.Name):
            return first.id.isupper() and first.id not in self.built
        return any(SQL.match(word) for word in _words(first))


def _words(node: ast.AST) -> list[str]:
    return [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
