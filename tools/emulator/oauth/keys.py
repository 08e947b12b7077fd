"""The key that signs ID tokens; made at its first use and kept, so that the key's id outlives a restart."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import TYPE_CHECKING, Any

from tools.emulator.oauth import scopes
from tools.emulator.oauth.keeping import Keeper
from tools.emulator.oauth.tokens import Issued
from tools.emulator.users import GoogleUser

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

_ID_TOKEN_S = 3600


class SigningKey:
    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._key: RSAKey | None = None

    def public(self) -> dict[str, Any]:
        """The key set that programs verify with."""
        return {"keys": [self._own().as_dict(private=False)]}

    def id_token(self, issuer: str, issued: Issued, user: GoogleUser) -> str:
        """OpenID Connect Core 2: who signed in, for which program, with the nonce of the request."""
        from joserfc import jwt

        key, now = self._own(), int(time.time())
        claims: dict[str, Any] = {
            "iss": issuer,
            "azp": issued.token.client_id,
            "aud": issued.token.client_id,
            "at_hash": _half_hash(issued.access_token),
            "iat": now,
            "exp": now + _ID_TOKEN_S,
            **claims_of(user, issued.token.scopes),
        }
        if issued.nonce is not None:
            claims["nonce"] = issued.nonce
        return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": "JWT"}, claims, key)

    def _own(self) -> RSAKey:
        if self._key is None:
            from joserfc.jwk import RSAKey

            if self._keeper.key is None:
                made = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
                self._keeper.key = dict(made.as_dict(private=True))
                self._keeper.write()
            self._key = RSAKey.import_key(self._keeper.key)
        return self._key


def claims_of(user: GoogleUser, granted: frozenset[str]) -> dict[str, Any]:
    """What a program learns about a person, by its scopes."""
    claims: dict[str, Any] = {"sub": user.subject}
    if scopes.EMAIL in granted:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    if scopes.PROFILE in granted:
        claims |= {"name": user.name, "given_name": user.name}
    return claims


def _half_hash(token: str) -> str:
    """OpenID Connect Core 3.1.3.6: the left half of the hash."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
