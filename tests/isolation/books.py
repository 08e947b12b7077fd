"""The database of a running product, read and changed beside it: a file of SQLite's, or PostgreSQL as its superuser,
whom no wall stops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, inspect, text

from tests.support.postgres import APPLICATION, OWNER, running_postgres


@dataclass(frozen=True)
class Books:
    engine: Engine
    _columns: dict[str, set[str]] = field(default_factory=dict)  # by table; the product makes no more while it runs

    @classmethod
    def of_file(cls, file: Path) -> Books:
        return cls(create_engine(f"sqlite:///{file}", poolclass=NullPool, connect_args={"timeout": 15}))

    @property
    def name(self) -> str:
        return Path(self.engine.url.database or "").name

    def tables(self, *columns: str) -> list[str]:
        """Those that have these columns."""
        if not self._columns:
            known = inspect(self.engine)
            for name in known.get_table_names():
                self._columns[name] = {column["name"] for column in known.get_columns(name)}
        return sorted(name for name, has in self._columns.items() if set(columns) <= has)

    def all(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(statement), values).mappings()]

    def change(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)


@contextmanager
def on_postgres() -> Iterator[tuple[Mapping[str, str], Books]]:
    """Settings for a product on a PostgreSQL of its own, with the application's role apart from the owner's."""
    with running_postgres() as server, server.database("isolation", role=OWNER) as owner:
        settings = {"DATABASE_URL": server.url("isolation", APPLICATION), "MIGRATION_DATABASE_URL": owner}
        everything = server.url("isolation").replace("asyncpg", "psycopg")
        engine = create_engine(everything, isolation_level="AUTOCOMMIT")
        yield settings, Books(engine)
        engine.dispose()
