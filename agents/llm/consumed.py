"""Which calls of tools and connectors a model call pays for: those whose results it is the first to read.

That is every tool result after the last thing a model said in the request: results read before stand above it. A tool
that needs a connection counts as one call of each connector it needs, however many requests it made of it; a result
that tells of an error counts too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tools.registry import TOOLS

NEEDS = {tool.name: tuple(sorted(tool.needs)) for tool in TOOLS}


def results_read(messages: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Calls by `tool:<name>` and `connector:<provider>`; a tool nobody offers is left out."""
    answered: set[str] = set()
    counts: Counter[str] = Counter()
    for message in reversed(messages):
        if message.get("role") == "tool":
            answered.add(str(message.get("tool_call_id")))
        elif message.get("role") == "assistant":
            for call in message.get("tool_calls") or ():
                name = call["function"]["name"]
                if call["id"] in answered and name in NEEDS:
                    counts.update((f"tool:{name}", *(f"connector:{provider}" for provider in NEEDS[name])))
            break
    return dict(sorted(counts.items()))
