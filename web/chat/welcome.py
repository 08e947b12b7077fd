"""What the page shows around a conversation: this client, its connections, who can answer, and what to ask next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents import roster
from agents.suggestions import suggest
from graphs import conversations
from tools.connectors.connection import ConnectionView
from tools.record import Provider
from web.chat.visit import Language, Visit
from web.chat.words import PROVIDERS, source_label, words

States = Mapping[Provider, ConnectionView]


async def facts(visit: Visit, conversation_id: str | None = None) -> dict[str, Any]:
    """For the page's own script; `conversation_id` when there is one already."""
    states = await visit.services.connectors.states(visit.scope)
    agent, tools = await _last(visit, conversation_id)
    ready = [provider for provider, state in states.items() if state.state == "connected"]
    items = suggest(agent, visit.language, ready, tools)
    text = words(visit.language)
    return {
        "title": text["welcome" if ready else "welcome_none"].format(client=visit.client.name),
        "connections": [_connection(provider, state, visit.language) for provider, state in states.items()],
        "agents": [_agent(agent, states, visit.language) for agent in roster.AGENTS if agent.available],
        "items": [{"text": item.text, "agent": item.agent} for item in items],
    }


async def _last(visit: Visit, conversation_id: str | None) -> tuple[str, list[str]]:
    if conversation_id is None:
        return roster.PERSONAL_ASSISTANT, []
    stored = await conversations.messages(visit.services.database, visit.scope, conversation_id)
    answers = [message for message in stored if message.role == "assistant"]
    if not answers:
        return roster.PERSONAL_ASSISTANT, []
    return answers[-1].agent or roster.PERSONAL_ASSISTANT, [call.name for call in answers[-1].tool_calls]


def _connection(provider: Provider, state: ConnectionView, language: Language) -> dict[str, Any]:
    text = words(language)
    connected = state.state == "connected"
    status = "connected" if connected else "not_connected" if state.state == "not_connected" else "needs_attention"
    return {
        "provider": provider,
        "name": PROVIDERS[provider],
        "state": status,
        "stateText": text[status],
        "account": (state.account_name or state.account_id or "") if connected else "",
        "source": source_label(state.source, language) if connected and state.source == "demo" else "",
        "url": f"/connectors/{provider}",
        "action": "" if connected else text["connect"],
    }


def _agent(agent: roster.Agent, states: States, language: Language) -> dict[str, Any]:
    missing = [PROVIDERS[p] for p in sorted(agent.needs) if p not in states or states[p].state != "connected"]
    text = words(language)
    return {
        "slug": agent.slug,
        "name": agent.name,
        "summary": agent.summary_ro if language == "ro" else agent.summary,
        "avatar": f"/static/avatars/{agent.avatar}",
        "missing": text["missing"].format(providers=", ".join(missing)) if missing else "",
    }
