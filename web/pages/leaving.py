"""Sending a person from a form of ours to a page of the payment provider.

Chromium holds `form-action` of the page with the form also against where the answer redirects to. So the pages with
such forms name the provider's origins, and nothing else. An address elsewhere, as with a domain of one's own at the
provider, is reached through a page of ours with a link on it: what a link leads to is no form's action.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.billing.till import Till
from web.edge import CSP
from web.pages.render import page

OWN = "form-action 'self'"


def may_leave(response: Response, till: Till) -> Response:
    """Let the forms of this page end at the payment provider."""
    if till.origins:
        response.headers["Content-Security-Policy"] = CSP.replace(OWN, " ".join((OWN, *till.origins)))
    return response


def leave(request: Request, till: Till, url: str) -> Response:
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" in till.origins:
        return RedirectResponse(url, 303)
    return page(request, "leaving.html", url=url, host=parts.hostname)
