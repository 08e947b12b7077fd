"""Faults of the sign-in, and shares of failing calls, over gRPC and over HTTP."""

from __future__ import annotations

import time

import grpc
import httpx
import pytest
from google.api_core import exceptions

from camarad.errors import BadInput
from tests.support.emulator import TODAY, consent
from tests.unit.tools.emulator.oauth import AGENCY, BACK, Program, answered
from tools.emulator.commands import emulator as command
from tools.emulator.faults import ANY, Call, FaultBook, Share
from tools.emulator.oauth.faults import HTTP_CODES


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("500", 500, "internal_failure"),
        ("502", 502, None),
        ("503", 503, None),
        ("504", 504, None),
        ("invalid_grant", 400, "invalid_grant"),
        ("invalid_client", 401, "invalid_client"),
        ("rate_limit", 429, "rate_limit_exceeded"),
        ("garbage", 200, None),
        ("slow", 200, None),
    ],
)
async def test_the_token_endpoint_fails_as_told_and_then_recovers(program, emulator_faults, code, status, error):
    token = await program.tokens()
    emulator_faults.token_fault(code, times=2)
    for _ in range(2):
        failed = program.renew(token["refresh_token"])
        assert failed.status_code == status
        if error:
            assert failed.json()["error"] == error
    assert program.renew(token["refresh_token"]).json()["access_token"]


def test_every_code_of_the_sign_in_is_covered():
    assert set(HTTP_CODES) == {
        "500", "502", "503", "504", "slow", "invalid_grant", "invalid_client", "rate_limit", "garbage",
    }  # fmt: skip


async def test_a_code_survives_a_failing_token_endpoint(program: Program, emulator_faults):
    address, verifier = program.ask()
    code = answered(consent(address, AGENCY))["code"]
    emulator_faults.token_fault("503")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
    assert program.post(**form).status_code == 503
    assert program.post(**form).status_code == 200


def test_a_slow_token_endpoint_waits(program: Program, emulator_faults):
    emulator_faults.token_fault("slow", delay_s=0.3)
    began = time.monotonic()
    program.renew("1//none")
    assert time.monotonic() - began >= 0.3


async def test_calls_of_the_sign_in_are_recorded(program: Program, emulator_faults):
    token = await program.tokens()
    program.renew(token["refresh_token"])
    program.userinfo(token)
    made = [(call["method"], call["target"]) for call in emulator_faults.calls()]
    assert made == [("Token", "authorization_code"), ("Token", "refresh_token"), ("Userinfo", "")]


@pytest.mark.parametrize(("endpoint", "path"), [("Certs", "certs"), ("Discovery", ".well-known/openid-configuration")])
def test_other_endpoints_fail_too(oauth_url, emulator_faults, endpoint, path):
    emulator_faults.add(endpoint, "503")
    assert [httpx.get(f"{oauth_url}/{path}").status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize("endpoint", ["revoke", "userinfo"])
def test_what_is_posted_fails_too(oauth_url, emulator_faults, endpoint):
    emulator_faults.add(endpoint.capitalize(), "500")
    statuses = [httpx.post(f"{oauth_url}/{endpoint}").status_code for _ in range(2)]
    assert statuses == [500, {"revoke": 400, "userinfo": 401}[endpoint]]


def test_a_fault_of_all_calls_means_the_apis_and_not_the_sign_in(program, report, emulator_faults):
    emulator_faults.add(ANY, "unavailable")
    assert program.renew("1//none").status_code == 400
    with pytest.raises(exceptions.ServiceUnavailable):
        report()


@pytest.mark.parametrize(("method", "code"), [("Token", "unavailable"), ("RunReport", "503"), ("Token", "meltdown")])
def test_a_code_of_the_other_kind_is_refused(emulator_faults, method, code):
    with pytest.raises(grpc.RpcError, match="No such control call or fault"):
        emulator_faults.add(method, code)


def test_a_share_of_calls_fails_the_same_way_each_time():
    def drawn(seed: int) -> list[bool]:
        book = FaultBook()
        book.share(Share(ANY, "unavailable", 20, seed))
        return [book.take(Call("Search", "1")) is not None for _ in range(1000)]

    assert drawn(7) == drawn(7) != drawn(8)
    assert 150 < sum(drawn(7)) < 250


def test_a_share_is_set_anew_not_added_and_ends_with_clear(report, emulator_faults):
    emulator_faults.share("RunReport", "unavailable", 100)
    with pytest.raises(exceptions.ServiceUnavailable):
        report()
    emulator_faults.share("RunReport", "unavailable", 0)
    assert report().rows
    emulator_faults.share(ANY, "internal", 100)
    with pytest.raises(exceptions.InternalServerError):
        report()
    emulator_faults.clear()
    assert report().rows


def test_a_standing_share_survives_a_clear():
    book = FaultBook((Share(ANY, "unavailable", 100),))
    book.clear()
    assert book.take(Call("Search", "1"))
    assert book.take(Call("Token", "refresh_token"), wild=False) is None


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_share_that_is_none_is_refused(emulator_faults, percent):
    with pytest.raises(grpc.RpcError, match="No such control call"):
        emulator_faults.share(ANY, "unavailable", percent)
    with pytest.raises(BadInput, match="is no share"):
        command(["--data", "unused", "--today", TODAY.isoformat(), "--fail-share", str(percent)])


def test_scripts_reach_the_control_channel_over_http(program: Program, emulator_faults):
    fault = {"method": "Token", "code": "503"}
    assert httpx.post(f"{program.url}/control/AddFault", json=fault).json() == {}
    assert program.renew("1//none").status_code == 503
    assert len(httpx.post(f"{program.url}/control/Calls", json={}).json()["calls"]) == 1
    refused = httpx.post(f"{program.url}/control/Explode", json={})
    assert (refused.status_code, refused.json()["error"]) == (400, "No such control call or fault: Explode {}")
    for body in ("[1]", "{", '"x"', '{"method": 1}'):
        answer = httpx.post(
            f"{program.url}/control/AddFault", content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400


def test_a_page_of_another_site_cannot_use_the_control_channel(oauth_url):
    assert httpx.post(f"{oauth_url}/control/Clear", data={"a": "b"}).status_code == 415
    preflight = httpx.options(f"{oauth_url}/control/Clear", headers={"origin": "http://evil.example"})
    assert "access-control-allow-origin" not in preflight.headers
