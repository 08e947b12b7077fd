"""The one graph of the product: the Personal Assistant routes, specialists answer in a loop with their tools.

A turn is a thread of its own. The router answers its own hand-off, so a routed question costs one step; each other
model call and each round of tools is a step, and each step is a checkpoint.

    START → assistant | specialist            by who the conversation sticks to
    assistant → specialist                    handed over
    assistant, specialist → tools → back      until a reply calls no tools
"""

from __future__ import annotations

from typing import Any, Literal

from langchain_core.messages import AIMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agents.roster import PERSONAL_ASSISTANT, agent
from graphs.acting import act
from graphs.events import TokenEvent
from graphs.handoff import ROUTE_TOOL
from graphs.limits import closing_words
from graphs.speaking import speak
from graphs.state import TurnContext, TurnState

Step = Literal["assistant", "specialist", "tools", "__end__"]
Graph = CompiledStateGraph[TurnState, TurnContext, TurnState, TurnState]


async def answer(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """One model call of whoever speaks now; words are never missing at the end."""
    speaker = agent(state["agent"])
    reply = await speak(speaker, state, runtime.context)
    if not reply.tool_calls and not str(reply.content).strip():
        words = closing_words(state, runtime.context.language)
        runtime.context.emit(TokenEvent(text=words))
        reply = reply.model_copy(update={"content": words})
    return {"messages": [reply]}


async def route(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """The Personal Assistant's call; a plain hand-off is done on the spot."""
    update = await answer(state, runtime)
    reply: AIMessage = update["messages"][0]
    if [call["name"] for call in reply.tool_calls] != [ROUTE_TOOL]:
        return update
    asked: TurnState = {**state, "messages": [*state["messages"], reply]}
    acted = await act(agent(state["agent"]), asked, runtime.context)
    return {"messages": [reply, *acted.messages], "agent": acted.agent, "note": acted.note}


async def run_tools(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    acted = await act(agent(state["agent"]), state, runtime.context)
    return {"messages": acted.messages, "agent": acted.agent, "note": acted.note}


async def speaker_step(state: TurnState) -> Step:
    """Async like `after_reply`, because LangGraph runs a plain function in a thread."""
    return "assistant" if state["agent"] == PERSONAL_ASSISTANT else "specialist"


async def after_reply(state: TurnState) -> Step:
    """Tools when the last reply called some, the next speaker when they are answered, else the end."""
    last = state["messages"][-1]
    if not isinstance(last, AIMessage):
        return await speaker_step(state)
    return "tools" if last.tool_calls else "__end__"


def build(checkpointer: BaseCheckpointSaver[Any] | None) -> Graph:
    graph = StateGraph(TurnState, context_schema=TurnContext)
    graph.add_node("assistant", route)
    graph.add_node("specialist", answer)
    graph.add_node("tools", run_tools)
    graph.add_conditional_edges(START, speaker_step, ["assistant", "specialist"])
    graph.add_conditional_edges("assistant", after_reply, ["assistant", "specialist", "tools", END])
    graph.add_conditional_edges("specialist", after_reply, ["assistant", "specialist", "tools", END])
    graph.add_conditional_edges("tools", speaker_step, ["assistant", "specialist"])
    return graph.compile(checkpointer=checkpointer)
