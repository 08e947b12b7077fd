"""Both languages say everything, with the same values in it."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from web import i18n

ROOT = Path(i18n.__file__).parents[1]
PATTERNS = ("landing.get%d", "landing.get%d_text", "landing.how%d", "landing.proof%d")


def values(words: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(words) if field}


def test_the_catalogs_have_the_same_keys() -> None:
    assert i18n.catalog("en").keys() == i18n.catalog("ro").keys()


@pytest.mark.parametrize("key", sorted(i18n.catalog("en")))
def test_a_message_takes_the_same_values_in_both_languages(key: str) -> None:
    english, romanian = i18n.catalog("en")[key], i18n.catalog("ro")[key]
    assert english and romanian and values(english) == values(romanian)


def test_every_key_a_template_names_is_there() -> None:
    templates = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    named = set(re.findall(r"""\bt\("([a-z_0-9.]+)"[,)]""", templates))
    assert len(named) > 80 and named <= i18n.catalog("en").keys()


def test_romanian_uses_the_comma_below_and_not_the_cedilla() -> None:
    assert not re.search("[şţŞŢ]", "".join(i18n.catalog("ro").values()))


@pytest.mark.parametrize("name", ["legal", "privacy", "terms"])
def test_legal_texts_have_the_same_sections_in_both_languages(name: str) -> None:
    texts = [(ROOT / "templates" / "legal" / f"{name}.{language}.html").read_text() for language in i18n.LANGUAGES]
    assert texts[0].count("<h2>") == texts[1].count("<h2>") > 2


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("ro", "ro"),
        ("ro-RO,ro;q=0.9,en;q=0.8", "ro"),
        ("en;q=0.5, ro;q=0.7", "ro"),
        ("de, fr;q=0.9", "en"),
        ("de, ro;q=0.1", "ro"),
        ("ro;q=nonsense, en;q=0.1", "en"),
        ("x" * 10_000, "en"),
    ],
)
def test_the_language_a_browser_likes_best_is_chosen(header: str, expected: str) -> None:
    assert i18n.preferred(header) == expected


def test_numbers_and_money_follow_the_language() -> None:
    assert i18n.number("en", 12345) == "12,345" and i18n.number("ro", 12345) == "12.345"
    assert i18n.money("en", 0, "EUR") == "€0"
    assert i18n.money("ro", 4900, "EUR").replace("\xa0", " ") == "49 EUR"
