"""The tabs of a connector as pages: one header, one choice of dates, the figures, and each table as a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from camarad.errors import BadInput, NotFound
from camarad.models import Client
from camarad.scope import Scope
from tools.connectors.connection import ConnectionView
from tools.connectors.errors import ConnectorError
from tools.connectors.tabs import ADS_TABS, GA4_TABS, TabReport, tab_report
from tools.record import Provider
from web import clients
from web.access import CurrentServices, CurrentUser, active_client, remember_client, router
from web.pages.render import language_of, page
from web.services import Services
from web.sessions import SignedIn
from web.tabs import dates, download, trouble
from web.tabs.address import Address, read
from web.tabs.figures import Figures
from web.tabs.notes import banner, warnings
from web.tabs.panels import panels

routes = router("user", "pages")

TABS: dict[Provider, tuple[str, ...]] = {
    "ga4": GA4_TABS,
    "google-ads": tuple(name for name in ADS_TABS if name != "metrics"),
}
NAMES: dict[Provider, str] = {"ga4": "Google Analytics 4", "google-ads": "Google Ads"}
UNRANGED = frozenset({"realtime"})  # tabs about this very moment


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tab has to show: a report, or why there is none."""

    figures: Figures
    report: TabReport | None = None
    trouble: trouble.Trouble | None = None
    view: ConnectionView | None = None

    @property
    def readable(self) -> bool:
        """Whether it makes sense to ask for other dates."""
        return self.report is not None or (self.trouble is not None and self.trouble.failed)


async def show(request: Request, who: SignedIn, services: Services, address: Address) -> Response:
    if elsewhere := _canonical(request, address):
        return RedirectResponse(elsewhere, 303)
    found = await clients.list_clients(services.database, who.workspace_id)
    client = _opened(request, who, found, address.client)
    address = replace(address, client=client.id if client else "")
    reading = await _read(services, who, client, address, language_of(request, who))
    if request.query_params.get("format") == "csv" and reading.report is not None and client is not None:
        return _file(reading, client, request.query_params.get("section", ""))
    response = _page(request, services, address, found, client, reading)
    if client is not None and request.query_params.get("client") and _navigates(request):
        remember_client(request, response, who.user_id, client.id)
    return response


def _navigates(request: Request) -> bool:
    """Whether a person came here; a page that reads itself again does not choose a client (Fetch, Sec-Fetch-Mode)."""
    return request.headers.get("sec-fetch-mode", "navigate") == "navigate"


def _canonical(request: Request, address: Address) -> str | None:
    """The form's address without what it does not need; dates that cannot be read stay as they were typed."""
    query = request.query_params
    if "from" not in query and "to" not in query:
        return None
    if address.typed is not None and not dates.both(address.typed):
        return None
    more = {"refresh": "1"} if address.refresh else {}
    return replace(address, typed=None).here(**more)


def _opened(request: Request, who: SignedIn, found: list[Client], named: str) -> Client | None:
    """The client an address names, else the one last opened, else the first. Raises NotFound for a named one that is
    not the workspace's: another client's figures must not stand under its address."""
    if named:
        client = next((client for client in found if client.id == named), None)
        if client is None:
            raise NotFound(clients.UNKNOWN)
        return client
    chosen = active_client(request, who)
    return next((client for client in found if client.id == chosen), found[0] if found else None)


async def _read(services: Services, who: SignedIn, client: Client | None, address: Address, language: str) -> Reading:
    figures = Figures.of(language, None)
    if client is None:
        return Reading(figures)
    scope = Scope(who.user_id, who.workspace_id, client.id)
    view = (await services.connectors.states(scope))[address.provider]
    figures = replace(figures, currency=view.currency)
    if found := trouble.of_state(figures, view, address, client.name):
        return Reading(figures, trouble=found, view=view)
    try:
        report = await tab_report(services.connectors, scope, address.provider, address.tab, address.request)
    except BadInput as error:
        key = dates.wrong(address, services.clock.today(view.timezone or "UTC"))
        return Reading(figures, trouble=trouble.bad_range(figures, error, key, address), view=view)
    except ConnectorError as error:
        view = (await services.connectors.states(scope))[address.provider]  # a refusal may have changed it
        return Reading(figures, trouble=trouble.of_error(figures, error, address), view=view)
    return Reading(replace(figures, currency=report.meta.currency), report, view=view)


def _page(
    request: Request,
    services: Services,
    address: Address,
    found: list[Client],
    client: Client | None,
    reading: Reading,
) -> Response:
    figures, report = reading.figures, reading.report
    shown = panels(figures, report, address) if report else []
    today = services.clock.today((reading.view and reading.view.timezone) or "UTC")
    refused = reading.trouble is not None and reading.trouble.kind == "range"
    return page(
        request,
        "tabs.html",
        status=reading.trouble.status if reading.trouble else 200,
        here=address.here(),
        address=address,
        carried=address.usual() if refused else address,
        tabs=TABS[address.provider],
        clients=found,
        client=client,
        view=reading.view,
        figures=figures,
        report=report,
        panels=shown,
        empty=bool(shown) and all(panel.empty for panel in shown),
        warnings=warnings(figures, report.meta) if report else [],
        banner=banner(figures, report.meta) if report else "",
        trouble=reading.trouble,
        problem=refused,
        readable=reading.readable,
        ranged=address.tab not in UNRANGED,
        dates=dates.form(address, report.meta.range if report else None, today),
        connectable=services.connectors.google.configured,
    )


def _file(reading: Reading, client: Client, name: str) -> Response:
    report, view = reading.report, reading.view
    assert report is not None and view is not None
    section = next((each for each in report.sections if each.id == name), None)
    if section is None:
        raise NotFound("There is no such table on this tab.")
    account = " ".join(part for part in (view.account_name, view.account_id) if part)
    return Response(
        download.document(reading.figures, report, section, client.name, account),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{download.file_name(report, section, client.name)}"'},
    )


def _route(provider: Provider, tab: str) -> Callable[..., Awaitable[Response]]:
    async def tab_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
        return await show(request, who, services, read(provider, tab, request.query_params))

    return tab_page


def _add(provider: Provider, tab: str) -> None:
    """One route a tab; the overview answers at the connector's own address too."""
    name, base = f"{NAMES[provider]}: {tab}", f"/connectors/{provider}"
    for address in (base, f"{base}/{tab}") if tab == "overview" else (f"{base}/{tab}",):
        routes.add_api_route(address, _route(provider, tab), methods=["GET"], response_class=Response, summary=name)


for _provider, _tabs in TABS.items():
    for _tab in _tabs:
        _add(_provider, _tab)
