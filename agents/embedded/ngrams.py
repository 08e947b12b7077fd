"""Text as hashed character n-grams and words: works on typos, without diacritics, without a native library."""

from __future__ import annotations

import itertools
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from agents.embedded.text import stem, tidy, words

SIZE = 4096
Features = NDArray[np.float32]


@lru_cache(maxsize=4096)
def features(text: str) -> Features:
    """A unit vector. The hash is CRC-32, the same on every machine."""
    vector = np.zeros(SIZE, dtype=np.float32)
    for gram in _grams(text):
        code = zlib.crc32(gram.encode())
        vector[code % SIZE] += 1.0 if code & 0x80000000 else -1.0
    np.sign(vector, out=vector)
    norm = float(np.linalg.norm(vector))
    return vector / norm if norm else vector


def _grams(text: str) -> list[str]:
    folded = "".join("0" if c.isdigit() else c for c in tidy(text)[:400])
    padded = f" {folded} "
    grams = [padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1)]
    tokens = [stem(w) for w in words(folded)]
    return grams + [f"w:{t}" for t in tokens] + [f"b:{a}_{b}" for a, b in itertools.pairwise(tokens)]
