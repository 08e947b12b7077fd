"""Names for what is passed around: an object of the API, its parameters, a handler and its route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.emulator.stripe.world import World

Obj = dict[str, Any]
Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is Stripe's own template; its `{…}` parts are handed to `handle` in their order."""

    method: str
    path: str
    handle: Callable[..., Obj]
    dry: bool = False  # answered, then undone

    @property
    def operation(self) -> str:
        return f"{self.method} {self.path}"


Handler = Callable[["World", Params], Obj]
