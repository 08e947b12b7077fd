"""Pages from templates: the reader's language, who they are, and the helpers every template may use."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from billing.entitlements import PlanLimit
from camarad.errors import CamaradError
from web import cookies, i18n, roles
from web.sessions import SignedIn

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "static"
FORM_AGE = 12 * 3600

ENVIRONMENT = Environment(
    loader=FileSystemLoader(ROOT / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@cache
def static_url(path: str) -> str:
    """The address of a static file with a mark of its content, so that browsers may keep it for good."""
    mark = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={mark}"


def language_of(request: Request, who: SignedIn | None) -> str:
    """What was chosen on our pages, else the person's own language, else what the browser asks for."""
    chosen = request.cookies.get(cookies.LANGUAGE)
    if chosen in i18n.LANGUAGES:
        return str(chosen)
    return who.language if who else i18n.preferred(request.headers.get("accept-language", ""))


def page(request: Request, template: str, *, status: int = 200, private: bool = True, **values: Any) -> HTMLResponse:
    """A page as this reader gets it. One that is the same for every visitor may be kept for a moment."""
    who: SignedIn | None = getattr(request.state, "signed_in", None)
    language = language_of(request, who)
    form_id, fresh = _form_id(request)
    values.setdefault("here", cookies.local_path(request.url.path, "/") if request.method == "GET" else "/")
    html = ENVIRONMENT.get_template(template).render(
        t=partial(i18n.translate, language),
        number=partial(i18n.number, language),
        money=partial(i18n.money, language),
        moment=partial(i18n.moment, language),
        static=static_url,
        language=language,
        languages=i18n.LANGUAGES,
        who=who,
        may=lambda act: who is not None and roles.may(who, act),
        csrf_token=who.csrf_token if who else _form_token(request, form_id),
        path=request.url.path,
        **values,
    )
    response = HTMLResponse(html, status, headers={"Content-Language": language, "Vary": "Accept-Language, Cookie"})
    if not private and who is None:
        response.headers["Cache-Control"] = "private, no-cache"
    if fresh and who is None:
        cookies.set_cookie(request, response, cookies.FORM, form_id, FORM_AGE)
    return response


def _form_id(request: Request) -> tuple[str, bool]:
    """What binds the forms of a visitor without a sign-in to their browser."""
    from camarad.ids import new_secret

    kept = request.cookies.get(cookies.FORM, "")
    return (kept, False) if kept else (new_secret(), True)


def _form_token(request: Request, form_id: str) -> str:
    services = getattr(request.app.state, "services", None)
    return str(services.signer.sign("form", form_id)) if services else ""


def form_token_fits(request: Request, token: str) -> bool:
    """Whether a form without a sign-in was made for this browser."""
    kept = request.cookies.get(cookies.FORM, "")
    signed = request.app.state.services.signer.read("form", token, FORM_AGE)
    return bool(kept) and signed == kept


def told(language: str, error: CamaradError) -> tuple[str, str]:
    """What went wrong and what to do, in words of our own; those of a bad input where there are none for its code."""
    key = f"error.{error.code}" if i18n.has(language, f"error.{error.code}") else "error.invalid_input"
    if not isinstance(error, PlanLimit):
        hint = f"{key}.hint"
        return i18n.translate(language, key), i18n.translate(language, hint) if i18n.has(language, hint) else ""
    facts = {k: i18n.number(language, v) if isinstance(v, int) else v for k, v in error.facts.items()}
    hint = f"{key}.hint" if error.lifted_by else f"{key}.most"
    return i18n.translate(language, key, **facts), i18n.translate(language, hint, **facts)


def error_page(request: Request, error: CamaradError) -> HTMLResponse:
    """What went wrong in the reader's language; the words of the error itself where we have none of our own."""
    who: SignedIn | None = getattr(request.state, "signed_in", None)
    language = language_of(request, who)
    known = i18n.has(language, f"error.{error.code}")
    own_words = language == i18n.DEFAULT and error.status < 500
    message, hint = told(language, error) if known else (error.message, error.hint) if own_words else ("", "")
    return page(
        request,
        "error.html",
        status=error.status,
        code=error.status,
        plan_limit=isinstance(error, PlanLimit),
        message=message or i18n.translate(language, "error.internal"),
        hint=hint or i18n.translate(language, "error.internal.hint"),
        request_id=str(request.scope.get("state", {}).get("request_id", "")),
    )
