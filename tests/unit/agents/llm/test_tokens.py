"""Counting offline, and the windows of models."""

from __future__ import annotations

import pytest

from agents.llm import count_tokens, window
from agents.llm.call import Request
from agents.llm.tokens import DEFAULT_WINDOW, count_request, most_tokens
from tests.unit.agents.llm.conftest import MODEL, TOOL, USER


def test_a_history_is_counted_by_the_models_tokenizer() -> None:
    assert 8 <= count_tokens(MODEL, USER) <= 14
    assert count_tokens(MODEL, [*USER, *USER]) == 2 * count_tokens(MODEL, USER)


def test_the_bound_for_the_hold_is_above_the_count_for_ordinary_text() -> None:
    for words in ("Care sunt cuvintele-cheie care irosesc bugetul? " * 20, "plain words " * 50):
        request = Request([{"role": "user", "content": words}], [TOOL], None, 100)
        assert most_tokens(request) >= count_request(MODEL, request)


@pytest.mark.parametrize("words", ["k7 q3 " * 200, "10.482,17;" * 200, "关键词" * 200, "🚀🎯" * 200, "qzxvkjwh" * 200])
@pytest.mark.parametrize("role", ["user", "tool", "assistant"])
def test_the_bound_for_the_hold_is_above_the_count_for_anything_said(words: str, role: str) -> None:
    request = Request([{"role": role, "content": words}], [TOOL], None, 100)
    assert most_tokens(request) >= count_request(MODEL, request)


def test_windows_come_from_the_price_list() -> None:
    assert window(MODEL) == 128_000
    assert window("openai/unheard-of") == window("camarad/embedded") == DEFAULT_WINDOW
