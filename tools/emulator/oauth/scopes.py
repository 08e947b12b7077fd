"""The scopes this Google knows, and which of them each API wants."""

from __future__ import annotations

ANALYTICS = "https://www.googleapis.com/auth/analytics.readonly"
ADS = "https://www.googleapis.com/auth/adwords"
OPENID = "openid"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
PROFILE = "https://www.googleapis.com/auth/userinfo.profile"

_SHORT = {"email": EMAIL, "profile": PROFILE}  # Google answers with the long names
IDENTITY = (OPENID, EMAIL, PROFILE)  # cannot be unticked
DATA = (ANALYTICS, ADS)
KNOWN = frozenset((*IDENTITY, *DATA))


def parse(text: str) -> tuple[str, ...]:
    """The scopes of a request in order, short names made long, none twice."""
    return tuple(dict.fromkeys(_SHORT.get(name, name) for name in text.split()))


def joined(scopes: frozenset[str]) -> str:
    return " ".join(sorted(scopes))


def wanted_by(service: str) -> str:
    """The scope that calls of a gRPC service need."""
    return ADS if service.startswith("google.ads.") else ANALYTICS
