"""Providers' errors in our words, and what is tried next."""

from __future__ import annotations

import pytest

from camarad.errors import Upstream
from tests.support.model_server import Answer, failure, text
from tests.unit.agents.llm.conftest import FALLBACK, MODEL, Bench, MakeBench

TOO_LONG = failure(400, code="context_length_exceeded", message="This model's maximum context length is 128000 tokens.")
CASES = [
    (failure(429), "model_rate_limited", 503, 2),
    (failure(500), "model_unavailable", 503, 2),
    (failure(503), "model_unavailable", 503, 2),
    (failure(401), "model_auth", 502, 1),
    (failure(404), "model_unavailable", 502, 1),
    (failure(400), "model_refused", 502, 1),
    (TOO_LONG, "model_context_length", 502, 1),
    (text("gone", drop_after=0), "model_unavailable", 503, 2),
]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("answer", "code", "status", "requests"), CASES)
async def test_each_error_has_its_code_and_its_number_of_tries(
    bench: Bench, answer: Answer, code: str, status: int, requests: int, streamed: bool
) -> None:
    bench.server.otherwise = answer
    with pytest.raises(Upstream) as caught:
        await bench.ask(streamed)
    assert (caught.value.code, caught.value.status) == (code, status)
    assert len(bench.server.requests) == requests
    assert caught.value.hint


async def test_a_short_pause_the_provider_asks_for_is_kept(bench: Bench) -> None:
    bench.server.script(failure(429, retry_after=2), text("hello"))
    assert (await bench.ask(True)).text == "hello "
    assert bench.pauses == [2.0]


async def test_a_long_pause_is_left_to_the_caller(bench: Bench) -> None:
    bench.server.script(failure(429, retry_after=120))
    with pytest.raises(Upstream) as caught:
        await bench.ask(True)
    assert caught.value.retry_after == 120
    assert bench.pauses == [] and len(bench.server.requests) == 1


async def test_a_refused_key_goes_on_to_the_fallback(make_bench: MakeBench) -> None:
    bench = await make_bench(camarad_fallback_models=[FALLBACK])
    bench.server.script(failure(401), text("hello"))
    assert [(a["model"], a["outcome"]) for a in (await bench.ask(False)).attempts] == [
        (MODEL, "AuthenticationError"),
        (FALLBACK, "answered"),
    ]


async def test_a_refusal_is_not_asked_again_of_another_model(make_bench: MakeBench) -> None:
    bench = await make_bench(camarad_fallback_models=[FALLBACK])
    bench.server.script(failure(400))
    with pytest.raises(Upstream):
        await bench.ask(False)
    assert len(bench.server.requests) == 1


async def test_the_providers_words_stay_out_of_the_message(bench: Bench) -> None:
    bench.server.otherwise = failure(401, message="Incorrect API key provided: sk-abc***def")
    with pytest.raises(Upstream) as caught:
        await bench.ask(False)
    assert "sk-abc" not in caught.value.message + caught.value.hint
