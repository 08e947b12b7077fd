"""`/v1/models` and `/v1/chat/completions`: the agents as models, for any client of OpenAI's chat API.

Class `client`: a Bearer API key, and the client in `X-Client-ID` or bound to the key.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agents.roster import AGENTS, Agent
from camarad.errors import NotFound
from web.access import CurrentScope, CurrentServices, router
from web.api.turns import EVENTS, SSE_HEADERS
from web.failures import request_id
from web.repeats import REPEATABLE
from web.v1.answer import Chunks, Head, completion
from web.v1.body import ChatRequest, check
from web.v1.calling import Call, Stream
from web.v1.told import told

routes = router("client", "openai", prefix="/v1", key="chat")

SINCE: Final = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
HUNG_UP: Final = 499  # nobody gets to see it; it stands in the log
STREAMED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {EVENTS: {"schema": {"type": "string"}}},
        "description": "A chat completion; with `stream` the same as chunks, ended by `data: [DONE]`.",
    }
}


class ModelNotFound(NotFound):
    code = "model_not_found"
    default_hint = "GET /v1/models lists the agents."
    param = "model"


def model_view(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.slug,
        "object": "model",
        "created": SINCE,
        "owned_by": "camarad",
        "name": agent.name,
        "description": agent.summary,
    }


@routes.get("/models", summary="The agents, as models")
async def list_models() -> dict[str, Any]:
    return {"object": "list", "data": [model_view(agent) for agent in AGENTS if agent.available]}


@routes.get("/models/{model}", summary="One agent, as a model")
async def get_model(model: str) -> dict[str, Any]:
    return model_view(_agent(model))


def _agent(model: str) -> Agent:
    found = next((agent for agent in AGENTS if agent.available and agent.slug == model), None)
    if found is None:
        raise ModelNotFound(f"The model `{model[:100]}` does not exist.")
    return found


@routes.post(
    "/chat/completions",
    response_model=None,
    responses=STREAMED,
    dependencies=[REPEATABLE],
    summary="Ask an agent",
)
async def chat_completions(
    body: ChatRequest, request: Request, scope: CurrentScope, services: CurrentServices
) -> Response:
    """The whole conversation is told with each call; nothing of it is kept for the next. A call repeated under the same
    `Idempotency-Key` or `X-Request-ID` within a day gets the same answer and costs nothing."""
    check(body)
    agent, asked = _agent(body.model), told(body, services.settings.max_message_chars)
    call = Call(services, scope, agent.slug, asked, request_id(request), request)
    head = Head(f"chatcmpl-{call.conversation_id}", int(services.clock.now().timestamp()), agent.slug)
    if not body.stream:
        document = await call.whole()
        return Response(status_code=HUNG_UP) if document is None else JSONResponse(completion(head, document))
    events = call.events()
    first = await anext(events)
    pieces = call.chunks(first, events, Chunks(head, call.request_id, with_usage=body.wants_usage))
    return Stream(pieces, media_type=EVENTS, headers=SSE_HEADERS)
