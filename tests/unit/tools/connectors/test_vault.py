"""Sealing and opening, keys given and kept, keys that are none."""

import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from camarad.errors import Misconfigured
from camarad.settings import Settings
from tools.connectors.vault import KEY_FILE, SealBroken, Vault

TEXT = "1//refresh-canary"


def keyed(settings: Settings, *keys: str) -> Vault:
    return Vault(settings.model_copy(update={"vault_keys": [SecretStr(key) for key in keys]}))


def new_key() -> str:
    return Fernet.generate_key().decode()


def test_what_is_sealed_opens_again_and_does_not_show(settings: Settings) -> None:
    vault = keyed(settings, new_key())
    sealed = vault.seal(TEXT)
    assert vault.open(sealed) == TEXT
    assert "canary" not in sealed + repr(vault) + str(vars(vault))
    assert sealed != vault.seal(TEXT)


def test_the_first_key_seals_and_every_key_opens(settings: Settings) -> None:
    old, new = new_key(), new_key()
    sealed = keyed(settings, old).seal(TEXT)
    both = keyed(settings, new, old)
    assert both.open(sealed) == TEXT
    with pytest.raises(SealBroken):
        keyed(settings, new).open(sealed)
    assert keyed(settings, new).open(both.rotate(sealed)) == TEXT
    with pytest.raises(SealBroken):
        keyed(settings, new).rotate(sealed)


@pytest.mark.parametrize("text", ["", "x", "ăâ", "gAAAAA"])
def test_what_was_never_sealed_does_not_open(settings: Settings, text: str) -> None:
    with pytest.raises(SealBroken, match="no key for this"):
        keyed(settings, new_key()).open(text)


def test_a_changed_or_an_old_text_does_not_open(settings: Settings) -> None:
    vault = keyed(settings, new_key())
    sealed = vault.seal(TEXT)
    with pytest.raises(SealBroken):
        vault.open(sealed[:-4] + "AAA=")
    with pytest.raises(SealBroken):
        vault.open(sealed, max_age=-1)
    assert vault.open(sealed, max_age=int(timedelta(minutes=10).total_seconds())) == TEXT


def test_without_a_key_one_is_made_and_kept_for_its_owner_only(settings: Settings) -> None:
    sealed = Vault(settings).seal(TEXT)
    path = settings.camarad_data_dir / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Vault(settings).open(sealed) == TEXT
    assert [p.name for p in settings.camarad_data_dir.iterdir()] == [KEY_FILE]


def test_a_vault_that_is_not_used_writes_nothing(settings: Settings) -> None:
    Vault(settings)
    assert not (settings.camarad_data_dir / KEY_FILE).exists()


def test_many_that_start_at_once_agree_on_one_key(settings: Settings) -> None:
    sealed: list[str] = []
    barrier = threading.Barrier(12)

    def start() -> None:
        vault = Vault(settings)
        barrier.wait()
        sealed.append(vault.seal(TEXT))

    threads = [threading.Thread(target=start) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {Vault(settings).open(each) for each in sealed} == {TEXT} and len(sealed) == 12


@pytest.mark.parametrize("key", ["", "short", "x" * 44, "ă" * 44])
def test_a_key_that_is_none_ends_the_start_with_a_sentence(settings: Settings, key: str) -> None:
    with pytest.raises(Misconfigured, match="VAULT_KEYS") as caught:
        keyed(settings, key)
    assert "Fernet" in caught.value.message and (not key or key not in str(caught.value))


def test_a_kept_key_that_was_damaged_names_its_file(settings: Settings) -> None:
    path: Path = settings.camarad_data_dir / KEY_FILE
    path.parent.mkdir(parents=True)
    path.write_text("damaged")
    with pytest.raises(Misconfigured, match=KEY_FILE):
        Vault(settings).seal(TEXT)
