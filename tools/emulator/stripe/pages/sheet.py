"""Making a page: the template, the language, money and dates as its readers write them."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from tools.emulator.stripe.pages.words import MONTHS, WORDS

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).with_name("templates")
_STYLE = (_FOLDER / "page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

# No form-action: browsers apply it to the redirect after the form too, which leads back to the shop.
CSP = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"

# What each test card is for, by number, in the order offered.
OFFERED = ("4242424242424242", "4000000000000002", "4000002760003184", "4000000000000341")


def language_of(request: Request, wished: str | None = None) -> str:
    """What the session asks for, else the browser's first language that we have."""
    asked = [wished or ""]
    asked += [part.partition(";")[0] for part in request.headers.get("accept-language", "").split(",")]
    known = (part.strip()[:2].lower() for part in asked)
    return next((language for language in known if language in WORDS), "en")


def money(cents: int, currency: str, language: str) -> str:
    sign = "−" if cents < 0 else ""
    units, rest = divmod(abs(cents), 100)
    if language == "ro":
        return f"{sign}{units:,}".replace(",", ".") + f",{rest:02d} {currency.upper()}"
    symbol = {"eur": "€", "usd": "$", "gbp": "£"}.get(currency, f"{currency.upper()} ")
    return f"{sign}{symbol}{units:,}.{rest:02d}"


def day(instant: int, language: str) -> str:
    at = datetime.fromtimestamp(instant, UTC)
    return f"{at.day} {MONTHS[language][at.month - 1]} {at.year}"


def spaced(number: str) -> str:
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def show(template: str, language: str, status: int = 200, **values: Any) -> HTMLResponse:
    text = (
        _templates()
        .get_template(template)
        .render(
            t=WORDS[language],
            language=language,
            style=_STYLE,
            money=lambda cents, currency="eur": money(cents, currency, language),
            day=lambda instant: day(instant, language),
            spaced=spaced,
            offered=OFFERED,
            **values,
        )
    )
    return HTMLResponse(text, status, {"content-security-policy": CSP})


def problem(language: str, words: str, status: int = 404) -> HTMLResponse:
    return show("problem.html", language, status, about=WORDS[language][words])


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
