"""What Google sent back with the browser, read strictly: each parameter once, nothing of absurd length."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from web.oauth.outcomes import OAuthProblem
from web.oauth.state import Flow, StateRefused, States

MOST_CHARACTERS: Final = 4096
_ERROR: Final = re.compile(r"[a-z_]{1,60}")  # RFC 6749, section 4.1.2.1, as far as Google uses it


@dataclass(frozen=True, slots=True)
class Returned:
    """`code` or `error` is empty."""

    state: str
    code: str
    error: str


def read(request: Request) -> Returned:
    """Raises OAuthProblem `bare` when nothing came back, `tampered` for what Google never sends."""
    found = {name: _once(request, name) for name in ("state", "code", "error")}
    if not found["state"] or not (found["code"] or found["error"]):
        raise OAuthProblem("tampered" if found["code"] else "bare")
    error = found["error"]
    if error and not _ERROR.fullmatch(error):
        raise OAuthProblem("tampered")
    return Returned(found["state"], "" if error else found["code"], error)


def _once(request: Request, name: str) -> str:
    values = request.query_params.getlist(name)
    if len(values) > 1 or any(len(value) > MOST_CHARACTERS for value in values):
        raise OAuthProblem("tampered")
    return values[0] if values else ""


def opened(states: States, returned: Returned, path: str) -> Flow:
    """The flow that a state carries. Raises OAuthProblem for one that is not ours, over, or meant for another path."""
    try:
        flow = states.open(returned.state)
    except StateRefused as refused:
        raise OAuthProblem(refused.why) from refused
    if urlsplit(flow.redirect_uri).path != path:
        raise OAuthProblem("tampered")
    return flow
