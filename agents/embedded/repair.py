"""A call refused because of a name is made again with the name meant, when the refusal lists the names there are."""

from __future__ import annotations

import json
import re
from typing import Any

from agents.embedded.arguments.names import mentioned
from agents.embedded.choose import Call
from agents.embedded.context import in_context
from agents.embedded.request import Request, Returned

_LISTED = re.compile(r"\b(?:are|is|of|allowed|available|one of)\s*:\s*(.+?)\.?\s*$", re.IGNORECASE | re.DOTALL)


def repairs(request: Request) -> tuple[Call, ...]:
    """Calls worth making again: a listed name is said in the question and was not tried yet in this turn."""
    if request.choice == "none" or any(_error(r) is None for r in request.results):
        return ()
    question = in_context(request)
    tried = {str(v) for r in request.results for v in r.args.values()}
    found = []
    for returned in request.results:
        name = mentioned(question, _listed(_error(returned) or {}))
        wrong = next((k for k, v in returned.args.items() if isinstance(v, str) and v in str(_error(returned))), None)
        if name and wrong and name not in tried:
            found.append(Call(returned.name, {**returned.args, wrong: name}))
    return tuple(found)


def _error(returned: Returned) -> dict[str, Any] | None:
    try:
        data = json.loads(returned.body)
    except (ValueError, RecursionError):
        return None
    error = data.get("error") if isinstance(data, dict) else None
    return error if isinstance(error, dict) else None


def _listed(error: dict[str, Any]) -> tuple[str, ...]:
    found = _LISTED.search(str(error.get("hint") or "")) or _LISTED.search(str(error.get("message") or ""))
    return tuple(n.strip() for n in found[1].split(";")) if found else ()
