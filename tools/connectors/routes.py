"""Where a connection's calls go and with which token. One record a source; `live` and `gateway` are added here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tools.connectors.channels import Endpoint
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
    source: Source
    endpoint: Endpoint
    tokens: TokenSource
    reason: str | None = None  # why this source and not another, when it needs saying


def demo_route(address: str) -> Route:
    return Route("demo", Endpoint(address, secure=False), FixedToken(DEMO_TOKEN))
