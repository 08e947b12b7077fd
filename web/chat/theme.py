"""Chainlit's theme, made from the product's own tokens (web/static/tokens.css), so that both always agree."""

from __future__ import annotations

import colorsys
import json
import re
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).parents[1] / "static" / "tokens.css"
VARIABLE = re.compile(r"--color-([a-z0-9-]+):\s*#([0-9a-f]{6})\s*;")
FROM: dict[str, str] = {
    "background": "bg",
    "foreground": "text",
    "card": "surface",
    "card-foreground": "text",
    "popover": "surface",
    "popover-foreground": "text",
    "primary": "accent",
    "primary-foreground": "on-accent",
    "secondary": "sunken",
    "secondary-foreground": "text",
    "muted": "sunken",
    "muted-foreground": "muted",
    "accent": "sunken",
    "accent-foreground": "text",
    "destructive": "bad",
    "destructive-foreground": "bg",
    "border": "line",
    "input": "line",
    "ring": "focus",
    "sidebar-background": "surface",
    "sidebar-foreground": "text",
    "sidebar-primary": "accent",
    "sidebar-primary-foreground": "on-accent",
    "sidebar-accent": "accent-soft",
    "sidebar-accent-foreground": "text",
    "sidebar-border": "line",
    "sidebar-ring": "focus",
}


@cache
def theme() -> str:
    """As JSON for `window.theme`: each of Chainlit's variables in both modes."""
    css = TOKENS.read_text("utf-8")
    light = _colours(css.split("@media", 1)[0])
    dark = light | _colours(css.split('[data-theme="dark"]', 1)[1])
    return json.dumps({mode: _variables(colours) for mode, colours in (("light", light), ("dark", dark))})


def _colours(css: str) -> dict[str, str]:
    return dict(VARIABLE.findall(css))


def _variables(colours: dict[str, str]) -> dict[str, str]:
    return {f"--{name}": _hsl(colours[token]) for name, token in FROM.items()} | {"--radius": "0.75rem"}


def _hsl(code: str) -> str:
    """`0b6b62` as the bare `h s% l%` that Chainlit puts into hsl()."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    return f"{hue * 360:.1f} {saturation * 100:.1f}% {light * 100:.1f}%"
