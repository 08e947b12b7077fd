"""A browser in which somebody signed in before. Its wrong passwords count for itself, so that strangers who guess at
an e-mail do not lock its owner out (OWASP, Slow Down Online Guessing Attacks with Device Cookies).

The cookie opens nothing. It holds a number of its own and is signed for one e-mail, which cannot be read from it; one
that is forged, too old or of another e-mail counts as none.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from camarad.ids import new_secret
from web import cookies
from web.services import Services

COOKIE: Final = "camarad_device"
AGE: Final = cookies.YEAR


def known(request: Request, services: Services, email: str) -> str | None:
    """The browser's number, when somebody signed in to the account of this e-mail with it."""
    return services.signer.read(_purpose(email), request.cookies.get(COOKIE, ""), AGE)


def remember(request: Request, response: Response, services: Services, email: str) -> None:
    """After a sign-in, never for less: whoever gets a cookie may guess from one more place."""
    cookies.set_cookie(request, response, COOKIE, services.signer.sign(_purpose(email), new_secret()), AGE)


def _purpose(email: str) -> str:
    return f"device.{email}"
