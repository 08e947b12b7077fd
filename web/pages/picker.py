"""Choosing the property or the account to read: searched by name or number, grouped by account or manager."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from camarad.errors import BadInput, CamaradError, NotFound, Upstream
from camarad.models import Client
from tools.connectors.directory import Entry, Listing
from tools.record import Provider
from web.access import CurrentServices, CurrentUser, acting, remember_client, router
from web.api.connectors import ConnectorView, connection, known
from web.audit import audited
from web.oauth.outcomes import NAMES, connectors_address
from web.pages.connectors import named, of_form, said, scope_of, unnamed
from web.pages.forms import form_field, problem
from web.pages.render import page
from web.services import Services
from web.sessions import SignedIn

routes = router("user", "pages")
MANAGED = [acting("connections")]

SEARCHED_FROM: Final = 9  # so many entries get a search field
MOST_SHOWN: Final = 200
LONGEST_SEARCH: Final = 80


@routes.get(
    "/connectors/{provider}/choose",
    dependencies=MANAGED,
    response_class=Response,
    summary="Choose what to read for a client",
)
async def choose_page(provider: str, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    name, client = known(provider), await named(request, who, services)
    if client is None:
        return unnamed(name)
    response = await _show(request, who, services, name, client)
    remember_client(request, response, who.user_id, client.id)
    return response


@routes.post(
    "/connectors/{provider}/choose",
    dependencies=MANAGED,
    response_class=Response,
    summary="Choose what to read for a client",
    **audited("account_chosen"),
)
async def choose(provider: str, request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    name, client = known(provider), await of_form(request, who, services)
    account = (await form_field(request, "account"))[:100]
    try:
        await services.connectors.choose(scope_of(who, client), name, account)
    except (BadInput, Upstream) as error:
        return await _show(request, who, services, name, client, error)
    return RedirectResponse(connectors_address(client.id, name, "chosen"), 303)


async def _show(
    request: Request,
    who: SignedIn,
    services: Services,
    provider: Provider,
    client: Client,
    error: CamaradError | None = None,
) -> Response:
    scope = scope_of(who, client)
    view = await connection(services, scope, provider)
    listing, trouble = await _listing(services, scope_of(who, client), provider)
    query = " ".join(request.query_params.get("q", "").split())[:LONGEST_SEARCH]
    entries = _without_headings(listing.entries) if listing else ()
    fitting = [entry for entry in entries if _fits(entry, query)]
    return page(
        request,
        "choose.html",
        status=error.status if error else trouble.status if trouble else 200,
        provider=provider,
        name=NAMES[provider],
        client=client,
        email=view.email,
        configured=view.configured,
        said=said(request, who, client, [view]),
        problem=await problem(request, error) if error else None,
        trouble=trouble,
        trouble_kind=getattr(trouble, "kind", "not_connected"),
        q=query,
        total=len(entries),
        searchable=len(entries) >= SEARCHED_FROM,
        shown=min(len(fitting), MOST_SHOWN),
        groups=_groups(fitting[:MOST_SHOWN], view),
        here="/connectors",
    )


async def _listing(services: Services, scope: Any, provider: Provider) -> tuple[Listing | None, CamaradError | None]:
    try:
        return await services.connectors.directory(scope, provider), None
    except (Upstream, NotFound) as error:
        return None, error


def _without_headings(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """A manager with accounts under it is the heading of their group; it is not listed once more."""
    parents = {entry.parent_id for entry in entries}
    return tuple(entry for entry in entries if entry.status != "manager" or entry.id not in parents)


def _fits(entry: Entry, query: str) -> bool:
    """Every word typed is in the names or the number; case, accents and dashes do not matter."""
    text = _plain(f"{entry.name} {entry.parent_name or ''} {entry.id}")
    return all(word in text for word in _plain(query).split())


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c) and c != "-")


def _groups(entries: list[Entry], view: ConnectorView) -> list[dict[str, Any]]:
    """By Analytics account or manager, in the order in which Google named them."""
    groups: dict[str | None, dict[str, Any]] = {}
    for entry in entries:
        group = groups.setdefault(entry.parent_id, {"name": entry.parent_name, "entries": []})
        group["entries"].append({"entry": entry, "current": entry.id == view.account_id})
    return list(groups.values())
