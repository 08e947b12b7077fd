"""The chat page's HTML: Chainlit's own, without its calls to other hosts, with our names, theme and start-up facts.

Its interface compiles our elements in the browser, which needs 'unsafe-eval'; the policy allows it on these pages
only, and scripts only from this host or with this response's nonce.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse

from agents import roster
from web.chat.theme import theme
from web.chat.visit import ClientView, Visit
from web.chat.words import words

THIRD_PARTY = re.compile(r"<link[^>]*?https?://[^>]*?>", re.DOTALL)
HEAD_TAGS = re.compile(r"<!-- TAG INJECTION PLACEHOLDER -->")
SCRIPT = re.compile(r"<script(?=[\s>])")
CONTROLS = (
    *("write", "send", "stop", "sidebar", "search", "new_chat"),
    *("copy", "helpful", "not_helpful", "to_end", "thread_options"),
)
SCRIPT_WORDS = ("suggestions", "clients", "choose_agent", "settings", "demo_data", "too_long", *CONTROLS)
HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}


@cache
def _template(build_dir: Path) -> str:
    """Chainlit's index.html without other hosts and comments; its bundle is at one address for all clients."""
    html = THIRD_PARTY.sub("", (build_dir / "index.html").read_text())
    html = html.replace('"/assets/', '"/chat/assets/')
    return html.replace("<!-- CSS INJECTION PLACEHOLDER -->", "").replace("<!-- JS INJECTION PLACEHOLDER -->", "%JS%")


def boot_facts(visit: Visit, clients: Sequence[ClientView]) -> dict[str, Any]:
    """What the page's own script needs before its socket is up."""
    text = words(visit.language)
    return {
        "prefix": visit.prefix,
        "client": visit.client.id,
        "clients": [{"id": c.id, "name": c.name, "demo": c.demo} for c in clients],
        "language": visit.language,
        "mostChars": visit.services.settings.max_message_chars,
        "words": {key: text[key] for key in SCRIPT_WORDS},
        "agents": {agent.slug: agent.name for agent in roster.AGENTS},
    }


def page(build_dir: Path, visit: Visit, boot: dict[str, Any], version: str) -> HTMLResponse:
    nonce = secrets.token_urlsafe(16)
    html = _template(build_dir)
    html = HEAD_TAGS.sub(lambda _: _head(visit, version), html).replace("%JS%", _scripts(visit, boot, version))
    html = SCRIPT.sub(f'<script nonce="{nonce}"', html).replace('<html lang="en"', f'<html lang="{visit.language}"')
    return HTMLResponse(html, headers={**HEADERS, "content-security-policy": policy(nonce)})


def _head(visit: Visit, version: str) -> str:
    title = words(visit.language)["title"]
    return (
        f'<title>{title}</title><meta property="og:root_path" content="{visit.prefix}">'
        '<meta name="robots" content="noindex">'
        '<link rel="icon" href="/static/avatars/camarad.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/static/tokens.css">'
        f'<link rel="stylesheet" href="/chat/public/chat.css?v={version}">'
    )


def _scripts(visit: Visit, boot: dict[str, Any], version: str) -> str:
    facts = json.dumps(boot, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<script id="camarad-boot" type="application/json">{facts}</script>'
        f"<script>window.theme = {theme()}; window.transports = ['websocket'];</script>"
        f'<script src="/chat/public/chat.js?v={version}" defer></script>'
    )


def policy(nonce: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
