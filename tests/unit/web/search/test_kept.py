"""An answer kept in front of the product differs from the first one in nothing but its request id."""

from __future__ import annotations

import httpx
import pytest

from camarad.settings import Settings
from tests.support.model_server import ModelServer
from tests.support.turns import hosted
from tests.support.web import HOME, Camarad, running
from web.search.kept import KeptSearch

PLAIN = ("x-request-id", "date")


class Counting:
    """How many requests went the long way."""

    def __init__(self, app: object) -> None:
        self.app, self.count = app, 0

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        self.count += 1
        await self.app(scope, receive, send)


@pytest.fixture
async def front(settings: Settings, sqlite_url: str, model_server: ModelServer):
    limited = hosted(settings, model_server, requests_per_minute_address=5, public_hosts=["camarad.example"])
    async with running(limited) as camarad:
        counting = Counting(camarad.app)
        yield counting, KeptSearch(counting, camarad.services.metrics, camarad.services.throttle), camarad


def at(app: object, address: str = "127.0.0.1") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=(address, 1)), base_url=HOME)


def comparable(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k not in PLAIN}


async def test_the_second_answer_is_the_first_one_under_its_own_id(front: tuple[Counting, KeptSearch, Camarad]) -> None:
    counting, app, camarad = front
    async with at(app) as http, at(camarad.app) as direct:
        answers = [await http.get("/api/search?q=ads") for _ in range(3)]
        plain = await direct.get("/api/search?q=ads")
        named = await http.get("/api/search?q=ads", headers={"X-Request-ID": "mine"})
    assert counting.count == 1
    assert {comparable(each)[1] for each in (*answers, named)} == {plain.content}
    assert comparable(answers[2]) == comparable(plain)
    assert len({each.headers["x-request-id"] for each in answers}) == 3 and named.headers["x-request-id"] == "mine"
    assert 'route="/api/search",status="200"} 5.0' in camarad.services.metrics.render().decode()


async def test_refusals_and_what_is_asked_otherwise_go_the_long_way(
    front: tuple[Counting, KeptSearch, Camarad],
) -> None:
    counting, app, _ = front
    async with at(app) as http:
        for _ in range(2):
            assert (await http.get("/api/search?q=a&limit=9")).status_code == 422
            assert (await http.get("/api/search?q=a", headers={"Host": "elsewhere.example"})).status_code == 421
            assert (await http.get("/api/search?q=a", headers={"X-Request-ID": "no id!"})).status_code == 200
            assert (await http.post("/api/search?q=a")).status_code == 405
            assert (await http.get("/api/app/search?q=a")).status_code == 401
    assert counting.count == 10


@pytest.mark.parametrize(("padding", "host"), [("y" * 60_000, "127.0.0.1"), ("", "y" * 60_000 + ".localhost")])
async def test_nobody_fills_the_memory_with_long_addresses(
    front: tuple[Counting, KeptSearch, Camarad], padding: str, host: str
) -> None:
    """2,048 answers may be kept; each with a key of 60 kB they would take 120 MB."""
    counting, app, _ = front
    async with at(app) as http:
        for _ in range(2):
            answer = await http.get(f"/api/search?q=ads&x={padding}", headers={"Host": host})
            assert answer.status_code == 200
    assert counting.count == 2


async def test_the_longest_query_there_is_gets_kept(front: tuple[Counting, KeptSearch, Camarad]) -> None:
    counting, app, _ = front
    async with at(app) as http:
        for _ in range(2):
            assert (await http.get("/api/search", params={"q": "\U0001f600" * 80, "limit": "8"})).status_code == 200
    assert counting.count == 1


async def test_another_host_has_answers_of_its_own(front: tuple[Counting, KeptSearch, Camarad]) -> None:
    _, app, _ = front
    async with at(app) as http:
        for _ in range(2):
            local = await http.get("/api/search?q=a")
            public = await http.get("/api/search?q=a", headers={"Host": "camarad.example"})
    assert "strict-transport-security" in public.headers and "strict-transport-security" not in local.headers


async def test_kept_answers_count_against_the_limit_of_an_address(front: tuple[Counting, KeptSearch, Camarad]) -> None:
    _, app, _ = front
    async with at(app, "203.0.113.7") as http:
        codes = [(await http.get("/api/search?q=a")).status_code for _ in range(7)]
    assert codes == [200] * 5 + [429] * 2
