"""Attacks on the wall of the data layer: every way a query could reach another scope's rows."""

import pytest
from sqlalchemy import (
    MetaData,
    Table,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    text,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased, make_transient_to_detached

from camarad.errors import UnscopedAccess
from camarad.ids import new_id
from camarad.models import Base, Client, Connection, Conversation, Message
from tests.conftest import NOW


def conversation(id_, **owner):
    return Conversation(id=id_, title=id_, created_at=NOW, updated_at=NOW, **owner)


def message(id_, conversation_id):
    return Message(id=id_, conversation_id=conversation_id, seq=1, role="user", text=id_, created_at=NOW)


def connection(id_):
    return Connection(
        id=id_, provider="ga4", source="demo", state="connected", account_id="1", created_at=NOW, updated_at=NOW
    )


@pytest.fixture
async def rows(database, scope, sibling_scope, other_scope):
    """One conversation with one message, and one connection, in each of three scopes."""
    for owner, name in ((scope, "mine"), (sibling_scope, "sibling"), (other_scope, "other")):
        async with database.write(owner) as session:
            session.add(conversation(name))
            await session.flush()
            session.add_all([message(f"m-{name}", name), connection(f"c-{name}")])


@pytest.fixture
async def mine(database, scope, rows):
    async with database.read(scope) as session:
        yield session


async def test_a_select_sees_its_own_rows_only(mine):
    assert (await mine.scalars(select(Conversation.id))).all() == ["mine"]


async def test_a_filter_written_against_the_wall_widens_nothing(mine):
    every = select(Conversation.id).where((Conversation.client_id == "client-two") | (Conversation.id != ""))
    assert (await mine.scalars(every)).all() == ["mine"]


async def test_session_get_of_another_scopes_id_finds_nothing(mine):
    assert await mine.get(Conversation, "other") is None
    assert await mine.get(Conversation, "sibling") is None
    assert (await mine.get(Conversation, "mine")).title == "mine"


async def test_a_join_is_filtered_on_both_sides(mine):
    joined = select(Conversation.id, Message.id).join(Message, Message.conversation_id == Conversation.id)
    assert (await mine.execute(joined)).all() == [("mine", "m-mine")]
    crossed = select(Conversation.id, Message.id).select_from(Conversation).join(Message, Message.id != "")
    assert (await mine.execute(crossed)).all() == [("mine", "m-mine")]


async def test_a_join_from_an_open_table_is_filtered(mine):
    joined = select(Client.id, Conversation.id).join(Conversation, Conversation.client_id == Client.id)
    assert (await mine.execute(joined)).all() == [("client-one", "mine")]
    outer = select(Client.id, Conversation.id).outerjoin(Conversation, Conversation.client_id == Client.id)
    assert {c for _, c in await mine.execute(outer)} == {"mine", None}


async def test_an_alias_is_filtered(mine):
    other = aliased(Conversation)
    assert (await mine.scalars(select(other.id))).all() == ["mine"]
    both = select(Conversation.id, other.id).join(other, other.id != "")
    assert (await mine.execute(both)).all() == [("mine", "mine")]


async def test_subqueries_are_filtered(mine):
    inner = select(Conversation.id).subquery()
    assert (await mine.scalars(select(inner.c.id))).all() == ["mine"]
    named = select(Conversation.id).cte("all_of_them")
    assert (await mine.scalars(select(named.c.id))).all() == ["mine"]
    scalar = select(select(func.count(Conversation.id)).scalar_subquery())
    assert await mine.scalar(scalar) == 1
    within = select(Client.id).where(Client.id.in_(select(Conversation.client_id)))
    assert (await mine.scalars(within)).all() == ["client-one"]
    existing = select(Client.id).where(exists().where(Conversation.client_id == Client.id))
    assert (await mine.scalars(existing)).all() == ["client-one"]


async def test_a_union_is_filtered_in_every_part(mine):
    both = union_all(select(Conversation.id), select(Message.id))
    assert sorted((await mine.scalars(both)).all()) == ["m-mine", "mine"]


async def test_counting_counts_own_rows(mine):
    assert await mine.scalar(select(func.count()).select_from(Conversation)) == 1
    assert await mine.scalar(select(func.count(Message.id))) == 1


async def test_core_and_raw_sql_are_refused(mine):
    for statement in (
        select(Conversation.__table__),
        select(Conversation.__table__.c.id),
        text("SELECT id FROM conversations"),
        select(text("id FROM conversations")),
    ):
        with pytest.raises(UnscopedAccess):
            await mine.execute(statement)


@pytest.mark.parametrize("id_", ["sibling", "other"])
async def test_a_bulk_update_or_delete_cannot_reach_another_scope(database, scope, rows, id_):
    async with database.write(scope) as session:
        await session.execute(update(Conversation).where(Conversation.id == id_).values(title="taken"))
        await session.execute(update(Conversation).values(language="ro"))
        await session.execute(delete(Conversation).where(Conversation.id == id_))
        await session.execute(delete(Message))
    async with database.unscoped("looks at what is left") as session:
        left = (await session.execute(select(Conversation.id, Conversation.title, Conversation.language))).all()
        assert sorted(left) == [("mine", "mine", "ro"), ("other", "other", "en"), ("sibling", "sibling", "en")]
        assert sorted(await session.scalars(select(Message.id))) == ["m-other", "m-sibling"]


async def test_a_bulk_update_through_core_is_refused(database, scope, rows):
    async with database.write(scope) as session:
        with pytest.raises(UnscopedAccess):
            await session.execute(update(Conversation.__table__).values(title="taken"))


async def test_a_new_row_is_stamped_with_the_scope(database, scope):
    async with database.write(scope) as session:
        session.add(conversation("new"))
    async with database.read(scope) as session:
        row = await session.get(Conversation, "new")
    assert (row.user_id, row.workspace_id, row.client_id) == (scope.user_id, scope.workspace_id, scope.client_id)


async def test_a_row_for_another_scope_is_refused(database, scope, sibling_scope):
    async with database.write(scope) as session:
        session.add(conversation("new", client_id=sibling_scope.client_id))
        with pytest.raises(UnscopedAccess):
            await session.flush()
        session.expunge_all()


async def test_an_orm_insert_is_stamped_and_a_list_of_rows_refused(database, scope):
    values = {"id": "i", "title": "", "agent": "a", "language": "en", "created_at": NOW, "updated_at": NOW}
    async with database.write(scope) as session:
        await session.execute(insert(Conversation).values(**values))
        with pytest.raises(UnscopedAccess):
            await session.execute(insert(Conversation), [{**values, "id": "j"}])
    async with database.read(scope) as session:
        assert (await session.scalars(select(Conversation.id))).all() == ["i"]


async def test_a_row_cannot_be_moved_out_of_the_scope(database, scope, sibling_scope, rows):
    async with database.write(scope) as session:
        (await session.get(Conversation, "mine")).client_id = sibling_scope.client_id
        with pytest.raises(UnscopedAccess):
            await session.flush()
        session.expunge_all()


async def test_a_bulk_update_cannot_move_rows_out_of_the_scope(database, scope, sibling_scope, rows):
    with pytest.raises(UnscopedAccess):
        async with database.write(scope) as session:
            await session.execute(update(Conversation).values(client_id=sibling_scope.client_id))
    with pytest.raises(UnscopedAccess):
        async with database.write(scope) as session:
            await session.execute(update(Conversation).values({Conversation.workspace_id: "workspace-two"}))
    with pytest.raises(UnscopedAccess):
        async with database.write(scope) as session:
            await session.execute(update(Conversation), {"user_id": "user-two"})


async def test_a_bulk_update_by_key_is_refused(database, scope, rows):
    async with database.write(scope) as session:
        with pytest.raises(UnscopedAccess):
            await session.execute(update(Conversation), [{"id": "other", "title": "taken"}])


async def test_a_row_read_in_one_scope_cannot_be_written_in_another(database, scope, other_scope, rows):
    async with database.read(other_scope) as session:
        stolen = await session.get(Conversation, "other")
    async with database.write(scope) as session:
        with pytest.raises(UnscopedAccess):
            (await session.merge(stolen, load=False)).title = "taken"
            await session.flush()
        session.expunge_all()


async def test_without_a_scope_client_tables_raise_and_open_ones_do_not(database, rows):
    async with database.read() as session:
        assert len((await session.scalars(select(Client.id))).all()) == 3
        for statement in (
            select(Conversation),
            select(func.count(Conversation.id)),
            select(Client.id).where(Client.id.in_(select(Conversation.client_id))),
            select(aliased(Message)),
            delete(Connection),
            text("SELECT 1"),
        ):
            with pytest.raises(UnscopedAccess):
                await session.execute(statement)
        with pytest.raises(UnscopedAccess):
            await session.get(Conversation, "mine")


async def test_without_a_scope_nothing_client_owned_can_be_added(database):
    async with database.write() as session:
        session.add(conversation(new_id(), user_id="user-one", workspace_id="workspace-one", client_id="client-one"))
        with pytest.raises(UnscopedAccess):
            await session.flush()
        session.expunge_all()


async def test_a_connection_belongs_to_the_client_not_to_the_user(database, scope, rows):
    colleague = type(scope)("user-two", scope.workspace_id, scope.client_id)
    async with database.read(colleague) as session:
        assert (await session.scalars(select(Connection.id))).all() == ["c-mine"]
        assert (await session.scalars(select(Conversation.id))).all() == []


async def test_one_statement_reused_in_two_scopes_answers_each_with_its_own(database, scope, other_scope, rows):
    statement = select(Conversation.id)
    for owner, expected in ((scope, "mine"), (other_scope, "other"), (scope, "mine")):
        async with database.read(owner) as session:
            assert (await session.scalars(statement)).all() == [expected]


async def test_unscoped_maintenance_sees_everything(database, rows):
    async with database.unscoped("a test of the escape") as session:
        assert await session.scalar(select(func.count()).select_from(Conversation)) == 3


BARE = Conversation.__table__
VALUES = {"agent": "a", "language": "en", "created_at": NOW, "updated_at": NOW}
FOREIGN = {"workspace_id": "workspace-two", "client_id": "client-three", "user_id": "user-two"}
NEW_CLIENT = ("id", "workspace_id", "name", "currency", "timezone", "demo", "created_at")
BELOW = {
    "a bare column beside an entity": select(Client.id, BARE.c.title),
    "a bare table beside an entity": select(Client.id, BARE),
    "a bare column in a condition": select(Client.id).where(Client.id == BARE.c.client_id),
    "a bare subquery": select(Client.id).where(Client.id.in_(select(BARE.c.client_id))),
    "a bare alias": select(Conversation.id, BARE.alias().c.title),
    "a bare table joined": select(Client.id, func.count()).join(BARE, true()).group_by(Client.id),
    "a bare alias joined": select(Client.id).join(BARE.alias(), true()),
    "a bare join": select(Client.id).select_from(BARE.join(Message.__table__, true())),
    "a bare table in FROM": select(func.count(Client.id)).select_from(BARE),
    "a bare common expression": select(Client.id, select(BARE.c.title).cte().c.title),
    "a bare statement for entities": select(Conversation).from_statement(select(BARE)),
    "words for entities": select(Conversation).from_statement(text("SELECT * FROM conversations")),
    "words as a column": select(Client.id, literal_column("(SELECT max(title) FROM conversations)")),
    "words as a condition": select(Client.id).where(text("EXISTS (SELECT 1 FROM conversations)")),
    "words as an order": select(Client.id).order_by(text("(SELECT max(title) FROM conversations)")),
    "a table by its name": select(Client.id, table("conversations", column("title")).c.title),
    "a table described again": select(Client.id, Table("conversations", MetaData(), *[c._copy() for c in BARE.c])),
    "a bare value": update(Client).values(name=select(BARE.c.title).scalar_subquery()).where(Client.id == "client-one"),
    "a bare condition of a deletion": delete(Client).where(Client.id.in_(select(BARE.c.client_id))),
    "rows for another table": insert(Client).from_select(
        NEW_CLIENT,
        select(Conversation.id, Conversation.workspace_id, Conversation.title, literal("EUR"), literal("UTC"),
               literal(False), Conversation.created_at),
    ),
    "a value for another table": insert(Client).values(
        id="x", workspace_id="workspace-one", name=select(Conversation.title).scalar_subquery(), created_at=NOW
    ),
}  # fmt: skip


@pytest.mark.parametrize("statement", BELOW.values(), ids=BELOW.keys())
async def test_a_table_below_its_class_is_refused_however_it_is_wrapped(database, scope, rows, statement):
    async with database.write(scope) as session:
        with pytest.raises(UnscopedAccess):
            await session.execute(statement)
    async with database.unscoped("looks at what is left") as session:
        assert sorted(await session.scalars(select(Conversation.id))) == ["mine", "other", "sibling"]
        assert sorted(await session.scalars(select(Client.id))) == ["client-one", "client-three", "client-two"]


async def test_a_row_of_another_scope_cannot_be_replaced_on_conflict(database, scope, rows):
    dialect = sqlite if database.is_sqlite else postgresql
    taken = dialect.insert(Conversation).values(id="other", title="taken", **VALUES)
    async with database.write(scope) as session:
        with pytest.raises(UnscopedAccess):
            await session.execute(taken.on_conflict_do_update(index_elements=["id"], set_={"title": "taken"}))
        await session.execute(taken.on_conflict_do_nothing())
    async with database.unscoped("looks at what is left") as session:
        assert (await session.get(Conversation, "other")).title == "other"


async def test_the_bulk_methods_and_the_bare_connection_are_refused(database, scope, rows):
    planted = {"id": "planted", "title": "", **VALUES, **FOREIGN}
    attacks = (
        lambda s: s.bulk_update_mappings(Conversation, [{"id": "other", "title": "taken"}]),
        lambda s: s.bulk_insert_mappings(Conversation, [planted]),
        lambda s: s.bulk_save_objects([Conversation(**planted)]),
        lambda s: s.connection().execute(select(BARE)),
    )
    for attack in attacks:
        async with database.write(scope) as session:
            with pytest.raises(UnscopedAccess):
                await session.run_sync(attack)


@pytest.mark.parametrize("claims", ["nothing", "to be mine"])
@pytest.mark.parametrize("change", ["an update", "a deletion"])
async def test_a_row_that_was_never_read_cannot_be_written_by_its_key(database, scope, rows, claims, change):
    owner = vars_of(scope) if claims == "to be mine" else {}

    def forge(session):
        row = Conversation(id="other", **owner)
        make_transient_to_detached(row)
        session.add(row)
        if change == "an update":
            row.title = "taken"
        else:
            session.delete(row)
        session.flush()

    async with database.write(scope) as session:
        with pytest.raises(UnscopedAccess):
            await session.run_sync(forge)
        session.expunge_all()
    async with database.unscoped("looks at what is left") as session:
        assert (await session.get(Conversation, "other")).title == "other"


def vars_of(scope):
    return {"workspace_id": scope.workspace_id, "client_id": scope.client_id, "user_id": scope.user_id}


async def test_changes_that_give_back_rows_give_back_own_ones(database, scope, rows):
    async with database.write(scope) as session:
        changed = update(Conversation).where(Conversation.id != "").values(title="z").returning(Conversation.id)
        assert (await session.scalars(changed)).all() == ["mine"]
        gone = delete(Message).where(Message.id != "").returning(Message.id)
        assert (await session.scalars(gone)).all() == ["m-mine"]


async def test_a_stream_is_filtered(database, scope, rows):
    async with database.read(scope) as session:
        assert [row.id async for row in await session.stream(select(Conversation.id))] == ["mine"]


def test_no_model_has_relationships_that_would_need_their_own_proof():
    """Nothing can be loaded along a relationship yet; the day one is added, this test asks for an attack on it."""
    assert [m.class_.__name__ for m in Base.registry.mappers if m.relationships] == []
