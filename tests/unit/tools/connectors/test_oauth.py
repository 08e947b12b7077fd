"""Where people are sent, which Google it is, and which identity tokens are believed. No network."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from pydantic import SecretStr

from camarad.clock import SystemClock
from camarad.errors import Misconfigured
from camarad.settings import Settings
from tools.connectors.identity import IdTokens
from tools.connectors.oauth import SCOPES, Google

BACK = "https://app.example/api/connectors/ga4/oauth/callback"
ISSUER, CLIENT = "https://accounts.google.com", "client-1"


def live(settings: Settings) -> Google:
    return Google(
        settings.model_copy(
            update={"google_oauth_client_id": CLIENT, "google_oauth_client_secret": SecretStr("secret-canary")}
        )
    )


def asked(google: Google, *scopes: str, **more: Any) -> tuple[str, dict[str, str]]:
    parts = urlsplit(google.authorize_url("the-state", "v" * 64, list(scopes), BACK, "the-nonce", **more))
    return f"{parts.scheme}://{parts.netloc}{parts.path}", {k: v[0] for k, v in parse_qs(parts.query).items()}


def test_a_connector_asks_offline_with_consent_on_top_of_what_was_granted(settings: Settings) -> None:
    address, said = asked(live(settings), SCOPES["ga4"], login_hint="ana@example.com")
    assert address == "https://accounts.google.com/o/oauth2/v2/auth"
    assert (said["access_type"], said["prompt"], said["include_granted_scopes"]) == ("offline", "consent", "true")
    assert said["scope"].split() == ["openid", "email", SCOPES["ga4"]]
    assert (said["state"], said["nonce"], said["redirect_uri"]) == ("the-state", "the-nonce", BACK)
    assert (said["code_challenge_method"], said["login_hint"]) == ("S256", "ana@example.com")
    assert "v" * 64 not in str(said) and "secret-canary" not in str(said)


def test_signing_in_asks_for_no_data_and_lets_the_person_choose(settings: Settings) -> None:
    _, said = asked(live(settings), "openid", "email")
    assert said["scope"] == "openid email" and said["prompt"] == "select_account"
    assert "access_type" not in said


def test_which_google_it_is_follows_the_settings(settings: Settings) -> None:
    emulated = settings.model_copy(update={"emulator_oauth_url": "http://127.0.0.1:9401", "camarad_demo": True})
    assert live(emulated).source == "live"
    assert Google(emulated).source == "demo"
    assert asked(Google(emulated), "email")[0] == "http://127.0.0.1:9401/o/oauth2/v2/auth"
    assert Google(emulated.model_copy(update={"camarad_demo": False})).source is None


async def test_without_a_google_it_says_so(settings: Settings) -> None:
    google = Google(settings)
    assert not google.configured
    with pytest.raises(Misconfigured, match="not set up") as caught:
        google.authorize_url("s", "v" * 64, ["email"], BACK, "n")
    assert caught.value.code == "google_not_configured"
    with pytest.raises(Misconfigured):
        await google.refresh("token")


KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


class Keys:
    def __init__(self, *keys: RSAKey) -> None:
        self.keys, self.read = keys, 0

    async def __call__(self) -> Any:
        self.read += 1
        return KeySet(list(self.keys)).as_dict(private=False)


def token(key: RSAKey = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 600, "nonce": "n"} | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(header or {"alg": "RS256", "kid": "one"}, claims, key)


def verifier() -> IdTokens:
    return IdTokens(CLIENT, (ISSUER, "accounts.google.com"), SystemClock())


async def test_a_good_token_is_believed_and_the_keys_are_read_once() -> None:
    keys, tokens = Keys(KEY), verifier()
    for issuer in (ISSUER, "accounts.google.com"):
        assert (await tokens.verify(token(iss=issuer), "n", keys))["sub"] == "1"
    assert keys.read == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"exp": int(time.time()) - 600},
        {"iat": int(time.time()) + 6000},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": ""},
        {"sub": None},
        {"aud": None},
        {"exp": None},
    ],
)
async def test_a_token_that_is_not_for_this_request_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as caught:
        await verifier().verify(token(**bad), "n", Keys(KEY))
    assert "eyJ" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."])
async def test_what_is_no_signed_token_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        await verifier().verify(text, "n", Keys(KEY))


async def test_a_token_signed_by_somebody_else_is_refused_and_does_not_read_the_keys_each_time() -> None:
    keys, tokens = Keys(KEY), verifier()
    await tokens.verify(token(), "n", keys)
    for _ in range(5):
        with pytest.raises(ValueError, match="signature"):
            await tokens.verify(token(OTHER), "n", keys)
    assert keys.read == 1


async def test_keys_that_cannot_be_read_are_an_error_of_ours() -> None:
    async def nonsense() -> Any:
        return {"keys": "nonsense"}

    with pytest.raises(ValueError, match="keys"):
        await verifier().verify(token(), "n", nonsense)
