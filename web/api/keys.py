"""API keys of the person who asks, in their workspace; those who manage keys see everybody's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field
from starlette.responses import Response

from web import keys
from web.access import CurrentServices, CurrentUser, acting, router
from web.audit import audited
from web.inputs import Id, Moment, Name
from web.keys import KeyScope, KeyView, Wanted

routes = router("user", "keys", prefix="/api/keys")


class NewKey(BaseModel):
    """Without `scopes` the key may do all that its person's role may. Without `expires_at` it lasts until it is
    revoked. With `client_id` it works for that one client, also for callers that cannot send `X-Client-ID`."""

    name: Name
    scopes: Annotated[list[KeyScope], Field(max_length=10)] | None = None
    expires_at: Moment | None = None
    client_id: Id | None = None


class KeyJson(BaseModel):
    """`prefix` is how the secret begins; `last_used_at` is written at most once a minute."""

    id: str
    prefix: str
    name: str
    scopes: list[str]
    client_id: str | None
    user_id: str
    email: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    expired: bool


class MadeKey(BaseModel):
    """`secret` is given this once; afterwards only its hash is there."""

    key: KeyJson
    secret: str


class Keys(BaseModel):
    keys: list[KeyJson]


def view(key: KeyView) -> KeyJson:
    return KeyJson(
        id=key.id,
        prefix=key.prefix,
        name=key.name,
        scopes=list(key.scopes),
        client_id=key.client_id,
        user_id=key.user_id,
        email=key.email,
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        expired=key.expired,
    )


@routes.get("", summary="One's API keys; everybody's for those who manage keys")
async def list_keys(who: CurrentUser, services: CurrentServices) -> Keys:
    return Keys(keys=[view(key) for key in await keys.list_(services.database, services.clock, who)])


@routes.post(
    "", status_code=201, dependencies=[acting("own_keys")], summary="Make an API key", **audited("key_created")
)
async def create_key(body: NewKey, who: CurrentUser, services: CurrentServices) -> MadeKey:
    scopes = keys.scopes_of(who.role) if body.scopes is None else frozenset(body.scopes)
    wanted = Wanted(body.name, scopes, body.expires_at, body.client_id)
    made, secret = await keys.create(services.database, services.clock, who, wanted)
    return MadeKey(key=view(made), secret=secret)


@routes.delete("/{key_id}", status_code=204, summary="Revoke an API key, at once", **audited("key_revoked"))
async def revoke_key(key_id: str, who: CurrentUser, services: CurrentServices) -> Response:
    await keys.revoke(services.database, services.clock, who, key_id)
    return Response(status_code=204)
