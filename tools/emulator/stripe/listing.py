"""Pages of lists: newest first, `limit`, `starting_after`, `ending_before`, and filters on `created`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tools.emulator.stripe.errors import StripeError, unknown_reference
from tools.emulator.stripe.render import listed, render
from tools.emulator.stripe.types import Obj, Params

if TYPE_CHECKING:
    from tools.emulator.stripe.world import World

DEFAULT, MOST = 10, 100


def page(world: World, kind: str, params: Params, url: str, wanted: Callable[[Obj], bool] = lambda _: True) -> Obj:
    """One page of the stored objects of a kind that are wanted."""
    found = [obj for obj in world.store.glance(kind) if wanted(obj) and _in_time(obj, params.get("created"))]
    found.reverse()
    return cut(world, found, params, url)


def cut(world: World, found: list[Obj], params: Params, url: str) -> Obj:
    """The page of an already ordered list."""
    limit = params.get("limit", DEFAULT)
    if not 1 <= limit <= MOST:
        raise StripeError(f"This value must be between 1 and {MOST}.", code="parameter_invalid_integer", param="limit")
    ids = [obj["id"] for obj in found]
    if before := params.get("ending_before"):
        end = _place(ids, before, "ending_before")
        start = max(0, end - limit)
        return listed([render(world, obj) for obj in found[start:end]], url, start > 0)
    start = _place(ids, params["starting_after"], "starting_after") + 1 if params.get("starting_after") else 0
    return listed([render(world, obj) for obj in found[start : start + limit]], url, len(found) > start + limit)


def _place(ids: list[str], object_id: str, param: str) -> int:
    try:
        return ids.index(object_id)
    except ValueError:
        raise unknown_reference("object", object_id, param) from None


def _in_time(obj: Obj, asked: object) -> bool:
    """`created` is an instant, or bounds by gt, gte, lt and lte."""
    if asked is None:
        return True
    if isinstance(asked, int):
        return bool(obj["created"] == asked)
    at = obj["created"]
    bounds = asked if isinstance(asked, dict) else {}
    return bool(
        bounds.get("gt", -1) < at
        and bounds.get("gte", 0) <= at
        and at < bounds.get("lt", at + 1)
        and at <= bounds.get("lte", at)
    )


def matches(params: Params, *names: str) -> Callable[[Obj], bool]:
    """Objects whose fields are what the parameters of the same names say."""
    asked = {name: params[name] for name in names if name in params}
    return lambda obj: all(obj.get(name) == value for name, value in asked.items())
