"""What this Google has given out: consents, codes and tokens. Used from the event loop only.

Tokens are kept by their hash. Rules follow Google's documentation of OAuth 2.0 for web servers and RFC 6749: a code
is used once (4.1.2: a second use takes back what the first one gave), revoking any token ends the whole consent.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

ACCESS_LIFETIME_S = 3599
CODE_LIFETIME_S = 60
REFRESH_TOKENS = 100  # per person and program, as at Google; the oldest ends silently
ACCESS_TOKENS = 500  # likewise, so that what is kept stays small; Google has no such limit
_REMEMBER_EXPIRED_S = 24 * 3600  # so that an expired token is told from an unknown one

GrantKey = tuple[str, str]  # client id, e-mail


@dataclass(frozen=True, slots=True)
class Token:
    """`family` is what came of one code; rotated refresh tokens stay in it. `expires` 0 is never."""

    kind: Literal["access", "refresh"]
    client_id: str
    email: str
    scopes: frozenset[str]
    family: str
    expires: float = 0.0
    spent: bool = False  # a refresh token that was rotated away

    @property
    def grant(self) -> GrantKey:
        return self.client_id, self.email


@dataclass(slots=True)
class Code:
    client_id: str
    email: str
    scopes: frozenset[str]
    redirect_uri: str
    offline: bool
    challenge: str
    method: str
    nonce: str | None
    family: str
    expires: float
    used: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    access_token: str
    token: Token
    expires_in: int
    refresh_token: str | None = None
    nonce: str | None = None


@dataclass(slots=True)
class Rules:
    """What the control channel changes; `Clear` puts these back."""

    token_lifetime: int = ACCESS_LIFETIME_S
    code_lifetime: int = CODE_LIFETIME_S
    rotate: bool = False


@dataclass(slots=True)
class Kept:
    """What outlives the process."""

    consents: dict[GrantKey, frozenset[str]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)


class Ledger:
    """`changed` is called after each change of what is kept."""

    def __init__(self, kept: Kept, now: Callable[[], float], changed: Callable[[], None]) -> None:
        self.rules = Rules()
        self._kept, self._now, self._changed = kept, now, changed
        self._codes: dict[str, Code] = {}

    def consented(self, client_id: str, email: str) -> frozenset[str]:
        return self._kept.consents.get((client_id, email), frozenset())

    def open_code(self, code: Code) -> str:
        """Note the consent and give a code for it. The code's own scopes may be more, by earlier consents."""
        self._forget_codes()
        key = code.client_id, code.email
        self._kept.consents[key] = self._kept.consents.get(key, frozenset()) | code.scopes
        text = f"4/{secrets.token_urlsafe(32)}"
        code.expires = self._now() + self.rules.code_lifetime
        self._codes[_hash(text)] = code
        self._changed()
        return text

    def take_code(self, text: str) -> Code | None:
        """The code, now used; None for one that is unknown or too old. A second use takes back what it gave."""
        code = self._codes.get(_hash(text))
        if code is None:
            return None
        if code.used:
            self._end(lambda token: token.family == code.family)
            return None
        code.used = True
        return code if code.expires > self._now() else None

    def issue(self, code: Code) -> Issued:
        """The tokens of a code."""
        base = Token("access", code.client_id, code.email, code.scopes, code.family)
        refresh = self._refresh_token(base) if code.offline else None
        return self._access_token(base, refresh, code.nonce)

    def renew(self, text: str, client_id: str) -> Issued | None:
        """A new access token for a refresh token; None when it is unknown, revoked or another program's."""
        token = self._kept.tokens.get(_hash(text))
        if token is None or token.kind != "refresh" or token.client_id != client_id:
            return None
        if token.spent:  # somebody has an old copy: RFC 9700 4.14.2 ends all that came of it
            self._end(lambda other: other.family == token.family)
            return None
        refresh = None
        if self.rules.rotate:
            self._kept.tokens[_hash(text)] = replace(token, spent=True)
            refresh = self._refresh_token(token)
        return self._access_token(token, refresh, None)

    def access(self, text: str) -> Token | None:
        token = self._kept.tokens.get(_hash(text))
        return token if token and token.kind == "access" else None

    def is_expired(self, token: Token) -> bool:
        return bool(token.expires) and token.expires <= self._now()

    def revoke(self, text: str) -> bool:
        """End the whole consent that a token belongs to; False when there is no such token."""
        token = self._kept.tokens.get(_hash(text))
        if token is None or self.is_expired(token):
            return False
        self.end_consent(token.email, token.client_id)
        return True

    def end_consent(self, email: str, client_id: str | None = None) -> None:
        for key in [k for k in self._kept.consents if k[1] == email and client_id in (None, k[0])]:
            del self._kept.consents[key]
        self._end(lambda token: token.email == email and client_id in (None, token.client_id))

    def expire_access(self, email: str | None = None) -> None:
        """Every access token, or those of one person, is over from now on."""
        for name, token in self._kept.tokens.items():
            if token.kind == "access" and email in (None, token.email):
                self._kept.tokens[name] = replace(token, expires=min(token.expires, self._now()))
        self._changed()

    def forget(self) -> None:
        """As if nobody had ever consented."""
        self._kept.consents.clear()
        self._kept.tokens.clear()
        self._codes.clear()
        self._changed()

    def _access_token(self, base: Token, refresh: str | None, nonce: str | None) -> Issued:
        lifetime = self.rules.token_lifetime
        token = replace(base, kind="access", expires=self._now() + lifetime, spent=False)
        text = f"ya29.demo-{secrets.token_urlsafe(32)}"
        self._drop_old()
        self._make_room("access", token.grant, ACCESS_TOKENS)
        self._kept.tokens[_hash(text)] = token
        self._changed()
        return Issued(text, token, lifetime, refresh, nonce)

    def _refresh_token(self, base: Token) -> str:
        text = f"1//demo-{secrets.token_urlsafe(32)}"
        self._make_room("refresh", base.grant, REFRESH_TOKENS)
        self._kept.tokens[_hash(text)] = replace(base, kind="refresh", expires=0.0, spent=False)
        return text

    def _make_room(self, kind: str, grant: GrantKey, most: int) -> None:
        """End the oldest tokens of a kind until one more has its place."""
        live = [name for name, token in self._kept.tokens.items() if token.kind == kind and token.grant == grant]
        for name in live[: max(0, len(live) - most + 1)]:
            del self._kept.tokens[name]

    def _end(self, which: Callable[[Token], bool]) -> None:
        for name in [name for name, token in self._kept.tokens.items() if which(token)]:
            del self._kept.tokens[name]
        self._changed()

    def _drop_old(self) -> None:
        past = self._now() - _REMEMBER_EXPIRED_S
        for name in [name for name, token in self._kept.tokens.items() if 0 < token.expires < past]:
            del self._kept.tokens[name]

    def _forget_codes(self) -> None:
        """Used codes are remembered for a while, so that a second use is noticed."""
        past = self._now() - _REMEMBER_EXPIRED_S
        for name in [name for name, code in self._codes.items() if code.expires < past]:
            del self._codes[name]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
