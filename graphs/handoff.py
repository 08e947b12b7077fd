"""Handing a conversation over: the `route_to_agent` tool, which is the graph's own and in no registry."""

from __future__ import annotations

from typing import Any

from agents.roster import Agent, agent
from camarad.errors import NotFound

ROUTE_TOOL = "route_to_agent"
MOST_HAND_OFFS = 2
NOTE_CHARS = 500


def route_schema(speaker: Agent) -> dict[str, Any]:
    """The tool as this speaker sees it: only those it may hand over to."""
    targets = [agent(slug) for slug in speaker.hands_off_to]
    who = " ".join(f"{target.slug}: {target.summary}" for target in targets)
    return {
        "type": "function",
        "function": {
            "name": ROUTE_TOOL,
            "description": f"Hand the conversation over to the agent whose work the question is. {who}",
            "parameters": {
                "type": "object",
                "properties": {
                    "agent": {"type": "string", "enum": [target.slug for target in targets]},
                    "note": {
                        "type": "string",
                        "description": "One sentence for them: what is asked, with its names, dates and conditions.",
                    },
                },
                "required": ["agent"],
            },
        },
    }


def target_of(speaker: Agent, args: dict[str, Any]) -> Agent | None:
    """Who is meant, or None when the speaker may not hand over to them."""
    try:
        target = agent(str(args.get("agent", "")))
    except NotFound:
        return None
    return target if target.slug in speaker.hands_off_to else None


def note_of(args: dict[str, Any]) -> str:
    return " ".join(str(args.get("note") or "").split())[:NOTE_CHARS]
