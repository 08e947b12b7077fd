"""The roster, and what to ask next."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from agents.roster import AGENTS, PERSONAL_ASSISTANT, Agent
from agents.suggestions import suggest
from camarad.scope import Scope
from graphs import conversations
from tools.record import Provider
from web.access import CurrentScope, CurrentServices, CurrentUser, router
from web.services import Services

agents = router("client", "agents", prefix="/api/agents", key="chat")
chat = router("client", "agents", prefix="/api/chat", key="chat")


class AgentView(BaseModel):
    """`ready` tells whether all it `needs` is connected for this client; `missing` names what is not."""

    slug: str
    name: str
    summary: str
    available: bool
    avatar: str
    tools: list[str]
    hands_off_to: list[str]
    needs: list[str]
    missing: list[str]
    ready: bool


class Roster(BaseModel):
    agents: list[AgentView]


class SuggestionView(BaseModel):
    text: str
    agent: str


class Suggestions(BaseModel):
    suggestions: list[SuggestionView]


async def connected(services: Services, scope: Scope) -> list[Provider]:
    states = await services.connectors.states(scope)
    return [provider for provider, found in states.items() if found.state == "connected"]


def view(agent: Agent, language: str, have: list[Provider]) -> AgentView:
    missing = sorted(agent.needs - set(have))
    return AgentView(
        slug=agent.slug,
        name=agent.name,
        summary=agent.summary_ro if language == "ro" else agent.summary,
        available=agent.available,
        avatar=f"/static/avatars/{agent.avatar}",
        tools=list(agent.tools),
        hands_off_to=list(agent.hands_off_to),
        needs=sorted(agent.needs),
        missing=list(missing),
        ready=agent.available and not missing,
    )


@agents.get("/list", summary="The agents, with what each can do for this client now")
async def list_agents(who: CurrentUser, scope: CurrentScope, services: CurrentServices) -> Roster:
    have = await connected(services, scope)
    return Roster(agents=[view(agent, who.language, have) for agent in AGENTS])


@chat.get("/suggestions", summary="What to ask next, from context and without a model call")
async def suggestions(
    who: CurrentUser,
    scope: CurrentScope,
    services: CurrentServices,
    conversation_id: Annotated[str | None, Query(max_length=100)] = None,
) -> Suggestions:
    agent, language = PERSONAL_ASSISTANT, who.language
    used: tuple[str, ...] = ()
    if conversation_id:
        agent, language, used = await _context(services, scope, conversation_id)
    found = suggest(agent, language, await connected(services, scope), used)
    return Suggestions(suggestions=[SuggestionView(text=s.text, agent=s.agent) for s in found])


async def _context(services: Services, scope: Scope, conversation_id: str) -> tuple[str, str, tuple[str, ...]]:
    """Who answered last, in which language and with which tools."""
    conversation = await conversations.get(services.database, scope, conversation_id)
    said = await conversations.messages(services.database, scope, conversation_id)
    last = next((m for m in reversed(said) if m.role == "assistant"), None)
    used = tuple(call.name for call in last.tool_calls) if last else ()
    return conversation.agent, conversation.language, used
