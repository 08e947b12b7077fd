from __future__ import annotations

import pytest

from camarad.errors import BadInput
from graphs.intake import accepted


@pytest.mark.parametrize("text", ["", "   ", "\n\t\n", "\u200b\u200d", "\u202e"])
def test_a_message_with_nothing_to_read_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="empty"):
        accepted(text, 100)


def test_a_message_over_the_limit_says_how_long_it_is_and_may_be() -> None:
    with pytest.raises(BadInput, match=r"200,000 characters; at most 16,000"):
        accepted("a" * 200_000, 16_000)


@pytest.mark.parametrize("text", ["\x00", "PNG\x89\x1a", "ok\x07", "\ud800", "bad \ufffd\ufffd"])
def test_bytes_that_are_no_text_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not text"):
        accepted(text, 100)


@pytest.mark.parametrize("text", ["😀", "👩‍👩‍👧 👍🏽", "كيف أداء الحملات؟", "\u202bשלום\u202c", "câți bani?", "日本"])
def test_emoji_and_any_script_or_direction_are_accepted_unchanged(text: str) -> None:
    assert accepted(text, 100) == text


def test_line_ends_become_one_kind_and_edges_are_trimmed() -> None:
    assert accepted("  a\r\nb\rc\t \n", 100) == "a\nb\nc"
