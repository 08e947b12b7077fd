"""Which of Chainlit's own routes the page needs. What is not listed does not exist: signing in, tokens, MCP, sharing,
uploads, actions, element editing, its API documents and its copilot."""

from __future__ import annotations

import re

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SOCKET = "SOCKET"
ALLOWED = tuple(
    (frozenset(methods.split()), re.compile(path))
    for methods, path in (
        ("GET", r"/user"),
        ("GET", r"/project/settings"),
        ("POST", r"/project/threads"),
        ("PUT DELETE", r"/project/thread"),
        ("GET", rf"/project/thread/{UUID}"),
        (SOCKET, r"/ws/socket\.io/?"),
    )
)
PAGE = re.compile(rf"/(?:thread/{UUID})?")


def allowed(method: str, path: str) -> bool:
    """Whether Chainlit may see this; `path` is below the client's prefix."""
    return any(method in methods and pattern.fullmatch(path) for methods, pattern in ALLOWED)


def is_page(path: str) -> bool:
    return PAGE.fullmatch(path) is not None
