"""The whole consent flow over real sockets, with the OAuth client that the product uses."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.emulator import consent
from tools.emulator.oauth.registration import CLIENT_ID, CLIENT_SECRET
from tools.emulator.oauth.scopes import ADS, ANALYTICS, EMAIL

BACK = "http://127.0.0.1:8123/callback"
AGENCY = "agency@camarad.example"


def answered(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
async def program(oauth_url: str):
    """The registered program, asking for an ID token and Analytics."""
    async with AsyncOAuth2Client(
        CLIENT_ID, CLIENT_SECRET, scope=f"openid email {ANALYTICS}", redirect_uri=BACK, code_challenge_method="S256"
    ) as client:
        yield client


@pytest.fixture
def ask(oauth_url: str, program: AsyncOAuth2Client):
    """The address of the consent page, with its state and the verifier."""

    def url(**fields: Any) -> tuple[str, str, str]:
        verifier = generate_token(48)
        address, state = program.create_authorization_url(
            f"{oauth_url}/o/oauth2/v2/auth", code_verifier=verifier, access_type="offline", **fields
        )
        return address, state, verifier

    return url


async def test_consent_ends_in_tokens_and_a_signed_id_token(oauth_url, program, ask):
    address, state, verifier = ask(nonce="n-1", state="tab two & more")
    back = answered(consent(address, AGENCY))
    assert back["state"] == state == "tab two & more"
    token = await program.fetch_token(f"{oauth_url}/token", code=back["code"], code_verifier=verifier)
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 3599
    assert set(token["scope"].split()) == {"openid", EMAIL, ANALYTICS}
    assert token["refresh_token"]
    keys = httpx.get(f"{oauth_url}/certs").json()
    claims = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=["RS256"]).claims
    assert claims["iss"] == oauth_url
    assert claims["aud"] == claims["azp"] == CLIENT_ID
    assert (claims["nonce"], claims["email"], claims["email_verified"]) == ("n-1", AGENCY, True)
    assert claims["exp"] > claims["iat"]
    about = httpx.get(f"{oauth_url}/userinfo", headers={"authorization": f"Bearer {token['access_token']}"}).json()
    assert about == {"sub": claims["sub"], "email": AGENCY, "email_verified": True}


def test_a_refusal_goes_back_with_the_state(ask):
    address, state, _ = ask()
    assert answered(consent(address, AGENCY, deny=True)) == {"error": "access_denied", "state": state}


async def test_an_unticked_scope_is_not_granted(oauth_url, program, ask):
    address, _, verifier = ask(scope=f"openid {ANALYTICS} {ADS}")
    back = answered(consent(address, AGENCY, untick=[ADS]))
    token = await program.fetch_token(f"{oauth_url}/token", code=back["code"], code_verifier=verifier)
    assert ADS not in token["scope"]
    assert ANALYTICS in token["scope"]
