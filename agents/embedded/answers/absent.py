"""A source that the question names and that cannot be read: said beside what the other has, with where to mend it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.embedded.answers.sources import provider
from agents.embedded.answers.view import View
from agents.embedded.arguments.bare import bare_names
from agents.embedded.dates import without_dates
from agents.embedded.facts import connected
from agents.embedded.lexicon import concepts_in
from agents.embedded.narrowing import named
from agents.embedded.request import Request
from agents.embedded.text import fold, tidy

_NAMES = {"ga4": "Google Analytics", "google-ads": "Google Ads"}
_ASKED = {
    "ga4": re.compile(r"\b(?:analytics|ga4|sessions?|sesiun\w*|visitors?|visits?|vizit\w*)\b"),
    "google-ads": re.compile(r"\b(?:google ads|adwords|ads account|reclam\w*|ad spend)\b"),
}
_SAID = {
    "en": "**{name}** cannot be read for this client ({state}), so none of its figures are here. "
    "It can be put right on [the Connectors page](/connectors).",
    "ro": "**{name}** nu poate fi citit pentru acest client ({state}), deci cifrele lui lipsesc de aici. "
    "Se rezolvă din [pagina Conectori](/connectors).",
}
_STATES = {
    "not connected": {"en": "not connected", "ro": "neconectat"},
    "missing scope": {"en": "the consent does not cover it", "ro": "acordul nu îl cuprinde"},
    "no access": {"en": "no access to the account", "ro": "fără acces la cont"},
    "expired": {"en": "the consent has expired", "ro": "acordul a expirat"},
    "reconnect": {"en": "to be connected again", "ro": "de reconectat"},
}
_UNKNOWN = {
    "en": (
        "No campaign here is called {names}; below is what the other one did.",
        "No campaign here is called {names}; below are the campaigns there are.",
    ),
    "ro": (
        "Nicio campanie nu se numește {names}; mai jos este cealaltă.",
        "Nicio campanie nu se numește {names}; mai jos sunt campaniile care există.",
    ),
}
_WHOLE = {
    "en": {
        "country": "for all countries together: {what} cannot be narrowed to {names} here.",
        "city": "for all cities together: {what} cannot be narrowed to {names} here.",
        "device": "for all devices together: {what} cannot be narrowed to {names} here.",
        "channel": "for all channels together: {what} cannot be narrowed to {names} here.",
    },
    "ro": {
        "country": "pentru toate țările la un loc: aici {what} nu poate fi restrâns la {names}.",
        "city": "pentru toate orașele la un loc: aici {what} nu poate fi restrâns la {names}.",
        "device": "pentru toate dispozitivele la un loc: aici {what} nu poate fi restrâns la {names}.",
        "channel": "pentru toate canalele la un loc: aici {what} nu poate fi restrâns la {names}.",
    },
}
_FIGURES = {"en": "These figures are", "ro": "Cifrele sunt"}
_REPORT = {"en": "this report", "ro": "acest raport"}
_ELSE = {"en": "it needs attention", "ro": "cere atenție"}


def absent(request: Request, views: Sequence[View], language: str) -> str:
    """One sentence for each; nothing when the results already tell, or when nothing else was read."""
    told = {provider(view) for view in views}
    if not any(view.error is None and view.source not in ("", "camarad") for view in views):
        return ""
    question = fold(request.question)
    lines = [
        _SAID[language].format(name=_NAMES[key], state=_state(state, language))
        for key, state in request.facts.connections.items()
        if key in _NAMES and _NAMES[key] not in told and connected(state) is False and _ASKED[key].search(question)
    ]
    return "\n".join(lines)


def unknown(request: Request, views: Sequence[View], language: str) -> str:
    """Compared names that no campaign has, so that the whole account is not taken for an answer about them."""
    listed = [v for v in views if v.keys and v.keys[0].name == "campaign" and v.rows and not v.truncated]
    if not listed or any(v.error is not None for v in views):
        return ""
    rows = [tidy(str(row.get("campaign", ""))) for view in listed for row in view.rows]
    names = _compared(request)
    missing = [name for name in names if not any(tidy(name) in row for row in rows)]
    if not missing:
        return ""
    return _UNKNOWN[language][len(missing) == len(names)].format(names=_listed(missing, language))


def everywhere(request: Request, views: Sequence[View], language: str) -> str:
    """What the person narrowed the question to and no report was: said before figures that are of the whole."""
    read = [v for v in views if v.error is None and v.source not in ("", "camarad")]
    if not read:
        return ""
    asked = named(without_dates(request.question, request.facts.today))
    lines = [
        f"{_FIGURES[language]} {words.format(what=_what(read, language), names=' / '.join(left))}"
        for kind, words in _WHOLE[language].items()
        if (left := [name for name in asked.get(kind, ()) if not any(_has(v, name, kind) for v in read)])
    ]
    return "\n".join(lines)


def _has(view: View, name: str, kind: str) -> bool:
    if kind == "channel" and view.tool.startswith("ads_"):
        return True  # the words for paid channels are also words for advertising
    return tidy(name) in tidy(str((view.args, view.rows, view.title)))


def _what(views: Sequence[View], language: str) -> str:
    return next(filter(None, map(provider, views)), _REPORT[language])


def _compared(request: Request) -> list[str]:
    """Two names or more held against each other; metrics and sources are no names."""
    names = bare_names(without_dates(request.question, request.facts.today), request.facts.client)
    plain = [name for name in names if not concepts_in(name)]
    return plain if len(plain) > 1 and len(plain) == len(names) else []


def _listed(names: Sequence[str], language: str) -> str:
    quoted = [f"“{name}”" if language == "en" else f"„{name}”" for name in names]
    return (" or " if language == "en" else " sau ").join(quoted)


def _state(text: str, language: str) -> str:
    folded = text.lower().replace("_", " ")
    found = next((words for name, words in _STATES.items() if name in folded), _ELSE)
    return found[language]
