"""Who may go round the session's wall, and why. What is not here fails tests/isolation/test_lint.py, and so does a line
for what is no longer there. `*` stands for every function of a file."""

from __future__ import annotations

EXCEPTIONS: dict[str, str] = {
    # the wall and its engines
    "camarad/database.py:Database.__init__": "the one place engines are made",
    "camarad/database.py:_sqlite_engine": "the one place engines are made",
    "camarad/database.py:_postgres_engine": "the one place engines are made",
    "camarad/database.py:_postgres_engine.step_down": "a superuser's connection takes a role that row security covers",
    "camarad/database.py:Database.unscoped": "the one door outside, which asks for a reason",
    "camarad/sqlite.py:*": "the engines of SQLite's own threads, and their pragmas",
    "camarad/wall.py:*": "the wall itself",
    "camarad/second_wall.py:*": "the wall inside PostgreSQL: scope, rights and whether it stands",
    "camarad/rows.py:*": "statements that carry the session's scope as parameters",
    "camarad/migrate.py:*": "which revision a database has, and giving roles their rights",
    "camarad/models/conversation.py:<module>": "the condition of a partial index",
    "camarad/models/credit.py:<module>": "the condition of a partial index",
    "camarad/models/payment.py:<module>": "the condition of a partial index",
    # money: of workspaces, not of clients
    "billing/postgres_ledger.py:*": "the meter's own function: one commit for callers of many workspaces",
    "billing/sqlite_ledger.py:*": "the meter's own writer: one commit for callers of many workspaces",
    "billing/sqlite_insert.py:*": "the statements of that writer, for rows it was given",
    "billing/rollup/roller.py:<module>": "the workspace's usage by the hour; it is no client's table",
    "billing/entitlements.py:uses": "a plan counts what all clients of a workspace have",
    # turns in flight, keyed by threads that begin with their scope
    "graphs/checkpoints.py:*": "LangGraph's file of turns in flight, beside the database",
    "graphs/checkpoints_postgres.py:*": "LangGraph's tables, inside row security; ended turns are swept for everybody",
    "graphs/recovery.py:interrupted": "a starting server looks for turns that nobody runs any more",
    # across clients, on purpose
    "tools/connectors/grants.py:_is_shared": "a grant at Google is one for a person, whichever clients use it",
    "tools/connectors/places.py:*": "a plan counts the connections of all of a workspace's clients",
    "tools/connectors/rotation.py:*": "a command of operators: every sealed token, whoever's it is",
    "web/members.py:_stop": "somebody who left answers no further: their turns, whichever client they were for",
    "web/takeout/export.py:export": "an owner takes out all of a workspace",
    "web/takeout/erase.py:*": "an owner erases all of a workspace",
    "web/api/health.py:_second_wall": "readiness asks the catalogue whether the second wall stands",
}


def reason_for(where: str) -> str | None:
    file = where.partition(":")[0]
    return EXCEPTIONS.get(where) or EXCEPTIONS.get(f"{file}:*")
