"""Sending a person from a form of ours to a page of the payment provider.

Chromium holds `form-action` of the page with the form also against where the answer redirects to. So the pages with
such forms name the provider's origins, and nothing else. An address elsewhere, as with a domain of one's own at the
provider, is reached through a page of ours with a link on it: what a link leads to is no form's action.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.edge import CSP
from web.pages.render import page
from web.services import Services

OWN: Final = "form-action 'self'"
HOSTED: Final = ("https://checkout.stripe.com", "https://billing.stripe.com", "https://invoice.stripe.com")


def origins(services: Services) -> tuple[str, ...]:
    """Where the provider's hosted pages are; empty when nothing can be bought here."""
    if not services.payments.configured:
        return ()
    base = services.settings.stripe_api_base
    return HOSTED if base is None or not services.payments.emulated else (_origin(base),)


def may_leave(response: Response, services: Services) -> Response:
    """Let the forms of this page end at the payment provider."""
    if allowed := origins(services):
        response.headers["Content-Security-Policy"] = CSP.replace(OWN, " ".join((OWN, *allowed)))
    return response


def leave(request: Request, services: Services, url: str) -> Response:
    if _origin(url) in origins(services):
        return RedirectResponse(url, 303)
    return page(request, "leaving.html", url=url, host=urlsplit(url).hostname, here="/settings/billing")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
