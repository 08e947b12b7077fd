"""Nothing a visitor sends decides where the server connects to: only these modules connect anywhere, each to addresses
that an operator configured. A new one has to be named here, with where its addresses come from."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("camarad", "prompts", "billing", "tools", "agents", "graphs", "web")
CLIENTS = {
    "aiohttp",
    "asyncpg",
    "authlib",
    "google",
    "grpc",
    "httpx",
    "httpx2",
    "litellm",
    "requests",
    "stripe",
    "urllib3",
}
FROM_SETTINGS = {
    "agents/llm": "LiteLLM: the provider's own address, or CAMARAD_MODEL_BASES",
    "agents/embedded": "a provider of LiteLLM's that answers here; it connects nowhere",
    "agents/simulation": "a stand-in for the embedded provider; it connects nowhere",
    "billing/postgres_ledger.py": "DATABASE_URL",
    "billing/stripe": "Stripe's own address, or STRIPE_API_BASE",
    "camarad": "DATABASE_URL",
    "graphs/checkpoints_postgres.py": "DATABASE_URL",
    "tools/connectors": "Google's own addresses, EMULATOR_ADDRESS or GATEWAY_URL",
    "tools/emulator": "a process of its own on loopback, which calls back where a webhook endpoint was made",
}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
            names |= {"urllib.request" for alias in node.names if alias.name == "urllib.request"}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_only_named_modules_connect_anywhere() -> None:
    found = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if imported(path) & (CLIENTS | {"urllib.request"}):
                found.add(str(path.relative_to(ROOT)))
    strangers = {name for name in found if not any(name == at or name.startswith(f"{at}/") for at in FROM_SETTINGS)}
    assert strangers == set()
    assert any(name.startswith("tools/connectors/") for name in found), "the search finds what is there"
