"""Plain statements inside the wall: the same attacks as on the session."""

import pytest
from sqlalchemy import bindparam, exists, literal_column, select, text
from sqlalchemy.orm import aliased

from camarad.errors import UnscopedAccess
from camarad.models import Client, Conversation, Message
from camarad.rows import insert_rows, owned_rows, select_rows, unowned_row, update_rows
from tests.conftest import NOW


def row(id_, **more):
    return {"id": id_, "title": id_, "created_at": NOW, "updated_at": NOW, **more}


async def everything(database):
    async with database.unscoped("looks at what was written") as session:
        rows = await session.scalars(select(Conversation).order_by(Conversation.id))
        return [(c.id, c.title, c.client_id, c.user_id) for c in rows]


@pytest.fixture
async def rows(database, scope, sibling_scope, other_scope):
    for owner, name in ((scope, "mine"), (sibling_scope, "sibling"), (other_scope, "other")):
        await database.transact(owner, lambda session, name=name: insert_rows(session, Conversation, [row(name)]))


async def test_inserted_rows_are_stamped_and_get_their_defaults(database, scope):
    await database.transact(scope, lambda session: insert_rows(session, Conversation, [row("a"), row("b")]))
    async with database.read(scope) as session:
        found = (await session.scalars(select(Conversation).order_by(Conversation.id))).all()
    assert [(c.id, c.user_id, c.workspace_id, c.client_id, c.language) for c in found] == [
        (name, scope.user_id, scope.workspace_id, scope.client_id, "en") for name in ("a", "b")
    ]


async def test_no_rows_are_no_statement(database, scope):
    await database.transact(scope, lambda session: insert_rows(session, Conversation, []))
    assert await everything(database) == []


async def test_a_row_for_another_scope_is_refused_with_all_its_neighbours(database, scope, sibling_scope):
    rows = [row("a"), row("b", client_id=sibling_scope.client_id)]
    with pytest.raises(UnscopedAccess):
        await database.transact(scope, lambda session: insert_rows(session, Conversation, rows))
    assert await everything(database) == []


async def test_an_update_reaches_the_rows_meant_and_tells_how_many(database, scope, rows):
    def update(session):
        return update_rows(session, Conversation, {"title": "new"}, id="mine")

    assert await database.transact(scope, update) == 1
    assert [title for _, title, *_ in await everything(database)] == ["new", "other", "sibling"]


@pytest.mark.parametrize("id_", ["sibling", "other"])
async def test_an_update_cannot_reach_another_scope(database, scope, rows, id_):
    def update(session):
        return update_rows(session, Conversation, {"title": "taken"}, id=id_)

    assert await database.transact(scope, update) == 0
    assert "taken" not in [title for _, title, *_ in await everything(database)]


async def test_a_condition_on_the_owner_cannot_widen_an_update(database, scope, sibling_scope, rows):
    def update(session):
        return update_rows(session, Conversation, {"title": "taken"}, client_id=sibling_scope.client_id)

    assert await database.transact(scope, update) == 1  # the scope's own value wins
    assert [id_ for id_, title, *_ in await everything(database) if title == "taken"] == ["mine"]


async def test_an_update_cannot_hand_rows_over(database, scope, sibling_scope, rows):
    with pytest.raises(UnscopedAccess):
        await database.transact(
            scope,
            lambda session: update_rows(session, Conversation, {"client_id": sibling_scope.client_id}, id="mine"),
        )


async def test_without_a_scope_both_are_refused(database, rows):
    with pytest.raises(UnscopedAccess):
        await database.transact(None, lambda session: insert_rows(session, Conversation, [row("a")]))
    with pytest.raises(UnscopedAccess):
        await database.transact(None, lambda session: update_rows(session, Conversation, {"title": "x"}, id="mine"))


async def test_a_table_of_no_client_is_refused(database, scope):
    with pytest.raises(TypeError):
        await database.transact(scope, lambda session: update_rows(session, Client, {"name": "x"}, id="client-one"))


async def test_selected_rows_are_the_scopes_own(database, scope, rows):
    found = await database.glance(scope, lambda session: select_rows(session, Conversation, language="en"))
    assert [(row["id"], row["client_id"]) for row in found] == [("mine", scope.client_id)]
    assert await database.glance(scope, lambda session: select_rows(session, Conversation, id="other")) == []


async def test_rows_are_not_selected_without_a_scope(database, rows):
    with pytest.raises(UnscopedAccess):
        await database.glance(None, lambda session: select_rows(session, Conversation))


async def test_a_prepared_statement_reaches_what_no_client_owns_and_nothing_else(database, scope, rows):
    mine = select(Client.id).where(Client.id == bindparam("id"))
    row = await database.glance(None, lambda session: unowned_row(session, mine, id=scope.client_id))
    assert row.id == scope.client_id
    for owned in (select(Conversation.id), mine.join(Conversation, Conversation.client_id == Client.id)):
        with pytest.raises(UnscopedAccess):
            await database.glance(scope, lambda session, owned=owned: unowned_row(session, owned, id="x"))


TABLE = Conversation.__table__
SAID = Message.__table__
LATER = TABLE.alias()
NEWEST = select(TABLE).order_by(TABLE.c.id.desc()).limit(bindparam("most"))
EITHER = select(TABLE).where((TABLE.c.title == "mine") | (TABLE.c.title == "other") | (TABLE.c.title == "sibling"))


LISTED = select(Conversation).where(Conversation.title != bindparam("not_this")).order_by(Conversation.id)


@pytest.mark.parametrize(("statement", "given"), [(NEWEST, {"most": 9}), (EITHER, {}), (LISTED, {"not_this": "x"})])
async def test_a_prepared_statement_reaches_the_scopes_rows_only(database, scope, rows, statement, given):
    found = await database.glance(scope, lambda session: owned_rows(session, Conversation, statement, **given))
    assert [row.title for row in found] == ["mine"]


async def test_a_prepared_statement_is_made_once_and_serves_every_scope(database, scope, other_scope, rows):
    for owner, title in ((scope, "mine"), (other_scope, "other"), (scope, "mine")):
        found = await database.glance(owner, lambda session: owned_rows(session, Conversation, NEWEST, most=9))
        assert [row.title for row in found] == [title]


async def test_a_prepared_statement_needs_a_scope(database, rows):
    with pytest.raises(UnscopedAccess):
        await database.glance(None, lambda session: owned_rows(session, Conversation, NEWEST, most=9))


@pytest.mark.parametrize(
    "statement",
    [
        select(SAID),
        select(TABLE, SAID.c.text),
        select(TABLE).join(SAID, SAID.c.conversation_id == TABLE.c.id),
        select(LATER),
        select(TABLE, LATER.c.title),
        select(TABLE, select(SAID.c.text).limit(1).scalar_subquery()),
        select(TABLE).where(exists(select(LATER.c.id).where(LATER.c.id > TABLE.c.id))),
        select(TABLE).where(TABLE.c.id.in_(select(SAID.c.conversation_id))),
        select(TABLE.c.id).union_all(select(TABLE.c.id)).subquery().select(),
        select(aliased(Conversation)),
        select(Message),
        select(Conversation, Message.text),
        select(Conversation).join(Message, Message.conversation_id == Conversation.id),
        select(Conversation).where(Conversation.id.in_(select(Message.conversation_id))),
        select(Conversation).where(exists(select(Message.id).where(Message.conversation_id == Conversation.id))),
        select(Conversation).where(Conversation.id.in_(select(aliased(Conversation).id))),
        select(TABLE.c.id, text("(SELECT text FROM messages)")),
        select(TABLE.c.id, literal_column("(SELECT text FROM messages)")),
        select(TABLE).where(text("1 = 1 OR 1 = 1")),
    ],
    ids=range(19),
)
async def test_a_prepared_statement_that_reads_more_is_refused(database, scope, rows, statement):
    with pytest.raises(UnscopedAccess):
        await database.glance(scope, lambda session: owned_rows(session, Conversation, statement))
