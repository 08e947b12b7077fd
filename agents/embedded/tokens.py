"""How the built-in model counts tokens: by a rule of its own, which needs no vocabulary.

The tokenizer that litellm counts unknown models with would keep 35 MB and take half a second to load, to count for a
model that reads no tokens at all. The rule follows it: the same pieces, and a long word is several tokens. On the
tools' schemas, the prompts and our English texts it is within 6 %; Romanian counts 20 to 35 % less.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

FIRST_BYTES, FURTHER_BYTES = 8, 4
_PIECE = re.compile(r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\w]?[^\W\d_]+|\d{1,3}| ?[^\s\w]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+|_")


@lru_cache(maxsize=64)
def count(text: str) -> int:
    """Tokens of a text: one a piece of up to 8 bytes, one more for each further 4."""
    sizes = (len(piece[0].encode("utf-8", "replace")) for piece in _PIECE.finditer(text))
    return sum(1 if size <= FIRST_BYTES else 1 - (FIRST_BYTES - size) // FURTHER_BYTES for size in sizes)


class Tokenizer:
    """The counting rule in the shape in which litellm takes a tokenizer, whose tokens it only counts."""

    def encode_batch_fast(self, texts: Sequence[str]) -> list[range]:
        return [range(count(text)) for text in texts]


LITELLM = {"type": "huggingface_tokenizer", "tokenizer": Tokenizer()}
