"""Search for anyone, from memory and cacheable; and the same with a client's own conversations, private."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Annotated
from urllib.parse import quote

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from agents import roster
from camarad.scope import Scope
from graphs import conversations
from web.access import CurrentScope, CurrentServices, router
from web.search.catalog import public_entries
from web.search.entry import Entry, Label, words
from web.search.ranking import Hit, rank

public = router("public", "search", prefix="/api")
scoped = router("client", "search", prefix="/api/app")

MOST, LONGEST = 8, 80
RECENT = 200  # conversations looked through; a page holds fewer
KEEP_SECONDS = 300
Text = Annotated[str, Query(alias="q", max_length=LONGEST, description="What to look for")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Most results")]


class Result(BaseModel):
    """`score` is from 1 to 100. The title is in the language that the query fits."""

    type: str
    title: str
    subtitle: str
    url: str
    score: int


class Results(BaseModel):
    query: str
    results: list[Result]


@public.get("/search", response_model=Results, summary="Find agents, connectors and pages")
async def search(q: Text = "", limit: Limit = MOST) -> Response:
    headers = {"Cache-Control": f"public, max-age={KEEP_SECONDS}"}
    return Response(_answer(q, limit), media_type="application/json", headers=headers)


@lru_cache(maxsize=2048)
def _answer(query: str, limit: int) -> bytes:
    """The same query gives the same bytes, whoever asks."""
    return _encode(query, rank(public_entries(), query, limit))


@scoped.get("/search", response_model=Results, summary="Find these and this client's conversations")
async def app_search(scope: CurrentScope, services: CurrentServices, q: Text = "", limit: Limit = MOST) -> Response:
    latest = await conversations.list_(services.database, scope, limit=RECENT) if words(q) else []
    own = [_conversation(scope, each.id, each.title, each.agent) for each in latest]
    return Response(_encode(q, rank((*own, *public_entries()), q, limit)), media_type="application/json")


def _conversation(scope: Scope, thread: str, title: str, agent: str) -> Entry:
    label = Label(title, roster.agent(agent).name)
    return Entry("conversation", f"/c/{quote(scope.client_id)}/chat/thread/{thread}", (label,), weight=20)


def _encode(query: str, hits: list[Hit]) -> bytes:
    results = [
        {
            "type": hit.entry.kind,
            "title": hit.label.title,
            "subtitle": hit.label.subtitle,
            "url": hit.entry.url,
            "score": hit.score,
        }
        for hit in hits
    ]
    return json.dumps({"query": query, "results": results}, ensure_ascii=False, separators=(",", ":")).encode()
