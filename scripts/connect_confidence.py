"""Whether the connectors stand up to being asked again and again, as an operator sees it from outside.

MODE=AUTHED goes in with AUTH_COOKIE_HEADER and reads what is connected there, changing nothing: its consents are
refused at the last step. MODE=MOCK needs the demo server: it makes an account of its own and connects and disconnects
it at the Google emulator in every attempt. See docs/operate.md.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from probe import Answer, Failed, Site, Tally, cookies_of

READ_GA4 = "https://www.googleapis.com/auth/analytics.readonly"
GOOGLE_USER = "agency@camarad.example"
UNTICKING = "reader@camarad.example"  # another one: what a Google account has granted before needs no tick again
TAB = "/api/connectors/ga4/overview?range=7days&compare=previous&refresh=1"
ADS_TABS = {"campaigns": "range=7days&refresh=1", "metrics": "days=14&refresh=1"}


@dataclass(frozen=True)
class Provider:
    name: str
    things: str  # what is chosen after consent, in the addresses of its lists
    thing: str

    def path(self, rest: str) -> str:
        return f"/api/connectors/{self.name}/{rest}"


GA4 = Provider("ga4", "properties", "property")
ADS = Provider("google-ads", "accounts", "account")


def main() -> int:
    base = os.environ.get("BASE_URL", "http://127.0.0.1:8000")
    mode = os.environ.get("MODE", "MOCK").upper()
    attempts = int(os.environ.get("ATTEMPTS", "20"))
    tally, site = Tally(), Site(base)
    try:
        run = _prepare(site, mode)
    except Failed as error:
        print(f"Cannot begin: {error}", file=sys.stderr)
        return 2
    whole = 0
    try:
        for _ in range(attempts):
            before = tally.failed
            run(site, tally)
            whole += tally.failed == before
    finally:
        if mode == "MOCK":
            tally.check("disconnect", lambda: disconnect(site))
    print(tally.table())
    print(f"\n{whole}/{attempts} attempts passed, {site.retries} requests repeated, {mode}: {base}")
    return 0 if whole == attempts else 1


def _prepare(site: Site, mode: str) -> Callable[[Site, Tally], None]:
    if mode == "AUTHED":
        _sign_in_with_cookies(site, os.environ.get("AUTH_COOKIE_HEADER", ""), os.environ.get("CLIENT_ID", ""))
        return authed
    if mode == "MOCK":
        _make_account(site)
        return mock
    raise Failed(f"MODE is AUTHED or MOCK, not {mode!r}")


def _sign_in_with_cookies(site: Site, header: str, client_id: str) -> None:
    site.cookies = cookies_of(header)
    status = site.get("/api/auth/status").expect(200).json()
    if not status["signed_in"]:
        raise Failed("AUTH_COOKIE_HEADER signs nobody in; copy the Cookie header of a signed-in browser")
    site.csrf = status["csrf_token"]
    clients = site.get("/api/clients").expect(200).json()["clients"]
    connected = [c["id"] for c in clients if set(c["connections"].values()) == {"connected"}]
    if not (client_id or connected):
        raise Failed("no client has both GA4 and Google Ads connected; connect one, or name it in CLIENT_ID")
    site.client_id = client_id or connected[0]


def _make_account(site: Site) -> None:
    body = {"email": f"confidence-{secrets.token_hex(6)}@camarad.example", "password": secrets.token_urlsafe(24)}
    site.csrf = site.post("/api/auth/signup", body).expect(201).json()["csrf_token"]
    site.client_id = site.post("/api/clients", {"name": "Connect confidence"}).expect(201).json()["client"]["id"]


def authed(site: Site, tally: Tally) -> None:
    for provider in (GA4, ADS):
        name = provider.name
        tally.check(f"{name} auth-url", lambda p=provider: auth_url(site, p))  # type: ignore[misc]
        tally.check(f"{name} callback twice, refused", lambda p=provider: refused_twice(site, p))  # type: ignore[misc]
        tally.check(f"{name} status", lambda p=provider: status(site, p, "connected"))  # type: ignore[misc]
        tally.check(f"{name} {provider.things}", lambda p=provider: listed(site, p))  # type: ignore[misc]
        tally.check(f"{name} scopes complete", lambda p=provider: scopes_complete(site, p))  # type: ignore[misc]
    read(site, tally)


def mock(site: Site, tally: Tally) -> None:
    tally.check("disconnect", lambda: disconnect(site))
    tally.check("ga4 missing scope", lambda: missing_scope(site))
    for provider in (GA4, ADS):
        name = provider.name
        tally.check(f"{name} auth-url", lambda p=provider: auth_url(site, p))  # type: ignore[misc]
        tally.check(f"{name} consent, callback twice", lambda p=provider: consented_twice(site, p))  # type: ignore[misc]
        tally.check(f"{name} {provider.thing}", lambda p=provider: choose(site, p))  # type: ignore[misc]
        tally.check(f"{name} status", lambda p=provider: status(site, p, "connected"))  # type: ignore[misc]
    read(site, tally)


def disconnect(site: Site) -> None:
    for provider in (GA4, ADS):
        site.call("DELETE", f"/api/connectors/{provider.name}").expect(200, 204)


def read(site: Site, tally: Tally) -> None:
    tally.check("ga4 tab with a range", lambda: rows(site.get(TAB)))
    for tab, query in ADS_TABS.items():
        path = ADS.path(f"{tab}?{query}")
        tally.check(f"google-ads {tab}", lambda path=path: rows(site.get(path)))  # type: ignore[misc]


def auth_url(site: Site, provider: Provider) -> str:
    answer = site.get(provider.path("auth-url")).expect(200).expect_header("Cache-Control", "no-store")
    url = str(answer.json()["url"])
    asked = parse_qs(urlsplit(url).query)
    for name in ("state", "code_challenge", "redirect_uri"):
        if not asked.get(name):
            raise Failed(f"the consent address has no {name}")
    if asked.get("access_type") != ["offline"]:
        raise Failed("the consent address does not ask for offline access")
    return url


def refused_twice(site: Site, provider: Provider) -> None:
    state = parse_qs(urlsplit(auth_url(site, provider)).query)["state"][0]
    path = provider.path("oauth/callback?" + urlencode({"error": "access_denied", "state": state}))
    landed(site.get(path, Accept="text/html"))
    landed(site.get(path, Accept="text/html"))


def consented_twice(site: Site, provider: Provider) -> None:
    back = consent(site, auth_url(site, provider))
    landed(site.get(back, Accept="text/html"))
    landed(site.get(back, Accept="text/html"))


def missing_scope(site: Site) -> None:
    back = consent(site, auth_url(site, GA4), UNTICKING, without=READ_GA4)
    landed(site.get(back, Accept="text/html"))
    status(site, GA4, "missing_scope")
    disconnect(site)


def consent(site: Site, url: str, user: str = GOOGLE_USER, without: str = "") -> str:
    """Decide on the emulator's page as a person would; gives the address it sends the browser back to."""
    google = Site(url)
    google.get(url, Accept="text/html").expect(200)
    scopes = [name for name in parse_qs(urlsplit(url).query)["scope"][0].split() if name != without]
    fields = [("account", user), ("decision", "allow"), *(("scope", name) for name in scopes)]
    answer = google.form(url, fields).expect(302, 303)
    site.retries += google.retries
    return answer.header("Location")


def landed(answer: Answer) -> None:
    """A callback ends on a page that says what happened, and nobody may keep it."""
    answer.expect(200, 302, 303, 400, 403, 409).expect_header("Cache-Control", "no-store")


def status(site: Site, provider: Provider, wanted: str) -> dict[str, Any]:
    found: dict[str, Any] = site.get(provider.path("status")).expect(200).json()
    if found.get("state") != wanted:
        raise Failed(f"{provider.name} is {found.get('state')!r} and not {wanted!r}")
    return found


def scopes_complete(site: Site, provider: Provider) -> None:
    if missing := status(site, provider, "connected").get("missing_scopes"):
        raise Failed(f"consent does not cover {missing}")


def listed(site: Site, provider: Provider) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.get(provider.path(provider.things)).expect(200).json()[provider.things]
    if not found:
        raise Failed(f"{provider.name} lists no {provider.things}")
    return found


def choose(site: Site, provider: Provider) -> None:
    first = next(each for each in listed(site, provider) if each.get("selectable", True))
    site.post(provider.path(provider.thing), {"id": first["id"]}).expect(200)


def rows(answer: Answer) -> None:
    body = answer.expect(200).json()
    if not body["meta"]["source"] or not body["meta"]["as_of"]:
        raise Failed(f"{answer.url} does not say where its numbers come from")
    if not any(section["rows"] for section in body["sections"]):
        raise Failed(f"{answer.url} has no numbers")


if __name__ == "__main__":
    sys.exit(main())
