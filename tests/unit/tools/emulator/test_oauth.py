"""The whole consent flow over real sockets, with the OAuth client that the product uses."""

from __future__ import annotations

import httpx
import pytest
from authlib.integrations.base_client import OAuthError
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.emulator import consent
from tests.unit.tools.emulator.oauth import AGENCY, BACK, Program, answered
from tools.emulator.oauth.registration import CLIENT_ID
from tools.emulator.oauth.scopes import ADS, ANALYTICS, EMAIL, PROFILE

READER = "reader@camarad.example"


async def test_consent_ends_in_tokens_and_a_signed_id_token(program: Program):
    token = await program.tokens(nonce="n-1")
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3599)
    assert set(token["scope"].split()) == {"openid", EMAIL, ANALYTICS}
    assert token["refresh_token"]
    keys = KeySet.import_key_set(httpx.get(f"{program.url}/certs").json())
    read = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    claims = read.claims
    assert read.header["kid"] in [key.kid for key in keys.keys]
    assert claims["iss"] == program.url
    assert claims["aud"] == claims["azp"] == CLIENT_ID
    assert (claims["nonce"], claims["email"], claims["email_verified"]) == ("n-1", AGENCY, True)
    assert claims["exp"] > claims["iat"]
    assert program.userinfo(token) == {"sub": claims["sub"], "email": AGENCY, "email_verified": True}


async def test_an_address_that_was_never_confirmed_says_so(program: Program):
    token = await program.tokens("unverified@camarad.example", scope="openid email profile")
    about = program.userinfo(token)
    assert about["email_verified"] is False
    assert about["name"] == "Unverified address"


async def test_without_a_nonce_and_openid_there_is_no_id_token(program: Program):
    token = await program.tokens(scope=ANALYTICS)
    assert "id_token" not in token
    assert program.userinfo(token)["error"] == "insufficient_scope"


def test_the_state_comes_back_untouched(program: Program):
    state = "tab two & more = 100 %/ș"
    address, _ = program.ask(state=state)
    assert answered(consent(address, AGENCY))["state"] == state
    address, _ = program.ask(state=state)
    assert answered(consent(address, AGENCY, deny=True)) == {"error": "access_denied", "state": state}


def test_an_answer_keeps_what_the_redirect_address_already_asks(program: Program):
    address, _ = program.ask(redirect_uri=f"{BACK}?tab=2")
    back = consent(address, AGENCY)
    assert back.startswith(f"{BACK}?tab=2&")
    assert answered(back)["code"]


async def test_an_unticked_scope_is_not_granted(program: Program):
    token = await program.tokens(scope=f"openid {ANALYTICS} {ADS}", untick=[ADS])
    assert set(token["scope"].split()) == {"openid", ANALYTICS}


def test_nothing_left_ticked_is_a_refusal(program: Program):
    address, _ = program.ask(scope=f"{ANALYTICS} {ADS}")
    assert answered(consent(address, AGENCY, untick=[ADS, ANALYTICS]))["error"] == "access_denied"


async def test_a_refresh_token_comes_with_the_first_consent_and_when_it_is_asked_for_again(program: Program):
    assert "refresh_token" in await program.tokens()
    assert "refresh_token" not in await program.tokens()
    assert "refresh_token" in await program.tokens(prompt="consent")
    assert "refresh_token" in await program.tokens(scope=ADS)
    assert "refresh_token" not in await program.tokens(READER, access_type="online")


async def test_earlier_consents_are_included_only_when_asked_for(program: Program):
    await program.tokens(scope=f"openid {ANALYTICS}")
    alone = await program.tokens(scope=ADS)
    both = await program.tokens(scope=ADS, include_granted_scopes="true")
    assert alone["scope"] == ADS
    assert set(both["scope"].split()) == {"openid", ANALYTICS, ADS}


async def test_a_refresh_gives_another_access_token_and_keeps_the_refresh_token(program: Program):
    token = await program.tokens()
    renewed = program.renew(token["refresh_token"]).json()
    assert renewed["access_token"] != token["access_token"]
    assert "refresh_token" not in renewed
    assert set(renewed["scope"].split()) == set(token["scope"].split())
    assert program.userinfo(token)["email"] == program.userinfo(renewed)["email"] == AGENCY


async def test_rotation_gives_a_new_refresh_token_and_the_old_one_ends_both(program: Program, emulator_faults):
    emulator_faults.rotate_refresh_tokens()
    old = (await program.tokens())["refresh_token"]
    new = program.renew(old).json()["refresh_token"]
    assert new != old
    assert program.renew(new).status_code == 200
    assert program.renew(old).json()["error"] == "invalid_grant"
    assert program.renew(new).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_revoking_either_token_ends_the_whole_consent(program: Program, kind):
    first = await program.tokens()
    second = await program.tokens(scope=ADS, prompt="consent")
    others = await program.tokens(READER)
    assert httpx.post(f"{program.url}/revoke", data={"token": first[kind]}).status_code == 200
    for token in (first, second):
        assert program.renew(token["refresh_token"]).json() == {
            "error": "invalid_grant",
            "error_description": "Token has been expired or revoked.",
        }
        assert program.userinfo(token)["error"] == "invalid_request"
    assert program.renew(others["refresh_token"]).status_code == 200
    assert "refresh_token" in await program.tokens(), "the next consent is the first again"
    again = httpx.post(f"{program.url}/revoke", params={"token": first[kind]})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")


async def test_a_code_is_used_once_and_a_second_use_takes_back_what_it_gave(program: Program):
    address, verifier = program.ask()
    code = answered(consent(address, AGENCY))["code"]
    token = await program.exchange(code, verifier)
    other = await program.tokens(prompt="consent")
    with pytest.raises(OAuthError, match="invalid_grant"):
        await program.exchange(code, verifier)
    assert program.renew(token["refresh_token"]).json()["error"] == "invalid_grant"
    assert program.userinfo(token)["error"] == "invalid_request"
    assert program.userinfo(other)["email"] == AGENCY


async def test_a_code_of_which_the_time_is_over_is_refused(program: Program, emulator_faults):
    emulator_faults.code_lifetime(0)
    address, verifier = program.ask()
    code = answered(consent(address, AGENCY))["code"]
    with pytest.raises(OAuthError, match="Malformed auth code"):
        await program.exchange(code, verifier)


def test_silent_sign_in_needs_somebody_known_and_a_consent(program: Program):
    address, _ = program.ask(prompt="none")
    with httpx.Client() as browser:
        assert answered(consent(address, AGENCY, client=browser))["error"] == "login_required"
        first, _ = program.ask()
        consent(first, READER, client=browser)
        assert "code" in answered(consent(address, AGENCY, client=browser))
        more, _ = program.ask(prompt="none", scope=f"{ANALYTICS} {ADS}")
        assert answered(consent(more, AGENCY, client=browser))["error"] == "interaction_required"
        hinted, _ = program.ask(prompt="none", login_hint=AGENCY)
        assert answered(consent(hinted, AGENCY, client=browser))["error"] == "login_required"


def test_the_hinted_account_is_chosen_and_else_who_was_here_last(program: Program):
    def chosen(browser: httpx.Client, **fields: str) -> str:
        text = browser.get(program.ask(**fields)[0]).text
        (line,) = [line for line in text.splitlines() if 'type="radio"' in line and " checked" in line]
        return line.partition('value="')[2].partition('"')[0]

    with httpx.Client() as browser:
        assert chosen(browser) == AGENCY
        assert chosen(browser, login_hint=READER) == READER
        consent(program.ask()[0], READER, client=browser)
        assert chosen(browser) == READER
        assert chosen(browser, prompt="select_account") == AGENCY


def test_identity_can_not_be_unticked(program: Program):
    text = httpx.get(program.ask(scope="openid email profile")[0]).text
    assert 'type="checkbox"' not in text
    assert "e-mail address and name" in text
    assert PROFILE not in text


def test_the_page_speaks_romanian_when_asked_and_needs_no_script(program: Program):
    page = httpx.get(program.ask(hl="ro")[0])
    assert 'lang="ro"' in page.text
    assert "Date inventate" in page.text
    assert "<script" not in page.text
    accepted = httpx.get(program.ask()[0], headers={"accept-language": "de, ro-RO;q=0.8"})
    assert "Alege un cont" in accepted.text
    assert "Made-up data, no real account" in httpx.get(program.ask()[0]).text
