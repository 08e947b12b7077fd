"""A tool's text as data: JSON, JSON inside a JSON string, or the text parts that tool servers wrap theirs in."""

from __future__ import annotations

import json
from typing import Any


def unwrapped(body: str) -> Any:
    """The data of a result; the text itself when it is no JSON."""
    data = _decoded(body)
    if isinstance(data, str):
        data = _decoded(data)
    if isinstance(data, dict) and isinstance(data.get("content"), list) and _are_parts(data["content"]):
        data = data["content"]
    if isinstance(data, list) and _are_parts(data):
        return _decoded("\n".join(str(part["text"]) for part in data))
    return data


def _are_parts(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(i, dict) and i.get("type") == "text" and "text" in i for i in items)


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
