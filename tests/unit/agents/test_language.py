from __future__ import annotations

import pytest

from agents.language import detect


@pytest.mark.parametrize(
    "text",
    [
        "How did our Google Ads do in the last 28 days?",
        "Which campaigns waste money",
        "Compare sessions with the period before",
        "who are you",
        "CPC for brand keywords",
    ],
)
def test_english_is_recognised(text: str) -> None:
    assert detect(text, "ro") == "en"


@pytest.mark.parametrize(
    "text",
    [
        "Cum au mers reclamele în ultimele 28 de zile?",
        "unde irosim bani",
        "Care campanii cheltuie cel mai mult",
        "Câți CT mai avem?",
        "compara traficul cu luna trecuta",
    ],
)
def test_romanian_is_recognised_with_and_without_diacritics(text: str) -> None:
    assert detect(text, "en") == "ro"


@pytest.mark.parametrize("text", ["😀", "CPC?", "2026", "ok"])
def test_what_does_not_tell_keeps_the_conversations_language(text: str) -> None:
    assert (detect(text, "ro"), detect(text, "en")) == ("ro", "en")


@pytest.mark.parametrize(
    "text",
    [
        "How did the campaign Căutare – Cozonaci do last week?",
        'What did "Rețete de Crăciun" cost us?',
        "How much did we spend, in RON?",
    ],
)
def test_names_with_diacritics_do_not_make_a_question_romanian(text: str) -> None:
    assert detect(text, "ro") == "en"
