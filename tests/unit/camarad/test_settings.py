import pytest
from pydantic import ValidationError

from camarad.errors import Misconfigured
from camarad.settings import Settings, load_settings


def test_every_setting_says_what_it_is_for():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_a_setting_comes_from_the_environment_variable_of_its_name(monkeypatch):
    monkeypatch.setenv("MAX_CT_PER_REQUEST", "7")
    assert load_settings(_env_file=None).max_ct_per_request == 7


def test_a_bad_value_is_named_by_its_variable(monkeypatch):
    monkeypatch.setenv("CAMARAD_PORT", "eighty")
    with pytest.raises(Misconfigured, match="CAMARAD_PORT"):
        load_settings(_env_file=None)


def test_settings_cannot_be_changed_after_the_start(settings):
    with pytest.raises(ValidationError):
        settings.camarad_port = 1


def test_secrets_do_not_show_when_printed():
    made = load_settings(_env_file=None, internal_token="hush", camarad_model_keys={"openai": "sk-hush"})
    assert "hush" not in repr(made)


def test_sqlite_in_the_data_folder_is_the_default_database(settings):
    assert settings.resolved_database_url == f"sqlite+aiosqlite:///{settings.camarad_data_dir.resolve()}/camarad.db"
    chosen = settings.model_copy(update={"database_url": "postgresql+asyncpg://h/d"})
    assert chosen.resolved_database_url == "postgresql+asyncpg://h/d"


@pytest.mark.parametrize("url", ["mysql://root:hush@h/d", "postgresql://root:hush@h/d", "hush.db"])
def test_a_database_of_another_kind_is_refused_with_those_that_can_be(url):
    with pytest.raises(Misconfigured) as refused:
        load_settings(_env_file=None, database_url=url)
    assert all(
        word in refused.value.message for word in ("DATABASE_URL", "postgresql+asyncpg://", "sqlite+aiosqlite://")
    )
    assert "hush" not in refused.value.message


@pytest.mark.parametrize("proxy", ["*", "0.0.0.0/0", "::/0", "proxy.example"])
def test_a_proxy_is_named_by_its_address_and_everybody_is_none(proxy):
    with pytest.raises(Misconfigured, match="TRUSTED_PROXIES"):
        load_settings(_env_file=None, trusted_proxies=["10.0.0.7", proxy])


def test_proxies_are_addresses_and_networks():
    named = ["10.0.0.7", "10.1.0.0/16", "2001:db8::7"]
    assert load_settings(_env_file=None, trusted_proxies=named).trusted_proxies == named
