"""Events and the endpoints they are sent to."""

from __future__ import annotations

from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.events import KEPT_DAYS
from tools.emulator.stripe.ids import random_text
from tools.emulator.stripe.listing import page
from tools.emulator.stripe.render import render
from tools.emulator.stripe.resources import metadata
from tools.emulator.stripe.rules import DAY
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import API_VERSION, World

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def retrieve_event(world: World, params: Params, event_id: str) -> Obj:
    return world.get("event", event_id)


def events(world: World, params: Params) -> Obj:
    """Of the last 30 days; `type` may end in `.*`."""
    kind, kinds = params.get("type"), params.get("types")
    if kind and kinds:
        raise StripeError("You may only specify one of these parameters: type, types.", code="parameters_exclusive")
    success = params.get("delivery_success")
    oldest = world.now() - KEPT_DAYS * DAY
    return page(
        world,
        "event",
        params,
        "/v1/events",
        lambda e: (
            e["created"] >= oldest
            and (not kind or fnmatchcase(e["type"], kind))
            and (not kinds or e["type"] in kinds)
            and (success is None or success == (render(world, e)["pending_webhooks"] == 0))
        ),
    )


def create(world: World, params: Params) -> Obj:
    """Its secret is in this one answer only."""
    endpoint = world.make(
        "webhook_endpoint",
        api_version=params.get("api_version", API_VERSION),
        description=params.get("description"),
        enabled_events=list(params["enabled_events"]),
        metadata=metadata.given(params),
        status="enabled",
        url=_url(params["url"]),
        _secret=f"whsec_{random_text(32)}",
    )
    return {**endpoint, "secret": endpoint["_secret"]}


def _url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StripeError(
            "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid", param="url"
        )
    if parts.hostname not in LOOPBACK:
        raise StripeError("The emulator sends to loopback only.", code="url_invalid", param="url")
    return url


def retrieve(world: World, params: Params, endpoint_id: str) -> Obj:
    return world.get("webhook_endpoint", endpoint_id)


def update(world: World, params: Params, endpoint_id: str) -> Obj:
    endpoint = world.get("webhook_endpoint", endpoint_id)
    endpoint.update({name: params[name] for name in ("description", "enabled_events") if name in params})
    if "url" in params:
        endpoint["url"] = _url(params["url"])
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    endpoint["metadata"] = metadata.merged(endpoint, params)
    return endpoint


def delete(world: World, params: Params, endpoint_id: str) -> Obj:
    world.get("webhook_endpoint", endpoint_id)
    world.store.remove(endpoint_id)
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}


def listing(world: World, params: Params) -> Obj:
    return page(world, "webhook_endpoint", params, "/v1/webhook_endpoints")


ROUTES = (
    Route("GET", "/v1/events", events),
    Route("GET", "/v1/events/{id}", retrieve_event),
    Route("POST", "/v1/webhook_endpoints", create),
    Route("GET", "/v1/webhook_endpoints", listing),
    Route("GET", "/v1/webhook_endpoints/{webhook_endpoint}", retrieve),
    Route("POST", "/v1/webhook_endpoints/{webhook_endpoint}", update),
    Route("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}", delete),
)
