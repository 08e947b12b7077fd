"""The document is what the emulator does: its commands run, its tables have every call, card and rule."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import fields
from pathlib import Path

from tools.emulator.stripe.api_faults import ApiFault
from tools.emulator.stripe.cards import CARDS
from tools.emulator.stripe.control import NAMES
from tools.emulator.stripe.outbox import MODES, Fault
from tools.emulator.stripe.process import KEY
from tools.emulator.stripe.rules import Rules

PAGE = (Path(__file__).resolve().parents[5] / "docs" / "stripe-emulator.md").read_text()


def rows(heading: str) -> dict[str, str]:
    """First and second column of the table under a heading."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)
    return {first: second for first, second in found if not first.startswith("---")}


def test_its_commands_work_as_written(stripe_account):
    (script,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={**os.environ, "STRIPE": stripe_account.url, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert '"status": "past_due"' in ran.stdout


def test_every_control_call_and_field_is_there():
    table = rows("The control channel")
    names = {name for cell in table for name in re.findall(r"`([\w-]+)`", cell)}
    assert names == set(NAMES)
    said = {name for cell in table.values() for name in re.findall(r"`([\w]+)`", cell)}
    for record in (Fault, ApiFault, Rules):
        assert {field.name for field in fields(record)} <= said
    assert set(MODES) <= said


def test_every_test_card_is_there():
    said = set(re.findall(r"\d{4} \d{4} \d{4} \d{4}", " ".join(rows("What is served"))))
    said |= set(re.findall(r"\d{4} \d{4} \d{4} \d{4}", " ".join(rows("What is served").values())))
    assert {number.replace(" ", "") for number in said} == {card.number for card in CARDS}


def test_the_key_of_the_demo_is_the_one_that_is_used():
    assert f"`{KEY}`" in PAGE
