"""The built-in model behind the door: made known to litellm and loaded at start, and what readiness says of it."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.llm import engine
from camarad.log import get_logger

logger = get_logger(__name__)
_loaded = threading.Event()


def load() -> None:
    """Register `camarad/…` with litellm and load its weights and, where they can be, its embeddings; about 0.3 s."""
    engine.load()
    engine.register_embedded()
    importlib.import_module("agents.embedded.status").status()
    _loaded.set()


def state() -> dict[str, Any]:
    """Asking never loads anything: that would hold the event loop."""
    if not _loaded.is_set():
        return {"model": f"{engine.EMBEDDED}/embedded", "loaded": False}
    found: dict[str, Any] = importlib.import_module("agents.embedded.status").status()
    return {**found, "loaded": True}


def warm(tools: Sequence[dict[str, Any]], folder: Path) -> None:
    """Answer one question offered these tools, so that the first one asked by a person waits for nothing.

    It fails into the log only: a defect here is one that each question would report by itself.
    """
    try:
        importlib.import_module("agents.embedded.provider").warm(tools, folder)
    except Exception as error:
        logger.warning("warming_failed", reason=f"{type(error).__name__}: {error}"[:200])
