"""Whether a running Camarad is well: health, pages, search, and that what is closed is closed.

BASE_URL, INTERNAL_TOKEN and ATTEMPTS come from the environment; see docs/operate.md.
"""

from __future__ import annotations

import os
import sys

from probe import Failed, Site, Tally

PAGES = ("/", "/pricing", "/signup", "/login", "/legal", "/privacy", "/terms", "/chat-demo", "/docs")
PRIVATE_PAGES = ("/app", "/connectors", "/settings", "/settings/billing", "/chat")
CALLBACKS = (
    "/api/connectors/ga4/oauth/callback",
    "/api/connectors/google-ads/oauth/callback",
    "/api/auth/google/callback",
)
INTERNAL = ("/api/billing/cost-telemetry", "/metrics")


def main() -> int:
    site = Site(os.environ.get("BASE_URL", "http://127.0.0.1:8000"))
    attempts = int(os.environ.get("ATTEMPTS", "1"))
    token = os.environ.get("INTERNAL_TOKEN", "")
    tally = Tally()
    whole = sum(attempt(site, tally, token) for _ in range(attempts))
    print(tally.table())
    print(f"\n{whole}/{attempts} attempts passed, {site.retries} requests repeated: {site.base}")
    return 0 if whole == attempts else 1


def attempt(site: Site, tally: Tally, token: str) -> bool:
    before = tally.failed
    tally.check("health", lambda: site.get("/healthz").expect(200))
    tally.check("readiness", lambda: site.get("/readyz").expect(200))
    for page in PAGES:
        tally.check(f"page {page}", lambda page=page: site.get(page, Accept="text/html").expect(200))  # type: ignore[misc]
    for page in PRIVATE_PAGES:
        tally.check(f"sign-in before {page}", lambda page=page: asks_to_sign_in(site, page))  # type: ignore[misc]
    tally.check("public search", lambda: finds(site))
    tally.check("app search is closed", lambda: closed(site, "/api/app/search?q=a", 401))
    for path in CALLBACKS:
        tally.check(f"bare {path}", lambda path=path: bare_callback(site, path))  # type: ignore[misc]
    for path in INTERNAL:
        tally.check(f"closed {path}", lambda path=path: closed(site, path, 403))  # type: ignore[misc]
        if token:
            tally.check(f"open {path}", lambda path=path: site.get(path, X_Internal_Token=token).expect(200))  # type: ignore[misc]
        else:
            tally.skip(f"open {path}", "INTERNAL_TOKEN is not set")
    return tally.failed == before


def asks_to_sign_in(site: Site, page: str) -> None:
    answer = site.get(page, Accept="text/html").expect(302, 303, 307)
    if "/login" not in answer.header("Location"):
        raise Failed(f"{page} leads to {answer.header('Location')!r} and not to /login")


def finds(site: Site) -> None:
    answer = site.get("/api/search?q=google%20ads").expect(200).expect_header("Cache-Control", "public")
    if answer.json()["results"][0]["title"] != "Google Ads":
        raise Failed("the search for “google ads” does not begin with Google Ads")
    if site.get("/api/search?q=google%20ads").body != answer.body:
        raise Failed("the same query gave other bytes the second time")


def closed(site: Site, path: str, status: int) -> None:
    site.get(path).expect(status).expect_header("Cache-Control", "no-store")


def bare_callback(site: Site, path: str) -> None:
    site.get(path).expect(400).expect_header("Cache-Control", "no-store")
    site.head(path).expect(400).expect_header("Cache-Control", "no-store")


if __name__ == "__main__":
    sys.exit(main())
