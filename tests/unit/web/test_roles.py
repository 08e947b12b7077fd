"""The table of roles, the page written from it, and that routes which manage something ask it."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from camarad.errors import Forbidden
from web import i18n
from web.roles import ACTS, ROLES, may, named, require
from web.sessions import SignedIn

ROOT = Path(__file__).resolve().parents[3]


def somebody(role: str, key: str = "") -> SignedIn:
    return SignedIn("u", "u@example.com", "", "en", "w", "W", role, "free", False, "" if key else "s", "", key_id=key)


def test_the_page_of_roles_is_what_the_table_is() -> None:
    assert (ROOT / "docs" / "roles.md").read_text() == runpy.run_path(str(ROOT / "scripts" / "docs_roles.py"))["page"]()


def test_each_role_may_all_that_the_one_below_may() -> None:
    for act in ACTS:
        held = [role in act.roles for role in ROLES]
        assert held == sorted(held, reverse=True) and held[0]


def test_members_use_clients_and_manage_nothing() -> None:
    assert {act.code for act in ACTS if may(somebody("member"), act.code)} == {"use", "own_keys"}


def test_what_an_admin_may_not_is_ownership_and_deletion() -> None:
    assert {act.code for act in ACTS if not may(somebody("admin"), act.code)} == {"owners", "delete"}


def test_a_key_lets_nobody_in_and_makes_no_keys() -> None:
    refused = {act.code for act in ACTS if not may(somebody("owner", "key"), act.code)}
    assert refused == {"own_keys", "members", "owners", "delete"}


@pytest.mark.parametrize(
    ("role", "act", "code", "words"),
    [
        ("member", "clients", "admin_required", "Only an owner or an admin of the workspace may manage clients."),
        ("admin", "delete", "owner_required", "Only an owner of the workspace may delete the workspace."),
    ],
)
def test_a_refusal_names_who_can(role: str, act: str, code: str, words: str) -> None:
    with pytest.raises(Forbidden) as refused:
        require(somebody(role), act)
    assert (refused.value.code, refused.value.status, refused.value.message) == (code, 403, words)
    assert all(i18n.has(language, f"error.{code}") for language in i18n.LANGUAGES)


def test_a_role_nobody_knows_may_nothing() -> None:
    assert not any(may(somebody("root"), act.code) for act in ACTS) and named(frozenset()) == ""


def test_every_act_that_is_asked_for_is_in_the_table() -> None:
    asked = re.compile(r"(?:acting\(|require\(who, |may\(who, |\bmay\()\"(\w+)\"")
    sources = [*(ROOT / "web").rglob("*.py"), *(ROOT / "web" / "templates").rglob("*.html")]
    found = {act for path in sources for act in asked.findall(path.read_text())}
    assert {"clients", "connections"} <= found <= {act.code for act in ACTS}
