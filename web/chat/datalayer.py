"""What Chainlit may read and change of our conversations: a mapping, always within the visit's scope.

The turn persists messages, never Chainlit: its writes of steps and elements end here. It may rename, delete, and keep
feedback. Anything of another user or client is answered like what never existed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chainlit.data.base import BaseDataLayer
from chainlit.types import Feedback, PageInfo, PaginatedResponse, Pagination, ThreadFilter
from chainlit.user import PersistedUser, User

from camarad.errors import NotFound
from graphs import conversations
from web.chat import history, threads
from web.chat.visit import current_visit
from web.inputs import clean_text

PAGE = 30


class ConversationLayer(BaseDataLayer):  # type: ignore[misc]
    # the person

    async def get_user(self, identifier: str) -> PersistedUser | None:
        visit = current_visit()
        if identifier != visit.identifier:
            return None
        return PersistedUser(
            id=visit.identifier,
            identifier=visit.identifier,
            display_name=visit.email,
            createdAt=datetime.now(UTC).isoformat(),
            metadata={},
        )

    async def create_user(self, user: User) -> PersistedUser | None:
        return await self.get_user(user.identifier)

    # threads

    async def get_thread_author(self, thread_id: str) -> str:
        visit = current_visit()
        if clean_text(thread_id) != thread_id:
            return ""  # no id of ours, and not even text that a database takes
        try:
            await conversations.get(visit.services.database, visit.scope, thread_id)
        except NotFound:
            return ""
        return visit.identifier

    async def list_threads(self, pagination: Pagination, filters: ThreadFilter) -> PaginatedResponse[Any]:
        visit = current_visit()
        size = min(max(pagination.first, 1), PAGE)
        rows = await conversations.list_(
            visit.services.database,
            visit.scope,
            query=clean_text(filters.search or ""),
            before=_moment(pagination.cursor),
            limit=size + 1,
        )
        shown = rows[:size]
        return PaginatedResponse(
            data=[history.head(visit, row) for row in shown],
            pageInfo=PageInfo(
                hasNextPage=len(rows) > size,
                startCursor=shown[0].updated_at.isoformat() if shown else None,
                endCursor=shown[-1].updated_at.isoformat() if shown else None,
            ),
        )

    async def get_thread(self, thread_id: str) -> dict[str, Any] | None:
        try:
            return await threads.read(current_visit(), thread_id)
        except NotFound:
            return None

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
    ) -> None:
        """Only a name is taken over; the rest is Chainlit's own and of no use to us."""
        if name is not None:
            visit = current_visit()
            await conversations.rename(visit.services.database, visit.scope, thread_id, clean_text(name))

    async def delete_thread(self, thread_id: str) -> None:
        visit = current_visit()
        await visit.services.assistant.forget(visit.scope, thread_id)

    # feedback

    async def upsert_feedback(self, feedback: Feedback) -> str:
        raise NotFound("Feedback is taken by the gate.")

    async def delete_feedback(self, feedback_id: str) -> bool:
        return False

    # what the turn keeps itself

    async def create_step(self, step_dict: Any) -> None:
        return None

    async def update_step(self, step_dict: Any) -> None:
        return None

    async def delete_step(self, step_id: str) -> None:
        return None

    async def create_element(self, element: Any) -> None:
        return None

    async def get_element(self, thread_id: str, element_id: str) -> None:
        return None

    async def delete_element(self, element_id: str, thread_id: str | None = None) -> None:
        return None

    async def get_favorite_steps(self, user_id: str) -> list[Any]:
        return []

    async def build_debug_url(self) -> str:
        return ""

    async def close(self) -> None:
        return None


def _moment(cursor: str | None) -> datetime | None:
    """A cursor that this layer did not give is passed over."""
    try:
        found = datetime.fromisoformat(cursor) if cursor else None
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None
