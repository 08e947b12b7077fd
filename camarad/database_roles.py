"""`python -m camarad database-roles`: the SQL that makes PostgreSQL's two roles, and the settings that name them."""

from __future__ import annotations

import argparse

from camarad.ids import new_secret

PLAIN = "NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"


def script(database: str, owner: str, application: str, host: str, passwords: tuple[str, str]) -> str:
    """To be run once by a superuser, for instance through psql. The last lines are comments: the settings."""
    own, apps = passwords
    return "\n".join(
        (
            f"CREATE ROLE {owner} LOGIN PASSWORD '{own}' {PLAIN};",
            f"CREATE ROLE {application} LOGIN PASSWORD '{apps}' {PLAIN};",
            f"CREATE DATABASE {database} OWNER {owner};",
            f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;",
            f"GRANT CONNECT ON DATABASE {database} TO {application};",
            f"-- DATABASE_URL=postgresql+asyncpg://{application}:{apps}@{host}/{database}",
            f"-- MIGRATION_DATABASE_URL=postgresql+asyncpg://{owner}:{own}@{host}/{database}",
        )
    )


def database_roles(argv: list[str]) -> int:
    """The command. The passwords are made anew each time; nothing is sent anywhere."""
    parser = argparse.ArgumentParser(prog="python -m camarad database-roles", description=__doc__)
    parser.add_argument("--database", default="camarad", type=_name, help="name of the database")
    parser.add_argument("--owner", default="camarad_owner", type=_name, help="role that migrates and maintains")
    parser.add_argument("--application", default="camarad_web", type=_name, help="role that serves")
    parser.add_argument("--host", default="127.0.0.1:5432", help="where the database is, for the settings")
    given = parser.parse_args(argv)
    print(script(given.database, given.owner, given.application, given.host, (new_secret(), new_secret())))
    return 0


def _name(given: str) -> str:
    if not (given.isidentifier() and given.isascii() and given.islower()):
        raise argparse.ArgumentTypeError("a plain lower-case name, e.g. camarad")
    return given
