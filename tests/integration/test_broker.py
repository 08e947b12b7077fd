"""Access tokens: one call to Google however many ask, in one process and in two; refusals become states."""

import asyncio
import json
import logging
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import select, text, update

from camarad.database import Database
from camarad.log import configure_logs
from camarad.models import ConnectionSecret
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.google_consent import AGENCY, MARKETING, READER, connectors_of, granted_by, with_google
from tests.support.product import ROOT
from tools.connectors.errors import ConnectorError
from tools.connectors.hub import Connectors
from tools.connectors.rotation import rotate
from tools.connectors.vault import Vault
from tools.emulator.control_client import ControlClient
from tools.emulator.process import EmulatorProcess

PROPERTY = "410000001"
KEY = Fernet.generate_key().decode()


@pytest.fixture
def demo_settings(settings: Settings, database_url: str, emulator: EmulatorProcess, oauth_url: str) -> Settings:
    return with_google(settings, emulator, database_url=database_url, vault_keys=[SecretStr(KEY)])


@pytest.fixture
async def hub(demo_settings: Settings, database: Database, scope: Scope, emulator_faults: ControlClient):
    async with connectors_of(demo_settings, database) as made:
        await made.connect(scope, "ga4", await granted_by(made.google, MARKETING, "ga4"))
        await made.choose(scope, "ga4", PROPERTY)
        yield made


async def secret(database: Database, scope: Scope) -> ConnectionSecret:
    async with database.read(scope) as session:
        return (await session.scalars(select(ConnectionSecret))).one()


async def expire(hub: Connectors, scope: Scope, control: ControlClient) -> None:
    """As an hour later: the token is over at Google and here."""
    control.expire_access_tokens()
    over = hub._clock.now() - timedelta(seconds=1)
    async with hub._database.write(scope) as session:
        await session.execute(update(ConnectionSecret).values(access_expires_at=over))
    hub._broker.forget((await hub.states(scope))["ga4"].id or "")


def refreshes(control: ControlClient) -> int:
    return len([c for c in control.calls("Token") if c["target"] == "refresh_token"])


async def read(hub: Connectors, scope: Scope) -> frozenset[str]:
    return await (await hub.ga4(scope, refresh=True)).fields()


async def test_a_token_is_held_until_a_minute_before_it_ends(
    hub: Connectors, scope: Scope, emulator_faults: ControlClient
) -> None:
    await read(hub, scope)
    assert refreshes(emulator_faults) == 0
    await expire(hub, scope, emulator_faults)
    before = await secret(hub._database, scope)
    for _ in range(3):
        await read(hub, scope)
    after = await secret(hub._database, scope)
    assert refreshes(emulator_faults) == 1
    assert (after.version, after.lease_until, after.lease_holder) == (before.version + 1, None, None)
    assert hub.vault.open(str(after.refresh_token)) == hub.vault.open(str(before.refresh_token))


async def test_a_token_that_google_ended_early_is_renewed_once(
    hub: Connectors, scope: Scope, emulator_faults: ControlClient
) -> None:
    await read(hub, scope)
    emulator_faults.expire_access_tokens()
    await asyncio.gather(*(read(hub, scope) for _ in range(5)))
    assert refreshes(emulator_faults) == 1


async def test_twenty_in_two_processes_make_one_call(
    hub: Connectors, demo_settings: Settings, scope: Scope, emulator_faults: ControlClient
) -> None:
    await expire(hub, scope, emulator_faults)
    emulator_faults.token_fault("slow", times=1, delay_s=0.5)
    given = {
        "database_url": demo_settings.database_url,
        "emulator_oauth_url": demo_settings.emulator_oauth_url,
        "emulator_address": demo_settings.emulator_address,
        "vault_keys": [KEY],
        "camarad_data_dir": str(demo_settings.camarad_data_dir),
    }
    command = [sys.executable, "-m", "tests.support.token_worker", json.dumps(given), json.dumps(list(_triple(scope)))]
    workers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert await asyncio.to_thread(worker.stdout.readline) == "ready\n"
        told = [asyncio.to_thread(worker.communicate, "go\n", 60) for worker in workers]
        found = [json.loads(out) for out, _ in await asyncio.gather(*told)]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    tokens = {token for each in found for token in each}
    assert [len(each) for each in found] == [10, 10] and len(tokens) == 1
    assert refreshes(emulator_faults) == 1


def _triple(scope: Scope) -> tuple[str, str, str]:
    return scope.user_id, scope.workspace_id, scope.client_id


async def test_a_lease_whose_holder_died_ends_by_itself(
    hub: Connectors, scope: Scope, emulator_faults: ControlClient
) -> None:
    await expire(hub, scope, emulator_faults)
    over = hub._clock.now() - timedelta(seconds=1)
    async with hub._database.write(scope) as session:
        await session.execute(update(ConnectionSecret).values(lease_until=over, lease_holder="dead"))
    assert await read(hub, scope)


async def test_rotation_keeps_the_new_refresh_token(
    hub: Connectors, scope: Scope, emulator_faults: ControlClient
) -> None:
    emulator_faults.rotate_refresh_tokens()
    tokens = set()
    for _ in range(3):
        await expire(hub, scope, emulator_faults)
        await read(hub, scope)
        tokens.add(hub.vault.open(str((await secret(hub._database, scope)).refresh_token)))
    assert len(tokens) == 3


async def test_a_withdrawn_consent_is_to_be_given_again(
    hub: Connectors, scope: Scope, emulator_faults: ControlClient
) -> None:
    await read(hub, scope)
    emulator_faults.revoke_grant(MARKETING)
    for _ in range(2):
        with pytest.raises(ConnectorError) as caught:
            await read(hub, scope)
        assert caught.value.code == "ga4_reconnect" and "/connectors" in caught.value.hint
    view = (await hub.states(scope))["ga4"]
    assert (view.state, view.reason, view.account_id) == ("reconnect", "invalid_grant", PROPERTY)
    assert refreshes(emulator_faults) == 1, "the second read does not ask"
    await hub.connect(scope, "ga4", await granted_by(hub.google, MARKETING, "ga4"))
    assert await read(hub, scope)


@pytest.mark.parametrize("code", ["503", "500", "garbage", "rate_limit", "invalid_client"])
async def test_googles_sign_in_in_trouble_changes_no_state(
    hub: Connectors, scope: Scope, emulator_faults: ControlClient, code: str
) -> None:
    await expire(hub, scope, emulator_faults)
    emulator_faults.token_fault(code, times=9)
    with pytest.raises(ConnectorError) as caught:
        await read(hub, scope)
    assert caught.value.code == "ga4_unavailable"
    assert (await hub.states(scope))["ga4"].state == "connected"
    assert (await secret(hub._database, scope)).lease_holder is None
    emulator_faults.clear()
    assert await read(hub, scope)


async def test_a_passing_trouble_of_the_sign_in_is_not_seen(
    hub: Connectors, scope: Scope, emulator_faults: ControlClient
) -> None:
    await expire(hub, scope, emulator_faults)
    emulator_faults.token_fault("503", times=2)
    assert await read(hub, scope)


async def test_lost_access_is_a_state_until_a_read_works_again(
    hub: Connectors, scope: Scope, emulator_faults: ControlClient
) -> None:
    emulator_faults.add("GetMetadata", "permission")
    with pytest.raises(ConnectorError, match="refuses this account"):
        await read(hub, scope)
    view = (await hub.states(scope))["ga4"]
    assert (view.state, view.reason) == ("no_access", "no_access")
    assert await read(hub, scope)
    view = (await hub.states(scope))["ga4"]
    assert (view.state, view.reason) == ("connected", None)


async def test_a_lost_scope_is_a_state(hub: Connectors, scope: Scope, emulator_faults: ControlClient) -> None:
    emulator_faults.add("GetMetadata", "scope")
    with pytest.raises(ConnectorError) as caught:
        await read(hub, scope)
    assert caught.value.code == "ga4_missing_scope"
    assert (await hub.states(scope))["ga4"].state == "missing_scope"


async def test_tokens_sealed_with_a_lost_key_are_said_to_be_and_no_state_changes(
    hub: Connectors, demo_settings: Settings, scope: Scope
) -> None:
    other = demo_settings.model_copy(update={"vault_keys": [SecretStr(Fernet.generate_key().decode())]})
    async with connectors_of(other, hub._database) as stranger:
        with pytest.raises(ConnectorError) as caught:
            await read(stranger, scope)
    assert (caught.value.code, caught.value.status) == ("ga4_sealed", 503)
    assert (await hub.states(scope))["ga4"].state == "connected"
    assert await read(hub, scope)


async def test_keys_are_rotated_beside_a_running_server(hub: Connectors, demo_settings: Settings, scope: Scope) -> None:
    new = Fernet.generate_key().decode()
    both = Vault(demo_settings.model_copy(update={"vault_keys": [SecretStr(new), SecretStr(KEY)]}))
    only = Vault(demo_settings.model_copy(update={"vault_keys": [SecretStr(new)]}))
    before = await secret(hub._database, scope)
    assert (await rotate(hub._database, both, dry_run=True)).sealed == 1
    assert (await secret(hub._database, scope)).refresh_token == before.refresh_token
    assert (await rotate(hub._database, only)).unreadable == 1
    count = await rotate(hub._database, both)
    assert (count.sealed, count.unreadable, count.busy) == (1, 0, 0)
    after = await secret(hub._database, scope)
    assert only.open(str(after.refresh_token)) == hub.vault.open(str(before.refresh_token))
    assert only.open(str(after.access_token)) and after.version == before.version


async def test_tokens_are_nowhere_in_the_clear(
    demo_settings: Settings, database: Database, scope: Scope, emulator_faults: ControlClient
) -> None:
    """In no log line of any level, no stored row, no repr, no exception of reads that fail in every way."""
    root, lines = logging.getLogger(), StringIO()
    kept, level = root.handlers, root.level
    configure_logs("debug", lines)
    said = [lines.getvalue]
    try:
        async with connectors_of(demo_settings, database) as hub:
            granted = await granted_by(hub.google, READER, "ga4")
            view = await hub.connect(scope, "ga4", granted)
            await hub.choose(scope, "ga4", PROPERTY)
            held = hub._broker.tokens(scope, view)
            shown = [repr(granted), repr(view), repr(held), repr(hub.vault), repr(hub._broker._held), repr(hub.google)]
            for code in ("503", "garbage", "invalid_grant"):
                await expire(hub, scope, emulator_faults)
                emulator_faults.token_fault(code, times=3)
                with pytest.raises(ConnectorError) as caught:
                    await read(hub, scope)
                emulator_faults.clear()
                shown += [repr(caught.value), str(caught.value), caught.value.hint, repr(caught.value.__cause__)]
    finally:
        root.handlers, root.level = kept, level
    async with database.unscoped("every row is looked through") as session:
        rows = (await session.execute(text("SELECT * FROM connection_secrets"))).all()
        rows += (await session.execute(text("SELECT * FROM connections"))).all()
    everything = "\n".join([said[0](), *shown, *map(repr, rows)])
    assert "google_oauth_failed" in everything
    for canary in (granted.access_token, granted.refresh_token, KEY, "camarad-demo-secret"):
        assert str(canary) not in everything


async def test_one_persons_two_connections_do_not_mix(
    demo_settings: Settings, database: Database, scope: Scope, sibling_scope: Scope, emulator_faults: ControlClient
) -> None:
    async with connectors_of(demo_settings, database) as hub:
        granted = await granted_by(hub.google, AGENCY, "ga4")
        for each in (scope, sibling_scope):
            await hub.connect(each, "ga4", granted)
        ids = {(await hub.states(each))["ga4"].id for each in (scope, sibling_scope)}
        assert len(ids) == 2
