"""Reading one stored conversation, with all that the page shows of it."""

from __future__ import annotations

from typing import Any

from graphs import conversations
from web.chat import history, ratings, turns
from web.chat.visit import Visit


async def read(visit: Visit, thread_id: str, running: str | None = None) -> dict[str, Any]:
    """The page's thread. Raises NotFound alike for foreign and unknown ids."""
    database, scope = visit.services.database, visit.scope
    conversation = await conversations.get(database, scope, thread_id)
    messages = await conversations.messages(database, scope, thread_id)
    liked = await ratings.of_conversation(database, scope, thread_id)
    failed = await turns.errors(visit, thread_id)
    return history.thread(visit, conversation, messages, history.Extras(liked, failed, running))
