"""Where a connection's calls go and with which token. One record a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from tools.connectors.channels import Endpoint
from tools.record import Provider
from tools.result import Source

DEMO_TOKEN = "demo"  # noqa: S105 (the emulator's public token; it opens nothing but made-up data)


class TokenSource(Protocol):
    async def get(self) -> str:
        """A bearer token, from memory when it is still good."""

    async def renew(self, refused: str) -> str | None:
        """Another token after Google refused this one; None when only a new consent helps."""


@dataclass(frozen=True, slots=True)
class FixedToken:
    """A token that never changes. Renewing gives it once more: a refusal may have been a passing one."""

    token: str

    async def get(self) -> str:
        return self.token

    async def renew(self, refused: str) -> str | None:
        return self.token


@dataclass(frozen=True, slots=True)
class Route:
    """`metadata` goes with every call, beside the token. `admin` answers for Analytics' account list."""

    source: Source
    endpoint: Endpoint
    tokens: TokenSource
    admin: Endpoint
    reason: str | None = None  # why this source and not another, when it needs saying
    metadata: tuple[tuple[str, str], ...] = ()


LIVE: dict[Provider, Endpoint] = {
    "ga4": Endpoint("analyticsdata.googleapis.com:443"),
    "google-ads": Endpoint("googleads.googleapis.com:443"),
}
ADMIN = Endpoint("analyticsadmin.googleapis.com:443")


def demo_route(address: str) -> Route:
    """Made-up data for the seeded demo clients."""
    there = Endpoint(address, secure=False)
    return Route("demo", there, FixedToken(DEMO_TOKEN), there)


def consented_route(
    provider: Provider,
    source: Literal["live", "demo"],
    tokens: TokenSource,
    emulator: str | None,
    developer_token: str | None,
    reason: str | None = None,
) -> Route | None:
    """With the client's own consent, at the Google that gave it; None when that is an emulator that does not run."""
    if source == "demo":
        if emulator is None:
            return None
        there = Endpoint(emulator, secure=False)
        return Route("demo", there, tokens, there, reason)
    more = (("developer-token", developer_token),) if developer_token and provider == "google-ads" else ()
    return Route("live", LIVE[provider], tokens, ADMIN, reason, more)
