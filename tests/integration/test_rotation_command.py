"""`python -m camarad rotate-vault-keys` as an operator runs it."""

import json

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import select

from camarad.cli import main
from camarad.clock import SystemClock
from camarad.database import Database
from camarad.models import ConnectionSecret
from camarad.scope import Scope
from camarad.settings import Settings
from tools.connectors import grants
from tools.connectors.oauth import SCOPES, Granted
from tools.connectors.vault import Vault

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def vault_of(settings: Settings, *keys: str) -> Vault:
    return Vault(settings.model_copy(update={"vault_keys": [SecretStr(key) for key in keys]}))


async def stored(url: str, scope: Scope) -> ConnectionSecret:
    database = Database(url)
    async with database.read(scope) as session:
        found = (await session.scalars(select(ConnectionSecret))).one()
    await database.close()
    return found


@pytest.fixture
async def sealed(settings: Settings, sqlite_database: Database, scope: Scope) -> str:
    now = SystemClock().now()
    granted = Granted("1", "a@example.com", True, frozenset({SCOPES["ga4"]}), "access", "refresh-canary", now)
    await grants.connect(sqlite_database, scope, "ga4", granted, vault_of(settings, OLD), "live", now)
    return str(sqlite_database.url)


async def test_every_token_is_sealed_anew(
    sealed: str,
    settings: Settings,
    scope: Scope,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import asyncio

    async def run(*arguments: str, keys: list[str]) -> int:
        monkeypatch.setenv("VAULT_KEYS", json.dumps(keys))
        given = ["rotate-vault-keys", "--data", str(settings.camarad_data_dir), *arguments]
        return await asyncio.to_thread(main, given)

    before = await stored(sealed, scope)
    assert await run("--dry-run", keys=[NEW, OLD]) == 0
    assert "1 connections can be sealed" in capsys.readouterr().out
    assert (await stored(sealed, scope)).refresh_token == before.refresh_token
    assert await run(keys=[NEW]) == 1
    assert "1 cannot be opened" in capsys.readouterr().out
    assert await run(keys=[NEW, OLD]) == 0
    said = capsys.readouterr()
    assert "1 connections were sealed" in said.out and "canary" not in said.out + said.err
    assert vault_of(settings, NEW).open(str((await stored(sealed, scope)).refresh_token)) == "refresh-canary"
    assert await run(keys=["nonsense"]) == 2
    assert "VAULT_KEYS" in capsys.readouterr().err
