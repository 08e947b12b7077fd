"""Writes docs/configure.md from the settings themselves. Run it after changing camarad/settings.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from camarad.settings import Settings  # noqa: E402

PAGE = ROOT / "docs" / "configure.md"
HEAD = """# Configure

Every setting is an environment variable, or a line `NAME=value` in a file `.env` beside this checkout; the environment
wins. Settings are read once, at start: a bad one stops the start with a sentence that names it. This page is written
from `camarad/settings.py` by `scripts/docs_settings.py`, and a test compares the two.

| variable | default | what it does |
| --- | --- | --- |
"""
FOOT = """
## Recipes

A hosted model for all agents, and a cheaper one for the router:

```
CAMARAD_MODEL=openai/gpt-5-mini
OPENAI_API_KEY=…
CAMARAD_AGENT_MODELS={"personal-assistant": "openai/gpt-5-nano"}
```

A model on a compatible server of your own, with its price (a model without a known price is refused, since nobody could
be charged rightly for it):

```
CAMARAD_MODEL=openai/my-model
CAMARAD_MODEL_BASES={"openai": "http://127.0.0.1:8080/v1"}
CAMARAD_MODEL_KEYS={"openai": "any"}
CAMARAD_MODEL_PRICES={"openai/my-model": {"input": 150000, "output": 600000}}
```

PostgreSQL in place of SQLite:

```
DATABASE_URL=postgresql+asyncpg://user:password@127.0.0.1/camarad
```
"""


def _default(value: Any) -> str:
    if value is None:
        return "unset"
    if isinstance(value, Path):
        return f"`{value}`"
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def page() -> str:
    rows = (
        f"| `{name.upper()}` | {_default(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    )
    return HEAD + "\n".join(rows) + "\n" + FOOT


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"{PAGE.relative_to(ROOT)}: {len(Settings.model_fields)} settings")
