"""How a round trip to Google can end. Each end has a code, a status for programs, and words in web/i18n under
`oauth.<code>` and `oauth.<code>.text`; people see them on a page or as a banner on /connectors.

connected          303  the connection stands              used               409  this answer was taken before
already_connected  303  taken before, and it stands        other_browser      403  begun in another browser
missing_scope      403  a box was not ticked               other_user         403  begun by another person
no_access          403  the chosen account is not theirs   which_client       303  no client of theirs was named
denied             403  the person said no                 other_client       403  that client is not theirs (any more)
refused            400  Google said no                     signed_out         401  the sign-in ended meanwhile
bare               400  nothing came with the request      code_refused       400  Google does not know the code
tampered           400  the state is not ours              provider_down      503  Google did not answer
expired            400  more than ten minutes ago          not_configured     503  this server has no Google access
rate_limited       429  too many from one address          unknown_connector  404  there is no such connector
email_unverified   403  e-mail not verified by Google      disabled           403  the account was closed
other_google       409  the account has another Google one identity_taken     409  that Google account is another's
not_manager        403  their role does not connect        not_linked         403  proven with another Google one
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlencode

from camarad.errors import CamaradError
from tools.record import Provider
from web import i18n

Mood = Literal["good", "warm", "bad"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`retry` says whether beginning again can help, `mood` how it is coloured. A banner that claims a `state` is shown
    only while the connection is in it."""

    status: int
    mood: Mood
    retry: bool = True
    state: str | None = None


OUTCOMES: Final = {
    "connected": Outcome(200, "good", state="connected"),
    "pick": Outcome(200, "good", state="connected"),
    "already_connected": Outcome(200, "good", state="connected"),
    "chosen": Outcome(200, "good", state="connected"),
    "through_gateway": Outcome(200, "good", state="connected"),
    "through_google": Outcome(200, "good", state="connected"),
    "disconnected": Outcome(200, "good", state="disconnected"),
    "forgotten": Outcome(200, "warm", state="disconnected"),
    "unrevoked": Outcome(200, "warm", state="disconnected"),
    "removed": Outcome(200, "good", state="disconnected"),
    "missing_scope": Outcome(403, "warm", state="missing_scope"),
    "no_access": Outcome(403, "warm", state="no_access"),
    "which_client": Outcome(400, "warm"),
    "denied": Outcome(403, "warm"),
    "refused": Outcome(400, "bad"),
    "bare": Outcome(400, "warm"),
    "tampered": Outcome(400, "bad"),
    "expired": Outcome(400, "warm"),
    "used": Outcome(409, "warm"),
    "other_browser": Outcome(403, "bad"),
    "other_user": Outcome(403, "bad"),
    "other_client": Outcome(403, "bad", retry=False),
    "not_manager": Outcome(403, "bad", retry=False),
    "signed_out": Outcome(401, "warm"),
    "code_refused": Outcome(400, "bad"),
    "provider_down": Outcome(503, "bad"),
    "not_configured": Outcome(503, "warm", retry=False),
    "rate_limited": Outcome(429, "bad", retry=False),
    "unknown_connector": Outcome(404, "warm", retry=False),
    "email_unverified": Outcome(403, "bad", retry=False),
    "disabled": Outcome(403, "bad", retry=False),
    "other_google": Outcome(409, "bad", retry=False),
    "not_linked": Outcome(403, "bad", retry=False),
    "identity_taken": Outcome(409, "bad", retry=False),
}
NAMES: Final[dict[str, str]] = {"ga4": "Google Analytics 4", "google-ads": "Google Ads"}


class OAuthProblem(CamaradError):
    """The flow ended without what the person wanted. `about` is the provider, or empty for signing in."""

    def __init__(self, outcome: str, about: str = "", *, retry_after: float | None = None) -> None:
        self.outcome, self.about = outcome, about
        message, hint = words("en", outcome, about)
        super().__init__(message, hint=hint, code=f"oauth_{outcome}", retry_after=retry_after)
        self.status = OUTCOMES[outcome].status  # type: ignore[misc]


def words(language: str, outcome: str, about: str = "", client: str = "") -> tuple[str, str]:
    """What happened and what to do, in a language."""
    values = {
        "name": NAMES.get(about, "Google"),
        "client": client or i18n.translate(language, "oauth.the_client"),
        "permission": i18n.translate(language, f"oauth.permission.{about}") if about in NAMES else "",
    }
    key = f"oauth.{outcome}"
    return i18n.translate(language, key, **values), i18n.translate(language, f"{key}.text", **values)


def connectors_address(client_id: str, provider: Provider, outcome: str, page: str = "/connectors") -> str:
    """The connections page of a client, with a banner that says what happened."""
    return f"{page}?" + urlencode({"client": client_id, "provider": provider, "outcome": outcome})
