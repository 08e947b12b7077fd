"""Every cookie the product sets, as its running server sends it: on this machine, and behind a proxy that ends TLS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import httpx
import pytest

from tests.support.emulator import consent
from tests.support.oauth import AGENCY, path_of
from tests.support.product import EMAIL, PASSWORD, Product, running_product

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TOKEN = "the operators' token"
HOST = "camarad.example"
WAYS: dict[str, dict[str, str]] = {
    "on loopback": {},
    "through a proxy that ends TLS": {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"},
}
# name: SameSite, Path
TABLE = {
    "camarad_session": ("lax", "/"),
    "camarad_device": ("lax", "/"),
    "camarad_client": ("lax", "/"),
    "camarad_language": ("lax", "/"),
    "camarad_form": ("lax", "/"),
    "camarad_browser": ("lax", "/"),
    "camarad_link": ("lax", "/"),
    "camarad_proof": ("lax", "/"),
    "camarad_reset": ("lax", "/"),
    "camarad_operator": ("strict", "/operations"),
}
# Given only to who proved something first: tests/integration/test_first_password.py and test_password_reset.py.
EARNED = {"camarad_proof", "camarad_reset"}
ENDED = {"camarad_session", "camarad_client", "camarad_form", "camarad_operator"}


@dataclass
class Visitor:
    """Sends cookies back whatever they say of themselves, and keeps each one that any answer set."""

    http: httpx.Client
    headers: dict[str, str]
    kept: dict[str, str] = field(default_factory=dict)
    seen: list[Morsel[str]] = field(default_factory=list)

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        self.http.cookies.clear()
        headers = self.headers | {"Accept": "text/html"}
        if self.kept:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.kept.items())
        answer = self.http.request(method, path, headers=headers, **more)  # type: ignore[arg-type]
        assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.seen.append(morsel)
                self.kept[name] = morsel.value
        return answer

    def send_form(self, path: str, page: str, **fields: str) -> httpx.Response:
        """With the token of the page that has the form."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("GET", page).text)
        assert found is not None, page
        return self.ask("POST", path, data={**fields, "csrf_token": found[1]})


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    settings = {"PUBLIC_HOSTS": f'["{HOST}"]', "TRUSTED_PROXIES": '["127.0.0.1"]', "INTERNAL_TOKEN": TOKEN}
    with running_product(tmp_path_factory.mktemp("cookies"), **settings) as running:
        yield running


@pytest.fixture(scope="module", params=list(WAYS))
def cookies(request: pytest.FixtureRequest, product: Product) -> tuple[str, list[Morsel[str]]]:
    """What a person is given who signs in, chats, asks Google, looks at costs and leaves."""
    with httpx.Client(base_url=product.url, timeout=60, trust_env=False) as http:
        known, owner = Visitor(http, WAYS[request.param]), Visitor(http, WAYS[request.param])
        known.send_form("/login", "/login", email=EMAIL, password=PASSWORD)
        known.send_form("/language", "/settings", language="ro")
        known.ask("GET", "/c/demo-lampadar/chat/")
        known.send_form("/logout", "/settings")
        unproven(product, http)
        at_google = owner.ask("GET", "/api/auth/google/start").headers["location"]
        owner.ask("GET", path_of(consent(at_google, AGENCY)))
        owner.send_form("/operations", "/operations", token=TOKEN)
        door = owner.ask("GET", "/login").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', door)
        assert token is not None
        owner.ask("POST", "/operations/sign-out", data={"csrf_token": token[1]})
        return str(request.param), known.seen + owner.seen


def unproven(product: Product, http: httpx.Client) -> None:
    """An account with an e-mail of Google's that its owner has not proven, so that the owner is asked."""
    made = http.post("/api/auth/signup", json={"email": AGENCY, "password": PASSWORD})
    assert made.status_code in (201, 409)


def test_every_cookie_is_in_the_table_and_as_it_says(cookies: tuple[str, list[Morsel[str]]]) -> None:
    way, seen = cookies
    for each in seen:
        samesite, path = TABLE[each.key]
        assert each["httponly"] is True, each
        assert (each["samesite"].lower(), each["path"]) == (samesite, path), each
        assert each["domain"] == "", each
        assert bool(each["secure"]) == (way != "on loopback"), each
    assert {each.key for each in seen} == set(TABLE) - EARNED


def test_what_ends_a_cookie_names_it_as_it_was_set(cookies: tuple[str, list[Morsel[str]]]) -> None:
    """With another path or without Secure a browser would keep it."""
    ended = {each.key for each in cookies[1] if each["max-age"] == "0"}
    assert ended == ENDED
    assert all(each.value == "" for each in cookies[1] if each["max-age"] == "0")


def test_no_cookie_is_named_in_the_source_but_not_in_the_table() -> None:
    named = {
        name for file in (ROOT / "web").rglob("*.py") for name in re.findall(r'= "(camarad_\w+)"', file.read_text())
    }
    assert named == set(TABLE)


@pytest.mark.parametrize("language", ["en", "ro"])
def test_the_privacy_notice_names_what_people_get(language: str) -> None:
    notice = (ROOT / "web" / "templates" / "legal" / f"privacy.{language}.html").read_text()
    assert {name for name in TABLE if name not in notice} == {"camarad_operator"}  # whose wearers run the server
