"""A consent at Google from the first click to the last: kept, used, narrowed, mended and taken back."""

import pytest

from camarad.database import Database
from camarad.errors import BadInput, NotFound, Upstream
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.connections import connect_demo
from tests.support.google_consent import AGENCY, EMPTY, MARKETING, READER, connectors_of, granted_by, with_google
from tools.connectors.errors import ConnectorError
from tools.connectors.hub import Connectors
from tools.connectors.oauth import SCOPES
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess

LAMPADAR, ZAMBET = "410000001", "410000002"


@pytest.fixture
def demo_settings(settings: Settings, database_url: str, emulator: EmulatorProcess, oauth_url: str) -> Settings:
    return with_google(settings, emulator, database_url=database_url)


@pytest.fixture
async def hub(demo_settings: Settings, database: Database):
    async with connectors_of(demo_settings, database) as made:
        yield made


async def test_a_consent_becomes_a_connection_that_reads_once_a_property_is_chosen(
    hub: Connectors, scope: Scope
) -> None:
    granted = await granted_by(hub.google, MARKETING, "ga4")
    view = await hub.connect(scope, "ga4", granted)
    assert (view.state, view.source, view.account_id) == ("connected", "demo", None)
    assert view.grant is not None and view.grant.email == MARKETING and SCOPES["ga4"] in view.grant.scopes
    with pytest.raises(ConnectorError, match="no account was chosen"):
        await hub.ga4(scope)
    assert [e.id for e in (await hub.directory(scope, "ga4")).entries] == [LAMPADAR]
    chosen = await hub.choose(scope, "ga4", f"properties/{LAMPADAR}")
    assert (str(chosen.account_name)[:13], chosen.currency, chosen.timezone) == (
        "Lampadar Home",
        "EUR",
        "Europe/Bucharest",
    )
    assert len(await (await hub.ga4(scope)).fields()) > 20
    read = (await hub.states(scope))["ga4"]
    assert read.last_read_at is not None and read.reason is None


async def test_accounts_under_a_manager_are_listed_with_their_manager(hub: Connectors, scope: Scope) -> None:
    await hub.connect(scope, "google-ads", await granted_by(hub.google, AGENCY, "google-ads"))
    entries = {e.id: e for e in (await hub.directory(scope, "google-ads")).entries}
    assert entries["4100000011"].login_account_id == entries["4100000011"].parent_id == "9000000001"
    assert (entries["4100000055"].login_account_id, entries["4100000055"].selectable) == (None, True)
    assert (entries["9000000001"].status, entries["9000000001"].selectable) == ("manager", False)
    view = await hub.choose(scope, "google-ads", "410-000-0011")
    assert (view.account_id, view.login_account_id, view.currency) == ("4100000011", "9000000001", "EUR")
    assert await (await hub.google_ads(scope)).campaign_ids("")
    with pytest.raises(BadInput, match="manager account"):
        await hub.choose(scope, "google-ads", "9000000001")


@pytest.mark.parametrize("provider", ["ga4", "google-ads"])
async def test_a_google_user_without_anything_gets_an_empty_list(hub: Connectors, scope: Scope, provider) -> None:
    await hub.connect(scope, provider, await granted_by(hub.google, EMPTY, provider))
    assert (await hub.directory(scope, provider)).entries == ()
    assert (await hub.states(scope))[provider].state == "connected"


async def test_an_account_of_somebody_else_cannot_be_chosen(hub: Connectors, scope: Scope) -> None:
    await hub.connect(scope, "ga4", await granted_by(hub.google, MARKETING, "ga4"))
    with pytest.raises(ConnectorError, match=f"{MARKETING} has no access") as caught:
        await hub.choose(scope, "ga4", ZAMBET)
    assert caught.value.code == "ga4_permission"
    assert (await hub.states(scope))["ga4"].state == "connected"


async def test_an_unticked_box_is_a_missing_scope(
    hub: Connectors, scope: Scope, emulator_faults: ControlClient
) -> None:
    granted = await granted_by(hub.google, READER, "ga4", "google-ads", untick=("google-ads",))
    view = await hub.connect(scope, "google-ads", granted)
    assert (view.state, view.reason) == ("missing_scope", "missing_scope")
    for read in (hub.google_ads, lambda s: hub.directory(s, "google-ads")):
        with pytest.raises(ConnectorError) as caught:
            await read(scope)
        assert caught.value.code == "google_ads_missing_scope"
    assert emulator_faults.calls("Search") == []


async def test_a_seeded_demo_connection_keeps_its_property_when_it_is_connected(hub: Connectors, scope: Scope) -> None:
    await connect_demo(hub._database, scope, "demo-lampadar")
    view = await hub.connect(scope, "ga4", await granted_by(hub.google, AGENCY, "ga4"))
    assert (view.state, view.account_id) == ("connected", LAMPADAR)


async def test_disconnecting_revokes_the_grant_at_google(hub: Connectors, scope: Scope) -> None:
    granted = await granted_by(hub.google, MARKETING, "ga4")
    await hub.connect(scope, "ga4", granted)
    done = await hub.disconnect(scope, "ga4")
    assert (done.revoked, done.kept, done.email) == (True, None, MARKETING)
    view = (await hub.states(scope))["ga4"]
    assert (view.state, view.account_id, view.grant) == ("disconnected", None, None)
    with pytest.raises(Upstream, match="refused"):
        await hub.google.refresh(str(granted.refresh_token))
    with pytest.raises(NotFound):
        await hub.disconnect(scope, "ga4")
    with pytest.raises(ConnectorError, match="not connected"):
        await hub.ga4(scope)


async def test_a_grant_that_another_connection_lives_from_is_not_revoked(
    hub: Connectors, scope: Scope, other_scope: Scope
) -> None:
    granted = await granted_by(hub.google, AGENCY, "ga4", "google-ads")
    await hub.connect(scope, "ga4", granted)
    await hub.connect(other_scope, "google-ads", granted)
    done = await hub.disconnect(scope, "ga4")
    assert (done.revoked, done.kept) == (False, "shared")
    assert (await hub.directory(other_scope, "google-ads")).entries
    assert (await hub.disconnect(other_scope, "google-ads")).revoked


async def test_disconnecting_works_while_google_is_down(
    hub: Connectors, scope: Scope, emulator_faults: ControlClient
) -> None:
    await hub.connect(scope, "ga4", await granted_by(hub.google, MARKETING, "ga4"))
    emulator_faults.add("Revoke", "503", times=9)
    done = await hub.disconnect(scope, "ga4")
    assert (done.revoked, done.kept) == (False, "unreachable")
    assert (await hub.states(scope))["ga4"].state == "disconnected"


async def test_another_client_sees_nothing_of_a_consent(hub: Connectors, scope: Scope, sibling_scope: Scope) -> None:
    await hub.connect(scope, "ga4", await granted_by(hub.google, MARKETING, "ga4"))
    assert (await hub.states(sibling_scope))["ga4"].state == "not_connected"
    with pytest.raises(NotFound):
        await hub.directory(sibling_scope, "ga4")
    with pytest.raises(NotFound):
        await hub.disconnect(sibling_scope, "ga4")


async def test_a_new_consent_ends_what_another_process_had_kept(
    hub: Connectors, demo_settings: Settings, database: Database, scope: Scope, emulator_faults: ControlClient
) -> None:
    granted = await granted_by(hub.google, MARKETING, "ga4")
    await hub.connect(scope, "ga4", granted)
    await hub.choose(scope, "ga4", LAMPADAR)
    async with connectors_of(demo_settings, database) as elsewhere:
        for _ in range(2):
            await (await elsewhere.ga4(scope)).fields()
        assert len(emulator_faults.calls("GetMetadata")) == 1
        await hub.connect(scope, "ga4", await granted_by(hub.google, MARKETING, "ga4"))
        await (await elsewhere.ga4(scope)).fields()
        assert len(emulator_faults.calls("GetMetadata")) == 2
