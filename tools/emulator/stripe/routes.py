"""Every call that is served, and finding the one that is meant."""

from __future__ import annotations

from tools.emulator.stripe.resources import (
    checkout,
    customers,
    features,
    happenings,
    invoices,
    payment_methods,
    payments,
    portal,
    prices,
    products,
    schedules,
    setup_intents,
    subscription_items,
    subscriptions,
)
from tools.emulator.stripe.types import Route

ROUTES: tuple[Route, ...] = (
    *products.ROUTES,
    *schedules.ROUTES,
    *setup_intents.ROUTES,
    *subscription_items.ROUTES,
    *prices.ROUTES,
    *customers.ROUTES,
    *payment_methods.ROUTES,
    *payments.ROUTES,
    *portal.ROUTES,
    *checkout.ROUTES,
    *subscriptions.ROUTES,
    *invoices.ROUTES,
    *features.ROUTES,
    *happenings.ROUTES,
)


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")


_SPLIT = [(route, _parts(route.path)) for route in ROUTES]


def find(method: str, path: str) -> tuple[Route, list[str]] | None:
    """The route and the ids in the path. A route with a word where another has an id comes first."""
    asked = _parts(path)
    best: tuple[int, Route, list[str]] | None = None
    for route, parts in _SPLIT:
        if route.method != method or len(parts) != len(asked):
            continue
        ids = [given for given, part in zip(asked, parts, strict=True) if part.startswith("{")]
        if all(part.startswith("{") or part == given for given, part in zip(asked, parts, strict=True)) and (
            best is None or len(ids) < best[0]
        ):
            best = (len(ids), route, ids)
    return (best[1], best[2]) if best else None
