"""Feedback on one answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from web import feedback
from web.access import CurrentScope, CurrentServices, router
from web.inputs import clean_text

routes = router("client", "conversations", prefix="/api/conversations/{conversation_id}", key="chat")


class FeedbackBody(BaseModel):
    """1 for helpful, 0 for not."""

    value: Annotated[int, Field(ge=0, le=1)]
    comment: Annotated[str, StringConstraints(max_length=2000)] | None = None


@routes.put("/messages/{message_id}/feedback", status_code=204, summary="Say whether an answer helped")
async def put_feedback(
    conversation_id: str, message_id: str, body: FeedbackBody, scope: CurrentScope, services: CurrentServices
) -> Response:
    comment = clean_text(body.comment or "") or None
    await feedback.give(services.database, services.clock, scope, conversation_id, message_id, body.value, comment)
    return Response(status_code=204)
