"""Who is at a chat page, for which client: made by the gate for one request or one socket, then passed along.

Chainlit knows it as its user: the identifier is `user~client`, so that Chainlit's own ownership checks hold the pair
together. Socket handlers trust the visit kept on the socket's session; the context variable serves plain requests.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from camarad.errors import NotSignedIn
from camarad.scope import Scope

if TYPE_CHECKING:
    from web.services import Services

Language = Literal["en", "ro"]


@dataclass(frozen=True, slots=True)
class ClientView:
    """The client as the page shows it."""

    id: str
    name: str
    currency: str
    timezone: str
    demo: bool


@dataclass(frozen=True, slots=True)
class Visit:
    services: Services
    scope: Scope
    session_id: str  # the sign-in it rests on
    email: str
    language: Language
    client: ClientView

    @property
    def identifier(self) -> str:
        return f"{self.scope.user_id}~{self.scope.client_id}"

    @property
    def key(self) -> tuple[str, str]:
        """What the visit rests on: its sign-in and its client."""
        return self.session_id, self.scope.client_id

    @property
    def prefix(self) -> str:
        """The path this client's chat lives under, without a slash at its end."""
        return f"/c/{self.scope.client_id}/chat"


CURRENT: ContextVar[Visit | None] = ContextVar("camarad_visit", default=None)


def current_visit() -> Visit:
    """The visit behind the running handler. Raises NotSignedIn outside of the gate."""
    from chainlit.context import ChainlitContextException, get_context

    try:
        kept = getattr(get_context().session, "camarad_visit", None)
    except ChainlitContextException:
        kept = None
    visit: Visit | None = kept or CURRENT.get()
    if visit is None:
        raise NotSignedIn("This chat has no signed-in visitor.")
    return visit
