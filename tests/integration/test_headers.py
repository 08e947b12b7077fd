"""The headers of every answer: what a page may load, and who may keep a copy. On every route there is."""

from __future__ import annotations

import re
from itertools import product
from typing import Final

import httpx
from fastapi.routing import APIRoute

from tests.support.web import Camarad
from web.app import API_ROUTES, PAGE_ROUTES

FOR_ALL: Final = {"/api/search": "public, max-age=300"} | dict.fromkeys(
    ("/robots.txt", "/sitemap.xml"), "public, max-age=3600"
)  # the same for everybody; a proxy may keep them
FOR_VISITORS: Final = {"/", "/chat-demo", "/docs", "/legal", "/pricing", "/privacy", "/terms"}  # pages for everybody
POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
REST: Final = {
    "content-security-policy": POLICY,
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
READING: Final = sorted(
    {
        route.path
        for router in (*API_ROUTES, *PAGE_ROUTES)
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }
)


def due(path: str, answer: httpx.Response, *, visitor: bool) -> dict[str, str]:
    kept = "no-store"
    if answer.status_code == 200 and path in FOR_ALL:
        kept = FOR_ALL[path]
    elif answer.status_code == 200 and visitor and path in FOR_VISITORS:
        kept = "private, no-cache"
    return {**REST, "cache-control": kept}


async def test_every_answer_says_what_it_may_load_and_who_may_keep_it(api: Camarad) -> None:
    ana, nobody = await api.sign_up(), api.browser()
    await ana.new_client()
    wrong = {}
    for path in READING:
        address = re.sub(r"\{\w+(:path)?\}", "unknown", path)
        for browser, kind in product((ana, nobody), ("text/html", "application/json")):
            answer = await browser.get(address, Accept=kind)
            wanted = due(path, answer, visitor=browser is nobody)
            if found := {name: answer.headers.get(name) for name in wanted if answer.headers.get(name) != wanted[name]}:
                wrong[path, kind, browser is nobody] = found
    assert wrong == {}
