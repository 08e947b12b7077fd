"""The two pages a person may see: the consent page, and what was wrong with the request. Plain HTML, no script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import Request

from tools.emulator.oauth.request import AuthRequest, BadRequest
from tools.emulator.oauth.scopes import DATA
from tools.emulator.oauth.state import Google
from tools.emulator.oauth.words import WORDS, of_identity
from tools.emulator.users import GoogleUser

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).with_name("templates")
_STYLE = (_FOLDER / "page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

# No form-action: browsers apply it to the redirect after the form too, and the server checks where that may lead.
CSP = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"


def language_of(request: Request) -> str:
    """Google's `hl`, else the browser's first language that we have."""
    wished = [request.query_params.get("hl", "")]
    wished += [part.partition(";")[0] for part in request.headers.get("accept-language", "").split(",")]
    known = (part.strip()[:2].lower() for part in wished)
    return next((language for language in known if language in WORDS), "en")


def consent(asked: AuthRequest, google: Google, chosen: str, language: str) -> str:
    users = sorted(google.users.values(), key=lambda user: user.email != chosen)  # the proposed one comes first
    words = WORDS[language]
    identity = of_identity(asked.scopes)
    return _render(
        "consent.html",
        language,
        client=asked.client.name,
        host=urlsplit(asked.redirect_uri).netloc,
        accounts=[_account(user, words) for user in users],
        chosen=chosen,
        identity=words[identity] if identity else None,
        scopes=[{"name": s, "label": words[s], "about": words[f"{s} about"]} for s in asked.scopes if s in DATA],
    )


def problem(error: BadRequest, language: str) -> str:
    return _render("problem.html", language, code=error.code, about=error.about, status=error.status)


def _account(user: GoogleUser, words: dict[str, str]) -> dict[str, str]:
    hue = str(int(user.subject) % 6)
    return {"email": user.email, "name": user.name, "about": words[user.about], "letter": user.name[:1], "hue": hue}


def _render(template: str, language: str, **values: Any) -> str:
    return _templates().get_template(template).render(t=WORDS[language], language=language, style=_STYLE, **values)


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
