"""What was deleted or erased is gone from every place, also from those that no query of its tables reaches."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import select, text

from camarad.models import AuditEvent
from camarad.sqlite import empty_log
from graphs.checkpoints import FILE
from tests.support.model_server import ModelServer, calls
from tests.support.model_server import text as words
from tests.support.web import PASSWORD, Browser, Camarad

WORD = "axolotlharbour"


async def talked(api: Camarad, model_server: ModelServer) -> tuple[Browser, str, str]:
    """Somebody whose turn read a tool before it was answered, and the conversation and workspace of it."""
    ana = await api.sign_up()
    await ana.new_client()
    conversation = await ana.new_conversation()
    model_server.script(calls(("connections", {"for": WORD})), words(f"Nothing is connected for {WORD}."))
    answer = await ana.say(conversation, f"What is connected for {WORD}?")
    assert answer.status_code == 200, answer.text
    return ana, conversation, str((await ana.get("/api/auth/status")).json()["workspace"]["id"])


async def threads_of(api: Camarad, workspace_id: str) -> list[str]:
    """The threads that are kept of a workspace's turns."""
    query = "SELECT DISTINCT thread_id FROM checkpoints"
    if api.services.database.is_sqlite:
        with closing(sqlite3.connect(api.services.settings.camarad_data_dir / FILE)) as connection:
            found = [row[0] for row in connection.execute(query)]
    else:
        async with api.services.database.unscoped("a test looks for what is left") as session:
            found = list(await session.scalars(text(query)))
    return [each for each in found if each.startswith(f"{workspace_id}/")]


async def erased(browser: Browser) -> None:
    answer = await browser.post("/api/workspace/erase", {"name": "ana", "password": PASSWORD})
    assert answer.status_code == 204, answer.text


def files_with(folder: Path, word: str) -> list[str]:
    return [each.name for each in folder.rglob("*") if each.is_file() and word.encode() in each.read_bytes()]


async def test_a_deleted_conversation_leaves_no_thread_of_its_turns(
    api_both: Camarad, model_server: ModelServer
) -> None:
    ana, conversation, workspace = await talked(api_both, model_server)
    assert await threads_of(api_both, workspace)
    assert (await ana.call("DELETE", f"/api/conversations/{conversation}")).status_code == 204
    assert await threads_of(api_both, workspace) == []


async def test_erasing_drops_threads_whose_turns_have_no_row_any_more(
    api_both: Camarad, model_server: ModelServer
) -> None:
    ana, _, workspace = await talked(api_both, model_server)
    mia = await api_both.sign_up("mia@example.com")
    await mia.new_client()
    model_server.script(calls(("connections", {})), words("Nothing."))
    assert (await mia.say(await mia.new_conversation(), "What is connected?")).status_code == 200
    neighbour = str((await mia.get("/api/auth/status")).json()["workspace"]["id"])
    async with api_both.services.database.unscoped("a test loses the rows of turns") as session:
        await session.execute(text("DELETE FROM turns"))
    await erased(ana)
    assert await threads_of(api_both, workspace) == [] and await threads_of(api_both, neighbour)


async def test_erased_words_are_in_no_file_of_the_running_server(api: Camarad, model_server: ModelServer) -> None:
    folder = api.services.settings.camarad_data_dir
    ana, _, _ = await talked(api, model_server)
    assert {FILE + "-wal", "camarad.db-wal"} <= {*files_with(folder, WORD)}
    await erased(ana)
    assert files_with(folder, WORD) == [] and files_with(folder, "ana@example.com") == []


async def test_deleted_rows_are_overwritten_however_sqlite_was_built(api: Camarad, model_server: ModelServer) -> None:
    folder = api.services.settings.camarad_data_dir
    ana, conversation, _ = await talked(api, model_server)
    assert empty_log(folder / "camarad.db") and empty_log(folder / FILE)
    assert {FILE, "camarad.db"} <= {*files_with(folder, WORD)}
    assert (await ana.call("DELETE", f"/api/conversations/{conversation}")).status_code == 204
    assert empty_log(folder / "camarad.db") and empty_log(folder / FILE)
    assert files_with(folder, WORD) == []


async def test_a_reader_who_holds_the_log_is_told_of(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as one, closing(sqlite3.connect(tmp_path / "a.db")) as reader:
        one.executescript("PRAGMA journal_mode=WAL; CREATE TABLE kept (word); INSERT INTO kept VALUES ('one')")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM kept").fetchall()
        one.execute("DELETE FROM kept")
        one.commit()
        assert not empty_log(tmp_path / "a.db", patience=0.0)
        reader.rollback()
        assert empty_log(tmp_path / "a.db", patience=0.0)


async def test_failed_sign_ins_of_erased_people_are_erased_with_them(api_both: Camarad) -> None:
    ana, mia = await api_both.sign_up(), await api_both.sign_up("mia@example.com")
    for email in ("ana@example.com", "mia@example.com"):
        assert (await api_both.browser("192.0.2.7").log_in(email, "not the password")).status_code == 401
    await erased(ana)
    mine = str((await mia.get("/api/auth/status")).json()["user"]["id"])
    async with api_both.services.database.unscoped("a test reads the log") as session:
        rows = await session.scalars(select(AuditEvent).where(AuditEvent.act == "sign_in_failed"))
        assert [row.user_id for row in rows] == [mine]
