"""What Google refuses, on its page and at its endpoints, and what every answer carries."""

from __future__ import annotations

import base64

import httpx
import pytest

from tests.support.emulator import consent
from tests.unit.tools.emulator.oauth import AGENCY, BACK, Program, answered
from tools.emulator.oauth.registration import CLIENT_ID, CLIENT_SECRET, Registration
from tools.emulator.oauth.scopes import ANALYTICS


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"redirect_uri": "https://evil.example/callback"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1@evil.example/"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1:8123/callback#x"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1:port/"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "javascript:alert(1)"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": ""}, 400, "invalid_request"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"response_type": ""}, 400, "invalid_request"),
        ({"scope": "openid https://www.googleapis.com/auth/drive"}, 400, "invalid_scope"),
        ({"scope": ""}, 400, "invalid_request"),
        ({"scope": " "}, 400, "invalid_request"),
        ({"prompt": "none consent"}, 400, "invalid_request"),
        ({"prompt": "perhaps"}, 400, "invalid_request"),
        ({"access_type": "forever"}, 400, "invalid_request"),
        ({"code_challenge": "x" * 43, "code_challenge_method": "S512"}, 400, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, 400, "invalid_request"),
        ({"code_challenge": "", "code_challenge_method": "S256"}, 400, "invalid_request"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_bad_request_ends_on_a_page_and_never_leaves_google(oauth_url, fields, status, code, method):
    asked = {
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": f"openid {ANALYTICS}",
        "state": "s",
        **fields,
    }
    form = {"account": AGENCY, "decision": "allow"} if method == "POST" else None
    page = httpx.request(method, f"{oauth_url}/o/oauth2/v2/auth", params=asked, data=form)
    assert page.status_code == status
    assert f"Error {status}: {code}" in page.text
    assert page.headers["content-type"].startswith("text/html")
    assert "location" not in page.headers


def test_a_parameter_given_twice_is_refused(program: Program):
    page = httpx.get(f"{program.ask()[0]}&scope=openid")
    assert "can only have a single value: scope" in page.text


def test_what_a_request_says_is_shown_as_text(program: Program):
    page = httpx.get(program.ask(response_type="<script>alert(1)</script>")[0])
    assert "<script>" not in page.text


def test_an_account_that_is_none_is_asked_for_again(program: Program):
    again = httpx.post(program.ask()[0], data={"account": "stranger@example.org", "decision": "allow"})
    assert again.status_code == 400
    assert "Choose an account" in again.text


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("http://localhost:3000/a", True),
        ("http://a.localhost:3000/a", True),
        ("http://[::1]:3000/a", True),
        ("http://127.8.9.10/a", True),
        ("https://app.camarad.example/a", True),
        ("http://APP.camarad.example:8080/a", True),
        ("https://other.camarad.example/a", False),
        ("https://app.camarad.example.evil.example/a", False),
        ("http://10.0.0.1/a", False),
        ("http://somebody@127.0.0.1/a", False),
        ("//127.0.0.1/a", False),
        ("http:///a", False),
        ("http://[::1/a", False),
    ],
)
def test_redirects_go_to_loopback_and_named_hosts_only(address, good):
    assert Registration(["app.camarad.example", " "]).allows(address) is good


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"code": "4/none"}, 400, "invalid_grant"),
        ({"code": ""}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "1//none"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
    ],
)
def test_the_token_endpoint_refuses_in_google_s_words(program: Program, form, status, error):
    sent = {"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK, **form}
    answer = program.post(**sent)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


@pytest.mark.parametrize(
    ("change", "error", "about"),
    [
        ({"redirect_uri": "http://127.0.0.1:8124/callback"}, "redirect_uri_mismatch", "Bad Request"),
        ({"redirect_uri": f"{BACK}/"}, "redirect_uri_mismatch", "Bad Request"),
        ({"code_verifier": ""}, "invalid_grant", "Missing code verifier."),
        ({"code_verifier": "y" * 64}, "invalid_grant", "Invalid code verifier."),
        ({"client_id": "other-demo", "client_secret": "other-demo-secret"}, "invalid_grant", "Malformed auth code."),
    ],
)
def test_a_code_is_bound_to_its_program_its_address_and_its_verifier(program: Program, change, error, about):
    address, verifier = program.ask()
    code = answered(consent(address, AGENCY))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
    assert program.post(**{**form, **change}).json() == {"error": error, "error_description": about}
    assert program.post(**form).json()["error"] == "invalid_grant", "a wrong attempt uses the code up"


def test_without_a_challenge_no_verifier_is_needed_and_one_is_refused(program: Program):
    address = str(httpx.URL(program.ask()[0]).copy_remove_param("code_challenge"))
    address = str(httpx.URL(address).copy_remove_param("code_challenge_method"))
    form = {"grant_type": "authorization_code", "redirect_uri": BACK}
    assert program.post(**form, code=answered(consent(address, AGENCY))["code"]).status_code == 200
    refused = program.post(**form, code=answered(consent(address, AGENCY))["code"], code_verifier="z" * 50)
    assert refused.json()["error_description"] == "Invalid code verifier."


async def test_a_refresh_token_of_one_program_is_nothing_to_another(program: Program):
    token = (await program.tokens())["refresh_token"]
    other = {"client_id": "other-demo", "client_secret": "other-demo-secret"}
    assert program.post(grant_type="refresh_token", refresh_token=token, **other).json()["error"] == "invalid_grant"
    assert program.renew(token).status_code == 200


async def test_a_program_may_name_itself_by_basic_authentication(program: Program):
    token = (await program.tokens())["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    assert httpx.post(f"{program.url}/token", data=form, auth=(CLIENT_ID, CLIENT_SECRET)).status_code == 200
    for sent in ("Basic !", f"Basic {base64.b64encode(b'camarad-demo:wrong').decode()}"):
        answer = httpx.post(f"{program.url}/token", data=form, headers={"authorization": sent})
        assert answer.json()["error"] == "invalid_client"


def test_nothing_is_cached_and_pages_run_nothing(program: Program):
    answers = [
        httpx.get(program.ask()[0]),
        httpx.get(program.ask(prompt="perhaps")[0]),
        program.post(grant_type="refresh_token", refresh_token="x"),
        httpx.get(f"{program.url}/certs"),
        httpx.get(f"{program.url}/userinfo"),
        httpx.get(f"{program.url}/.well-known/openid-configuration"),
        httpx.get(f"{program.url}/nothing-here"),
        httpx.post(f"{program.url}/token", content=b"x" * 70_000),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 400, 200, 401, 200, 404, 413]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy


def test_discovery_names_addresses_that_answer(program: Program):
    found = httpx.get(f"{program.url}/.well-known/openid-configuration").json()
    assert found["issuer"] == program.url
    assert httpx.get(found["jwks_uri"]).json()["keys"][0]["alg"] == "RS256"
    assert "d" not in httpx.get(found["jwks_uri"]).json()["keys"][0]
    assert httpx.get(found["userinfo_endpoint"]).status_code == 401
    assert httpx.post(found["token_endpoint"]).status_code == 400
    assert httpx.post(found["revocation_endpoint"]).status_code == 400
    assert httpx.get(found["authorization_endpoint"]).status_code == 400
    assert "S256" in found["code_challenge_methods_supported"]
