"""One turn: a message in, an answer out, as JSON at the end or as events on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from camarad.errors import CamaradError, Upstream
from graphs import conversations
from graphs.events import DoneEvent, ErrorEvent, TurnDocument, TurnEvent
from web.access import CurrentScope, CurrentServices, router
from web.failures import request_id
from web.inputs import Word, clean_message
from web.repeats import REPEATABLE
from web.services import Services
from web.sse import stream
from web.staying import while_let_in

routes = router("client", "conversations", prefix="/api/conversations/{conversation_id}", key="chat")

EVENTS = "text/event-stream"
SSE_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
SSE_DOC: dict[int | str, dict[str, Any]] = {
    200: {
        "model": TurnDocument,
        "content": {EVENTS: {"schema": {"type": "string"}}},
        "description": "The finished turn; with `Accept: text/event-stream` the same as events agent, token, "
        "tool_started, tool_finished, block, approval, suggestions, usage, error, done.",
    }
}


class NewMessage(BaseModel):
    """`agent` asks one agent directly."""

    text: str
    agent: Word | None = None


class Stopped(BaseModel):
    stopped: bool


@routes.post(
    "/messages",
    responses=SSE_DOC,
    response_model=None,
    dependencies=[REPEATABLE],
    summary="Ask, and get the answer",
)
async def send_message(
    conversation_id: str, body: NewMessage, request: Request, scope: CurrentScope, services: CurrentServices
) -> Response:
    """A call repeated under the same `Idempotency-Key` or `X-Request-ID` answers the stored turn and costs nothing."""
    text = clean_message(body.text, services.settings.max_message_chars)
    await conversations.get(services.database, scope, conversation_id)
    events = services.assistant.run_turn(scope, conversation_id, text, request_id=request_id(request), agent=body.agent)

    async def stop_it() -> None:
        await services.assistant.stop(scope, conversation_id)

    return await _answer(request, services, while_let_in(request, events, stop_it))


@routes.get(
    "/events",
    responses={**SSE_DOC, 204: {"description": "No turn is running"}},
    response_model=None,
    summary="Follow the turn that is running",
)
async def follow(conversation_id: str, request: Request, scope: CurrentScope, services: CurrentServices) -> Response:
    """After a reload: what the running turn has said so far and says from here on. 204 when none is running."""
    await conversations.get(services.database, scope, conversation_id)
    events = services.assistant.subscribe(scope, conversation_id)
    first = await anext(events, None)
    if first is None:
        return Response(status_code=204)
    heard = while_let_in(request, events)
    return StreamingResponse(_counted(services, first, heard), media_type=EVENTS, headers=SSE_HEADERS)


@routes.post("/stop", summary="Stop the turn that is running")
async def stop(conversation_id: str, scope: CurrentScope, services: CurrentServices) -> Stopped:
    """What was used until then is charged; the partial answer is kept. Nothing running is not an error."""
    await conversations.get(services.database, scope, conversation_id)
    return Stopped(stopped=bool(await services.assistant.stop(scope, conversation_id)))


async def _answer(request: Request, services: Services, events: AsyncIterator[TurnEvent]) -> Response:
    """A refusal before the first event is an HTTP error in both forms."""
    first = await anext(events)
    if EVENTS in request.headers.get("accept", ""):
        return StreamingResponse(_counted(services, first, events), media_type=EVENTS, headers=SSE_HEADERS)
    return JSONResponse((await finished(first, events)).model_dump(mode="json"))


async def _counted(services: Services, first: TurnEvent, rest: AsyncIterator[TurnEvent]) -> AsyncIterator[bytes]:
    with services.metrics.streams.track_inprogress():
        async for chunk in stream(first, rest):
            yield chunk


async def finished(first: TurnEvent, rest: AsyncIterator[TurnEvent]) -> TurnDocument:
    """The document a turn ends with. Raises the error it ended with, if it did."""
    failure: CamaradError | None = first_failure(first)
    done = first.document if isinstance(first, DoneEvent) else None
    async for event in rest:
        failure = first_failure(event) or failure
        done = event.document if isinstance(event, DoneEvent) else done
    if failure is not None:
        raise failure
    if done is None:
        raise CamaradError("The turn ended without an answer.")
    return done


def first_failure(event: TurnEvent) -> CamaradError | None:
    if not isinstance(event, ErrorEvent):
        return None
    return Upstream(event.message, code=event.code, status=event.status, hint=event.hint, retry_after=event.retry_after)
