"""The operators' two commands."""

from __future__ import annotations

import pytest

from camarad.cli import main
from tools.emulator.stripe.process import KEY


@pytest.fixture
def emulated(monkeypatch, stripe_account, settings, sqlite_url):
    monkeypatch.setenv("STRIPE_SECRET_KEY", KEY)
    monkeypatch.setenv("STRIPE_API_BASE", stripe_account.url)
    monkeypatch.setenv("CAMARAD_DATA_DIR", str(settings.camarad_data_dir))


def test_the_catalogue_is_compared_then_mended(emulated, capsys):
    assert main(["billing", "sync-catalog"]) == 1
    said = capsys.readouterr().out
    assert "pro: product is missing, should be camarad_plan_pro" in said and "nothing was changed" in said
    assert main(["billing", "sync-catalog", "--apply"]) == 0
    assert "differences were mended." in capsys.readouterr().out
    assert main(["billing", "sync-catalog"]) == 0
    assert "Stripe has what the plans and packs say." in capsys.readouterr().out


def test_reconciling_says_what_it_did(emulated, capsys):
    assert main(["billing", "reconcile"]) == 0
    assert "0 workspaces compared with Stripe, 0 mended, 0 waiting events handled." in capsys.readouterr().out


@pytest.mark.parametrize("command", ["sync-catalog", "reconcile"])
def test_without_a_key_a_sentence_says_what_to_set(command, capsys, settings, monkeypatch):
    monkeypatch.setenv("CAMARAD_DATA_DIR", str(settings.camarad_data_dir))
    assert main(["billing", command]) == 2
    assert "STRIPE_SECRET_KEY" in capsys.readouterr().err
