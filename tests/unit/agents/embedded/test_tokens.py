"""The built-in model's own count of tokens."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from agents.embedded.tokens import count
from tools.registry import TOOLS

ROOT = Path(__file__).parents[4]
NEAR = 0.08
COUNT = """
import sys, warnings
warnings.simplefilter("ignore")
from agents.embedded import provider
assert provider._count(messages=[{"role": "user", "content": "How did our ads do?"}]) > 5
print("litellm.litellm_core_utils.default_encoding" in sys.modules)
"""


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("ads", 1), ("How did our ads do?", 6), ("2026-11-20", 6), ("internationalization", 4), ("\ud800", 1)],
)
def test_words_digits_and_marks_are_counted_by_pieces(text: str, tokens: int) -> None:
    assert count(text) == tokens


def test_two_texts_together_count_at_most_as_much_as_each_alone() -> None:
    left, right = "Cât am cheltuit ", "pe campania de brand?"
    assert count(left + right) <= count(left) + count(right)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([tool.schema() for tool in TOOLS], ensure_ascii=False),
        (ROOT / "prompts" / "ppc-specialist.md").read_text("utf-8"),
        (ROOT / "web" / "i18n" / "en" / "site.json").read_text("utf-8"),
    ],
    ids=["schemas", "prompt", "english"],
)
def test_the_count_is_near_that_of_the_tokenizer_it_replaces(text: str) -> None:
    encoding = importlib.import_module("litellm.litellm_core_utils.default_encoding").encoding
    exact = len(encoding.encode(text))
    assert abs(count(text) - exact) <= NEAR * exact


def test_a_long_text_is_counted_at_once() -> None:
    assert count("ab1 " * 50_000) == 100_001


@pytest.mark.slow
def test_counting_for_the_built_in_model_loads_no_tokenizer() -> None:
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"
