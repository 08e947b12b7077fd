"""The attacks. Each is tried on every route of the classes it makes sense for, and says how it has to end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.isolation.asking import Ask
from tests.isolation.entries import Entry
from tests.isolation.world import UNKNOWN, Person, Side, World

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
CLOSED = {"user": frozenset({401}), "client": frozenset({401}), "internal": frozenset({403})}
NOT_FOUND = frozenset({404})
REFUSED = frozenset({403})
UNNAMED = frozenset({400})
NO_METHOD = frozenset({403, 404, 405, 422})  # another route may take `new` for an id, then miss its body or a role
CLIENT_COOKIE = "camarad_client"


@dataclass(frozen=True)
class Attempt:
    """`expected` are the allowed codes. `like` is a request whose answer has to be the same, byte for byte.
    `reader` and `client` say whose words may be in the answer."""

    situation: str
    target: str
    ask: Ask
    expected: frozenset[int]
    like: Ask | None = None
    reader: Side | None = None
    client: str | None = None


@dataclass(frozen=True)
class Dead:
    """Sign-ins and a key that are none any more, made once for a run."""

    expired: Person
    signed_out: Person
    key: str


def claims(victim: Side) -> dict[str, str]:
    """Headers by which somebody, or a proxy that is none of ours, would claim to be another."""
    user, workspace = victim.person.user_id, victim.person.workspace_id
    return {
        "X-User-ID": user, "X-User-Email": victim.person.email, "X-Workspace-ID": workspace, "X-Tenant-ID": workspace,
        "X-Auth-User": user, "X-Remote-User": user, "Remote-User": user, "X-Forwarded-User": user,
        "X-Forwarded-Email": victim.person.email, "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1",
        "X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "https", "Forwarded": "for=127.0.0.1;host=localhost",
        "X-Original-URL": "/api/conversations", "X-Rewrite-URL": "/api/conversations", "X-Client": victim.client_id,
        "Client-ID": victim.client_id, "X-Active-Client": victim.client_id,
    }  # fmt: skip


def named_twice(victim: Side) -> str:
    scope = victim.scope
    return f"client_id={scope[2]}&client={scope[2]}&X-Client-ID={scope[2]}&workspace_id={scope[1]}&user_id={scope[0]}"


def in_body(victim: Side) -> dict[str, str]:
    user, workspace, client = victim.scope
    return {"client_id": client, "clientId": client, "workspace_id": workspace, "user_id": user, "scope": client}


def attempts(
    world: World, entry: Entry, access: str, me: Side, dead: Dead, declared: frozenset[str]
) -> Iterator[Attempt]:
    others = [side for side in world.sides if side is not me]
    mine = Ask(entry, me.person, me.client_id, me.ids, me.canary.word)
    yield from _outside(entry, access, me, others, dead, mine)
    yield from _keys(entry, access, me, others, dead, mine)
    if access in ("user", "client"):
        yield from _signed_in(entry, me, others, mine, declared, access)
        for other in others:
            yield from _objects(entry, access, me, other, mine)
    if access == "client":
        for other in others:
            yield from _clients(entry, me, other, mine)
        yield Attempt("no client named", "", replace(mine, client=None), UNNAMED)
        yield Attempt("unknown client", "", replace(mine, client=UNKNOWN), NOT_FOUND)
    yield _own(world, entry, access, me, mine)


def _outside(entry: Entry, access: str, me: Side, others: list[Side], dead: Dead, mine: Ask) -> Iterator[Attempt]:
    """Nobody who is signed in."""
    expected = CLOSED.get(access, entry.ok | {401, 403, 404, 405} if entry.unsafe else entry.ok)
    no_one = replace(mine, person=None, csrf="")
    cookie = next(iter(me.person.cookies))
    yield Attempt("not signed in", "", no_one, expected)
    for name, person in (("expired sign-in", dead.expired), ("ended sign-in", dead.signed_out)):
        yield Attempt(name, "", replace(mine, person=person), expected)
    for name, value in (("made-up sign-in", "x" * 43), ("an id as sign-in", me.ids["session_id"])):
        yield Attempt(name, "", replace(no_one, cookies={"camarad_session": value, cookie: value}), expected)
    for other in others:
        claimed = {**claims(other), "Authorization": f"Bearer {other.person.user_id}"}
        yield Attempt("claimed identity", other.name, replace(no_one, headers=claimed), expected)
    if access == "internal":
        for name, headers in (
            ("wrong token", {"X-Internal-Token": "x" * 32}),
            ("empty token", {"X-Internal-Token": ""}),
            ("token as Bearer", {"Authorization": "Bearer internal"}),
        ):
            yield Attempt(name, "", replace(mine, headers=headers), REFUSED)
        yield Attempt("signed in only", "", mine, REFUSED)


def _keys(entry: Entry, access: str, me: Side, others: list[Side], dead: Dead, mine: Ask) -> Iterator[Attempt]:
    """API keys: none, not one of mine, or mine for something else. Each is bound to its side's client."""
    if access not in ("user", "client"):
        return
    for name, keys in (
        ("made-up API key", ("ck_" + "x" * 43,)),
        ("revoked API key", (dead.key,)),
        ("two API keys", (me.key, others[-1].key)),
    ):
        yield Attempt(name, "", replace(mine, keys=keys), CLOSED[access])
    as_cookie = replace(mine, cookies={"camarad_session": me.key}, csrf=me.person.csrf)
    yield Attempt("API key as sign-in", "", as_cookie, CLOSED[access])
    if access == "user":
        yield Attempt("API key of one client", "", replace(mine, keys=(me.key,)), REFUSED)
        return
    for other in (side for side in others if side.client_id != me.client_id):
        refused = NOT_FOUND | REFUSED if entry.managers else NOT_FOUND  # a member's key cannot manage at all
        yield Attempt("their API key", other.name, replace(mine, keys=(other.key,)), refused)
        elsewhere = replace(mine, keys=(me.key,), client=other.client_id)
        yield Attempt("API key of another client", other.name, elsewhere, NOT_FOUND)
    if not entry.unsafe:
        own = replace(mine, keys=(me.key,))
        yield Attempt("own API key", "", own, entry.ok | REFUSED, reader=me, client=me.client_id)


def _signed_in(
    entry: Entry, me: Side, others: list[Side], mine: Ask, declared: frozenset[str], access: str
) -> Iterator[Attempt]:
    client = me.client_id
    for method in sorted(METHODS - declared):
        yield Attempt(f"method {method}", "", replace(mine, method=method), NO_METHOD, reader=me, client=client)
    if entry.unsafe:
        yield Attempt("no CSRF token", "", replace(mine, csrf=""), REFUSED)
        for other in others:
            if other.person is not me.person:
                yield Attempt("their CSRF token", other.name, replace(mine, csrf=other.person.csrf), REFUSED)
        return
    override = {"X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE", "X-Method-Override": "DELETE"}
    overridden = replace(mine, headers=override, query="_method=DELETE")
    yield Attempt("method override", "", overridden, entry.ok, reader=me, client=client)
    for other in others:
        claimed = replace(mine, headers=claims(other))
        yield Attempt("claimed identity, signed in", other.name, claimed, entry.ok, reader=me, client=client)
        if not entry.client_in:
            asked = replace(mine, query=named_twice(other))
            yield Attempt("their client in the query", other.name, asked, entry.ok, reader=me, client=client)
        if entry.words:
            asked = replace(mine, word=other.canary.word)
            yield Attempt("their words looked for", other.name, asked, entry.ok, reader=me, client=client)


def _objects(entry: Entry, access: str, me: Side, other: Side, mine: Ask) -> Iterator[Attempt]:
    """Ids of others: as if they never were."""
    if entry.placeholders and not _is_mine_too(entry, access, me, other):
        never = replace(mine, ids=dict.fromkeys(entry.placeholders, UNKNOWN))
        theirs = replace(mine, ids=other.ids)
        yield Attempt("unknown object", other.name, never, NOT_FOUND)
        yield Attempt("their object", other.name, theirs, NOT_FOUND, like=never)
        for name in entry.placeholders[1:]:
            mixed = replace(mine, ids={**me.ids, name: other.ids[name]})
            yield Attempt("their object below mine", other.name, mixed, NOT_FOUND)
    if entry.client_in and other.person.workspace_id != me.person.workspace_id:
        never = replace(mine, client=UNKNOWN)
        theirs = replace(mine, client=other.client_id)
        allowed = entry.ok | frozenset({200, 303, 404})
        yield Attempt("their client", other.name, theirs, allowed, like=never, reader=me, client=me.client_id)


def _is_mine_too(entry: Entry, access: str, me: Side, other: Side) -> bool:
    """What the other side has is also ours: a client or member of our workspace, a sign-in of our own, a key that we
    manage."""
    if access == "client":
        return False
    same_workspace = other.person.workspace_id == me.person.workspace_id
    same_person = other.person.user_id == me.person.user_id
    if {"client_id", "user_id"} & set(entry.placeholders) or (
        "key_id" in entry.placeholders and me.person.role != "member"
    ):
        return same_workspace
    return same_person or bool({"identity_id", "invitation_id"} & set(entry.placeholders))


def _clients(entry: Entry, me: Side, other: Side, mine: Ask) -> Iterator[Attempt]:
    foreign = other.person.workspace_id != me.person.workspace_id
    if foreign:
        never = replace(mine, client=UNKNOWN)
        for ids, what in ((me.ids, "their client"), (other.ids, "their client and object")):
            yield Attempt(what, other.name, replace(mine, client=other.client_id, ids=ids), NOT_FOUND, like=never)
    elif other.client_id != me.client_id and entry.placeholders:
        elsewhere = replace(mine, client=other.client_id)
        yield Attempt("my object under my other client", other.name, elsewhere, NOT_FOUND)
    elif other.client_id != me.client_id and not entry.unsafe:
        elsewhere = replace(mine, client=other.client_id)
        yield Attempt("my other client", other.name, elsewhere, entry.ok, reader=me, client=other.client_id)
    if other.client_id != me.client_id:
        twice = replace(mine, client=(me.client_id, other.client_id))
        yield Attempt("two clients named", other.name, twice, UNNAMED)
    if foreign:
        forged = {**(me.person.cookies), CLIENT_COOKIE: f"{other.person.user_id}:{other.client_id}"}
        yield Attempt("a made-up client cookie", other.name, replace(mine, client=None, cookies=forged), UNNAMED)
        stolen = {**me.person.cookies, CLIENT_COOKIE: other.person.client_cookie}
        yield Attempt("their client cookie", other.name, replace(mine, client=None, cookies=stolen), UNNAMED)
    if entry.body is not None and not entry.fresh:
        named = replace(mine, body=in_body(other))
        yield Attempt("their client in the body", other.name, named, entry.ok, reader=me, client=me.client_id)


def _own(world: World, entry: Entry, access: str, me: Side, mine: Ask) -> Attempt:
    """What is allowed works, or else all the refusals would prove nothing. It comes last: it may use things up."""
    person = world.again(me.person) if entry.ends_sign_in and access != "internal" else me.person
    refused = entry.managers and person.role == "member"
    made = entry.fresh(world, me) if entry.fresh and not refused else {}
    client = made.get("client_id", me.client_id) if access == "client" or entry.client_in else me.client_id
    ask = replace(mine, person=person, ids={**me.ids, **made}, client=client)
    if access == "internal":
        ask = replace(ask, person=None, csrf="", headers={"X-Internal-Token": world.internal_token})
    if access == "public" and entry.unsafe and not entry.ends_sign_in:
        ask = replace(ask, person=None, csrf="")
    return Attempt("own", "", ask, entry.ok, reader=me, client=client)
