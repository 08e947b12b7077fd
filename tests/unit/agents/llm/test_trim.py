"""What litellm no longer holds, and that what it needs is still there when it is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

from agents.llm import engine
from agents.llm.trim import LateTokenizer

ROOT = Path(__file__).parents[4]
TURN = """
import asyncio, sys, warnings
warnings.simplefilter("ignore")
from agents.llm import engine
from agents.llm.call import Request
engine.register_embedded()
request = Request([{"role": "user", "content": "hello"}], None, None, 100)
reply = asyncio.run(engine.complete("camarad/embedded", request, {}, 30.0))
assert reply.usage.total_tokens > 0
print("litellm.litellm_core_utils.default_encoding" in sys.modules)
print(hasattr(engine.load().utils, "json_data"))
print(len(engine.load().main._encoding_cache.encode("Two words")))
"""


def test_a_tokenizer_is_loaded_when_it_is_asked_and_once_made_answers() -> None:
    loads: list[str] = []

    def load() -> str:
        loads.append("loaded")
        return "text"

    late = LateTokenizer(load)
    assert loads == []
    assert late.upper() == "TEXT"
    assert loads == ["loaded"]


def test_prices_and_claudes_tokenizer_are_still_known() -> None:
    litellm = engine.load()
    assert litellm.model_cost["gpt-4o"]["input_cost_per_token"] > 0
    assert litellm.get_model_info("gpt-4o")["max_tokens"]
    assert litellm.token_counter(model="claude-2.1", text="Two words") == 2


@pytest.mark.slow
def test_a_turn_of_the_built_in_model_loads_no_tokenizer_and_a_provider_that_needs_one_gets_it() -> None:
    done = subprocess.run([sys.executable, "-c", TURN], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "False", "2"]
