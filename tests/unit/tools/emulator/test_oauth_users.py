"""What each made-up Google account sees through the APIs, with a token from the sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.ads.googleads.v26.services.services.customer_service import CustomerServiceClient
from google.ads.googleads.v26.services.services.customer_service.transports import CustomerServiceGrpcTransport
from google.analytics.admin_v1beta import AnalyticsAdminServiceClient
from google.analytics.admin_v1beta.services.analytics_admin_service.transports import AnalyticsAdminServiceGrpcTransport
from google.analytics.data_v1beta import types as beta
from google.api_core import exceptions

from tests.unit.tools.emulator.conftest import ads, analytics
from tests.unit.tools.emulator.oauth import AGENCY, Program
from tools.connectors.classify import classify
from tools.emulator.agency import DEMO_CLIENTS, MANAGER_ID
from tools.emulator.oauth.scopes import ADS, ANALYTICS
from tools.emulator.users import GoogleUser, google_users

BOTH = f"openid {ANALYTICS} {ADS}"
MARKETING = "marketing@lampadar.example"
READER = "reader@camarad.example"
EMPTY = "empty@camarad.example"
ALL = {c.ga4.property_id for c in DEMO_CLIENTS if c.ga4}
FAILURE = "google.ads.googleads.v26.errors.googleadsfailure-bin"


class Apis:
    """Google's clients, called with a token."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address)
        self.data = analytics(address)
        self._search = ads(address)

    def close(self) -> None:
        self._channel.close()
        self.data.transport.close()
        self._search.transport.close()

    def properties(self, token: str) -> set[str]:
        client = AnalyticsAdminServiceClient(transport=AnalyticsAdminServiceGrpcTransport(channel=self._channel))
        accounts = list(client.list_account_summaries({}, metadata=bearer(token)))
        return {p.property.removeprefix("properties/") for account in accounts for p in account.property_summaries}

    def customers(self, token: str) -> set[str]:
        client = CustomerServiceClient(transport=CustomerServiceGrpcTransport(channel=self._channel))
        names = client.list_accessible_customers({}, metadata=bearer(token)).resource_names
        return {name.removeprefix("customers/") for name in names}

    def sessions(self, token: str, property_id: str) -> int:
        request = beta.RunReportRequest(
            property=f"properties/{property_id}",
            metrics=[beta.Metric(name="sessions")],
            date_ranges=[beta.DateRange(start_date="7daysAgo", end_date="yesterday")],
        )
        return len(self.data.run_report(request, metadata=bearer(token), timeout=20).rows)

    def search(
        self, token: str, customer: str, login: str = "", query: str = "SELECT customer.id FROM customer"
    ) -> Any:
        metadata = [*bearer(token), *([("login-customer-id", login)] if login else [])]
        return list(
            self._search.search(request={"customer_id": customer, "query": query}, metadata=metadata, timeout=20)
        )


def bearer(token: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {token}")]


@pytest.fixture
def apis(emulator) -> Iterator[Apis]:
    made = Apis(emulator.address)
    yield made
    made.close()


@pytest.fixture
def token(program: Program) -> Callable:
    async def give(user: str = AGENCY, scope: str = BOTH) -> str:
        return (await program.tokens(user, scope=scope))["access_token"]

    return give


@pytest.mark.parametrize(
    ("user", "seen"),
    [(AGENCY, ALL), (READER, ALL), (MARKETING, {"410000001"}), (EMPTY, set()), ("unverified@camarad.example", set())],
)
async def test_a_person_picks_among_the_own_properties_only(apis, token, user, seen):
    given = await token(user)
    assert apis.properties(given) == seen
    for property_id in ALL:
        if property_id in seen:
            assert apis.sessions(given, property_id)
        else:
            with pytest.raises(exceptions.PermissionDenied, match="sufficient permissions for this property"):
                apis.sessions(given, property_id)


async def test_the_agency_reaches_accounts_directly_and_through_its_manager(apis, token):
    given = await token()
    assert apis.customers(given) == {MANAGER_ID, "4100000055"}
    assert apis.search(given, "4100000011", MANAGER_ID)
    assert apis.search(given, MANAGER_ID)
    for customer, login in (("4100000011", ""), ("4100000011", "4100000011"), ("4100000055", MANAGER_ID)):
        with pytest.raises(exceptions.PermissionDenied, match="login-customer-id"):
            apis.search(given, customer, login)


async def test_somebody_of_one_client_reaches_its_account_without_a_manager(apis, token):
    given = await token(MARKETING)
    assert apis.customers(given) == {"4100000011"}
    assert apis.search(given, "4100000011")
    assert apis.search(given, "4100000011", "410-000-0011")
    for customer, login in (("4100000011", MANAGER_ID), ("4100000022", ""), (MANAGER_ID, ""), ("4100000055", "")):
        with pytest.raises(exceptions.PermissionDenied):
            apis.search(given, customer, login)


async def test_a_network_has_managers_under_managers_and_accounts_that_are_closed(apis, token):
    given = await token("network@camarad.example")
    assert apis.properties(given) == {"410000003", "410000005"}
    assert apis.customers(given) == {"9000000010", "9000000012", "4100000082"}
    query = "SELECT customer_client.id, customer_client.level, customer_client.manager, customer_client.status, "
    query += "customer_client.test_account FROM customer_client"
    rows = [row.customer_client for row in apis.search(given, "9000000010", query=query)]
    assert {(row.id, row.level, row.manager, row.status.name) for row in rows} == {
        (9000000010, 0, True, "ENABLED"),
        (9000000011, 1, True, "ENABLED"),
        (4100000083, 1, False, "SUSPENDED"),
        (4100000081, 2, False, "ENABLED"),
        (4100000082, 2, False, "CANCELED"),
    }
    (empty,) = [row.customer_client for row in apis.search(given, "9000000012", query=query)]
    assert (empty.level, empty.manager, empty.test_account) == (0, True, True)
    assert apis.search(given, "4100000081", "9000000010")
    assert len(apis.search(given, "9000000011", "9000000010", query)) == 3
    for customer, login in (("4100000082", ""), ("4100000083", "9000000010")):
        with pytest.raises(exceptions.PermissionDenied, match="not yet enabled or has been deactivated"):
            apis.search(given, customer, login)
    with pytest.raises(exceptions.PermissionDenied, match="login-customer-id"):
        apis.search(given, "4100000081", "9000000011")
    with pytest.raises(exceptions.InvalidArgument, match="manager account"):
        apis.search(given, "9000000011", "9000000010", "SELECT metrics.clicks FROM customer")


@pytest.mark.parametrize("user", [READER, EMPTY])
async def test_an_account_without_google_ads_is_told_so(apis, token, user):
    given = await token(user)
    for call in (lambda: apis.customers(given), lambda: apis.search(given, "4100000011", MANAGER_ID)):
        with pytest.raises(exceptions.Unauthenticated) as refused:
            call()
        trailing = dict(refused.value.errors[0].trailing_metadata())
        failure = GoogleAdsFailure.deserialize(trailing[FAILURE])
        assert failure.errors[0].error_code.authentication_error.name == "NOT_ADS_USER"
        assert classify("google-ads", refused.value).code == "google_ads_permission"


async def test_a_token_works_only_in_the_scopes_it_was_given(apis, token):
    analytics_only, ads_only = await token(scope=ANALYTICS), await token(scope=ADS)
    assert apis.sessions(analytics_only, "410000001")
    assert apis.customers(ads_only)
    for call in (
        lambda: apis.sessions(ads_only, "410000001"),
        lambda: apis.properties(ads_only),
        lambda: apis.customers(analytics_only),
        lambda: apis.search(analytics_only, "4100000011", MANAGER_ID),
    ):
        with pytest.raises(exceptions.PermissionDenied, match="insufficient authentication scopes") as refused:
            call()
        assert refused.value.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


async def test_an_expired_token_is_told_from_an_unknown_one(apis, token, emulator_faults):
    given, others = await token(), await token(READER)
    emulator_faults.expire_access_tokens(AGENCY)
    with pytest.raises(exceptions.Unauthenticated) as refused:
        apis.sessions(given, "410000001")
    assert refused.value.reason == "ACCESS_TOKEN_EXPIRED"
    with pytest.raises(exceptions.Unauthenticated, match="OAuth token is expired"):
        apis.search(given, "4100000055")
    with pytest.raises(exceptions.Unauthenticated) as refused:
        apis.sessions("ya29.never", "410000001")
    assert refused.value.reason == "ACCESS_TOKEN_TYPE_UNSUPPORTED"
    assert apis.sessions(others, "410000001")
    emulator_faults.expire_access_tokens()
    with pytest.raises(exceptions.Unauthenticated):
        apis.sessions(others, "410000001")


async def test_tokens_are_given_the_lifetime_that_was_set(apis, program, emulator_faults):
    emulator_faults.token_lifetime(0)
    token = await program.tokens()
    assert token["expires_in"] == 0
    with pytest.raises(exceptions.Unauthenticated):
        apis.properties(token["access_token"])
    emulator_faults.clear()
    assert (program.renew(token["refresh_token"]).json())["expires_in"] == 3599


async def test_a_consent_taken_back_at_google_ends_its_tokens(apis, program, emulator_faults):
    token, others = await program.tokens(), await program.tokens(READER)
    emulator_faults.revoke_grant(AGENCY)
    with pytest.raises(exceptions.Unauthenticated):
        apis.properties(token["access_token"])
    assert program.renew(token["refresh_token"]).json()["error"] == "invalid_grant"
    assert apis.properties(others["access_token"])


def test_everybody_is_a_role_with_an_id_of_google_s_form():
    users = google_users({"1"}, ["2"], [])
    assert [len(user.subject) for user in users.values()] == [21] * len(users)
    assert len({user.subject for user in users.values()}) == len(users)
    assert all(email.endswith(".example") and email == email.lower() for email in users)


def test_each_fixture_client_has_somebody_who_works_for_it(fixture_emulator):
    from tests.support.emulator import consent
    from tests.unit.tools.emulator.oauth import answered

    program = Program(fixture_emulator.oauth_url)
    apis = Apis(fixture_emulator.address)
    tokens = {}
    for user in ("fix-shop@camarad.example", "fix-ads-only@camarad.example", AGENCY):
        address, verifier = program.ask(scope=BOTH)
        form = {"redirect_uri": "http://127.0.0.1:8123/callback", "code_verifier": verifier}
        code = answered(consent(address, user))["code"]
        tokens[user] = program.post(grant_type="authorization_code", code=code, **form).json()["access_token"]
    shop, ads_only, agency = tokens.values()
    assert (apis.properties(shop), apis.customers(shop)) == ({"990001"}, {"7770001111"})
    assert (apis.properties(ads_only), apis.customers(ads_only)) == (set(), {"8880002222"})
    assert apis.properties(agency) == {*ALL, "990001"}
    assert apis.customers(agency) == {MANAGER_ID, "4100000055", "7770001111", "8880002222"}
    apis.close()


def test_a_fixture_client_named_like_a_role_does_not_replace_it():
    from dataclasses import replace

    twin = replace(DEMO_CLIENTS[2], id="agency")
    user: GoogleUser = google_users({"1"}, ["2"], [twin])[AGENCY]
    assert user.customers == ("2",)
