"""A name that is nothing of this client's ("show me Acme's ad spend"): its figures are never taken for another's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.embedded.answers.view import View
from agents.embedded.arguments.bare import bare_names, capitalised
from agents.embedded.dates import without_dates
from agents.embedded.lexicon import concepts_in
from agents.embedded.request import Request
from agents.embedded.text import tidy

_UNKNOWN_CAMPAIGN = re.compile(r"No campaign's name contains")
_SAID = {
    "en": (
        "Nothing here is called “{name}”: these figures are those of {client}. Another client has its own chat.",
        "If “{name}” is another client, ask in its own chat: here only the figures of {client} can be read.",
    ),
    "ro": (
        "Aici nimic nu se numește „{name}”: cifrele sunt ale clientului {client}. Alt client are chatul lui.",
        "Dacă „{name}” este alt client, întrebați în chatul lui: aici se pot citi doar cifrele clientului {client}.",
    ),
}
_THIS = {"en": "this client", "ro": "acesta"}


def stranger(request: Request, views: Sequence[View], language: str) -> str:
    """One sentence about the one name that no result has; nothing when names are compared, which is told elsewhere."""
    question = without_dates(request.question, request.facts.today)
    client = request.facts.client
    said = bare_names(question, client) or capitalised(question, client)
    names = [name for name in said if not concepts_in(name)]
    if len(names) != 1:
        return ""
    read = [view for view in views if view.error is None and view.source not in ("", "camarad")]
    refused = any(_UNKNOWN_CAMPAIGN.search((view.error or {}).get("message", "")) for view in views)
    if not refused and (not read or _has(read, names[0])):
        return ""
    return _SAID[language][refused].format(name=names[0], client=client or _THIS[language])


def _has(views: Sequence[View], name: str) -> bool:
    return tidy(name) in tidy(str([(view.args, view.rows, view.title, view.notes) for view in views]))
