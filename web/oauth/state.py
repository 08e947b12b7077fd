"""What travels to Google and back: everything a worker needs to finish, sealed so that nobody else reads or makes it.

Fernet encrypts and authenticates (AES-128-CBC with HMAC-SHA-256); its key comes from SECRET_KEY, which all workers and
hosts share. The state is bound to a person, a client, a browser and a redirect URI, and is good for ten minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any, Final, Literal, TypeVar

from cryptography.fernet import Fernet, InvalidToken

from camarad.clock import Clock

Purpose = Literal["connect:ga4", "connect:google-ads", "signin", "link", "prove"]
Sealed = TypeVar("Sealed")

GOOD_FOR: Final = timedelta(minutes=10)
AHEAD: Final = timedelta(minutes=1)  # clocks of two hosts may differ by this much
MOST_CHARACTERS: Final = 3000


@dataclass(frozen=True, slots=True)
class Flow:
    """`user` is empty when somebody signs in; `client` when no connection is meant. `at` is seconds since 1970."""

    id: str
    purpose: Purpose
    user: str
    workspace: str
    client: str
    browser: str
    redirect_uri: str
    verifier: str
    nonce: str
    next: str
    at: int


@dataclass(frozen=True, slots=True)
class PendingLink:
    """A Google account that was proven, waiting for the word of the person whose e-mail it has."""

    id: str
    user: str
    subject: str
    email: str
    browser: str
    next: str
    at: int


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody signed in who was at Google again a moment ago, with a Google account that is theirs here."""

    user: str
    session: str
    browser: str
    at: int


class StateRefused(Exception):
    """`why` is `tampered` (not ours, or changed) or `expired`."""

    def __init__(self, why: Literal["tampered", "expired"]) -> None:
        super().__init__(why)
        self.why = why


class States:
    """Seals and opens. What was sealed as one kind never opens as another."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._clock = clock
        self._flows, self._links, self._proofs = (_box(secret, kind) for kind in ("flow", "link", "proof"))

    def seal(self, flow: Flow) -> str:
        return _seal(self._flows, flow)

    def open(self, text: str) -> Flow:
        """Raises StateRefused. Costs one HMAC for anything not sealed here, and nothing for what is too long."""
        return self._open(self._flows, Flow, text)

    def seal_link(self, link: PendingLink) -> str:
        return _seal(self._links, link)

    def open_link(self, text: str) -> PendingLink:
        return self._open(self._links, PendingLink, text)

    def seal_proof(self, proof: Proof) -> str:
        return _seal(self._proofs, proof)

    def open_proof(self, text: str) -> Proof:
        return self._open(self._proofs, Proof, text)

    def _open(self, box: Fernet, kind: Callable[..., Sealed], text: str) -> Sealed:
        values = _values(box, text, {field.name for field in fields(kind)})  # type: ignore[arg-type]
        now = self._clock.now().timestamp()
        if values["at"] > now + AHEAD.total_seconds():
            raise StateRefused("tampered")
        if values["at"] + GOOD_FOR.total_seconds() < now:
            raise StateRefused("expired")
        return kind(**values)


def _box(secret: str, kind: str) -> Fernet:
    key = hmac.new(secret.encode(), f"camarad.oauth.{kind}".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _seal(box: Fernet, value: Flow | PendingLink | Proof) -> str:
    return box.encrypt(json.dumps(asdict(value), separators=(",", ":")).encode()).decode()


def _values(box: Fernet, text: str, names: set[str]) -> dict[str, Any]:
    if len(text) > MOST_CHARACTERS:
        raise StateRefused("tampered")
    try:
        values: dict[str, Any] = json.loads(box.decrypt(text.encode()))
    except (InvalidToken, ValueError) as error:
        raise StateRefused("tampered") from error
    if values.keys() != names:  # sealed by another version of the product
        raise StateRefused("expired")
    return values
