"""Keys move from where people put them into the door, and out of the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from agents.llm.keys import KeyRing
from camarad.settings import Settings


def ring(settings: Settings, environ: dict[str, str], env_file: Path | None = None) -> KeyRing:
    return KeyRing.collect(settings, ["openai", "gemini"], environ, env_file, {})


def test_a_key_in_the_environment_is_taken_out_of_it(settings: Settings) -> None:
    environ = {"OPENAI_API_KEY": "sk-1", "PATH": "/bin"}
    assert ring(settings, environ).access("openai") == {"api_key": "sk-1"}
    assert environ == {"PATH": "/bin"}


def test_a_second_door_in_the_same_process_still_has_it(settings: Settings) -> None:
    environ, taken = {"OPENAI_API_KEY": "sk-1"}, {}
    for _ in range(2):
        keys = KeyRing.collect(settings, (), environ, None, taken)
        assert keys.access("openai") == {"api_key": "sk-1"}


def test_a_key_in_the_env_file_is_read(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-file\n")
    assert ring(settings, {}, tmp_path / ".env").access("openai") == {"api_key": "sk-file"}
    assert ring(settings, {"OPENAI_API_KEY": "sk-env"}, tmp_path / ".env").access("openai") == {"api_key": "sk-env"}


def test_settings_win(settings: Settings) -> None:
    named = settings.model_copy(update={"camarad_model_keys": {"openai": SecretStr("sk-set")}})
    assert ring(named, {"OPENAI_API_KEY": "sk-env"}).access("openai") == {"api_key": "sk-set"}


def test_other_common_names_work(settings: Settings) -> None:
    assert ring(settings, {"GOOGLE_API_KEY": "g-1"}).access("gemini") == {"api_key": "g-1"}


def test_a_compatible_server_needs_an_address_and_may_need_no_key(settings: Settings) -> None:
    named = settings.model_copy(update={"camarad_model_bases": {"openai": "http://127.0.0.1:1/v1"}})
    assert ring(named, {}).access("openai") == {"api_base": "http://127.0.0.1:1/v1", "api_key": "none"}
    assert ring(settings, {"OPENAI_BASE_URL": "http://x/v1"}).access("openai")["api_base"] == "http://x/v1"


def test_the_built_in_model_gets_nothing(settings: Settings) -> None:
    assert ring(settings, {"OPENAI_API_KEY": "sk-1"}).access("camarad") == {}


def test_keys_are_hidden_in_what_is_logged(settings: Settings) -> None:
    assert ring(settings, {"OPENAI_API_KEY": "sk-1"}).hide("refused sk-1!") == "refused [key]!"
