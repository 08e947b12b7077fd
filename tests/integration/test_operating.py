"""What operators run, run as they run it, against the whole product; also while every fifth call to Google fails."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.product import EMAIL, PASSWORD, ROOT, Product, running_product

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TOKEN = "for-operators"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running_product(tmp_path_factory.mktemp("operated"), INTERNAL_TOKEN=TOKEN) as running:
        yield running


@pytest.fixture
def person(product: Product) -> Iterator[httpx.Client]:
    """Signed in to the demo workspace."""
    with httpx.Client(base_url=product.url, timeout=60) as client:
        client.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD}).raise_for_status()
        yield client


@pytest.fixture
def every_fifth_call_fails(person: httpx.Client) -> Iterator[None]:
    google = _google(person)
    httpx.post(f"{google}/control/Share", json=SHARE).raise_for_status()
    yield
    httpx.post(f"{google}/control/Clear", json={}).raise_for_status()


SHARE = {"method": "*", "code": "unavailable", "percent": 20, "seed": 7}


def _google(person: httpx.Client) -> str:
    """Where the emulator's sign-in answers, from an address that leads there."""
    answer = person.get("/api/connectors/ga4/auth-url", headers={"X-Client-ID": "demo-lampadar"}).raise_for_status()
    address = urlsplit(answer.json()["url"])
    return f"{address.scheme}://{address.netloc}"


def run(script: str, product: Product, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "BASE_URL": product.url, "ATTEMPTS": "20", **settings}
    return subprocess.run(
        [ROOT / "scripts" / script], env=environment, capture_output=True, text=True, timeout=280, check=False
    )


def cookie_header(person: httpx.Client) -> str:
    return "; ".join(f"{name}={value}" for name, value in person.cookies.items())


def test_smoke_passes_twenty_times(product: Product) -> None:
    done = run("smoke.sh", product, INTERNAL_TOKEN=TOKEN)
    assert done.returncode == 0, done.stdout
    assert "20/20 attempts passed" in done.stdout and "skipped" not in done.stdout


def test_smoke_says_what_it_left_out_without_the_token(product: Product) -> None:
    done = run("smoke.sh", product, ATTEMPTS="1")
    assert done.returncode == 0, done.stdout
    assert "skipped: INTERNAL_TOKEN is not set" in done.stdout


def test_smoke_fails_with_a_wrong_token(product: Product) -> None:
    done = run("smoke.sh", product, ATTEMPTS="1", INTERNAL_TOKEN="wrong")
    assert done.returncode == 1 and "0/1 attempts passed" in done.stdout


def test_the_connectors_pass_twenty_times_with_an_account_of_the_scripts_own(product: Product) -> None:
    done = run("connect_confidence.sh", product, MODE="MOCK")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20/20 attempts passed" in done.stdout


def test_the_connectors_pass_twenty_times_while_every_fifth_call_fails(
    product: Product, every_fifth_call_fails: None
) -> None:
    done = run("connect_confidence.sh", product, MODE="MOCK")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20/20 attempts passed" in done.stdout


def test_smoke_passes_while_every_fifth_call_fails(product: Product, every_fifth_call_fails: None) -> None:
    assert run("smoke.sh", product, INTERNAL_TOKEN=TOKEN).returncode == 0


def test_a_signed_in_browser_is_enough_and_nothing_is_changed_for_it(product: Product, person: httpx.Client) -> None:
    before = person.get("/api/clients").json()
    done = run("connect_confidence.sh", product, MODE="AUTHED", AUTH_COOKIE_HEADER=f"Cookie: {cookie_header(person)}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20/20 attempts passed" in done.stdout
    assert person.get("/api/clients").json() == before


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"MODE": "AUTHED"}, "signs nobody in"),
        ({"MODE": "OTHER"}, "MODE is AUTHED or MOCK"),
        ({"BASE_URL": "http://127.0.0.1:9"}, "cannot be reached"),
    ],
)
def test_what_cannot_begin_says_why(product: Product, settings: dict[str, str], why: str) -> None:
    done = run("connect_confidence.sh", product, **settings)
    assert done.returncode == 2 and why in done.stderr
