"""Keeping the process small. The C library would keep a heap for each thread and hold on to what imports freed."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

M_ARENA_MAX = -8  # malloc.h


def one_heap() -> None:
    """Let all threads share one heap; called before there are any. Nothing happens where the C library is another."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def settle() -> None:
    """After the start: collect, keep what lives out of later collections, and give free memory back."""
    gc.collect()
    gc.freeze()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
