"""`python -m camarad COMMAND`. Commands are named by address, so that the kernel never imports the rooms above it."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from camarad.errors import CamaradError


@dataclass(frozen=True)
class Command:
    """`address` is `module:function`; the function takes the remaining arguments and gives an exit code. A `name` of
    two words belongs to a group, as in `billing sync-catalog`."""

    name: str
    address: str
    summary: str


COMMANDS = (
    Command("serve", "web.commands:serve", "run the server"),
    Command("migrate", "camarad.migrate:migrate", "bring the database to the newest schema"),
    Command("database-roles", "camarad.database_roles:database_roles", "print the SQL that makes PostgreSQL's roles"),
    Command("seed-demo", "web.commands:seed_demo", "make or refresh the demo workspace"),
    Command(
        "reset-password", "web.reset_command:reset_password", "print a link that sets a new password for an account"
    ),
    Command(
        "rotate-vault-keys", "tools.connectors.rotation:rotate_vault_keys", "seal stored tokens with the newest key"
    ),
    Command("billing sync-catalog", "billing.stripe.commands:sync_catalog", "compare the plans with Stripe's, or mend"),
    Command(
        "billing reconcile", "billing.stripe.commands:reconcile", "compare what is stored with Stripe, and mend it"
    ),
    Command("billing simulate", "agents.simulation.commands:simulate", "rehearse a calibration on simulated traffic"),
    Command("billing calibrate", "billing.calibration.commands:calibrate", "propose, apply, promote what a CT costs"),
    Command("billing phase3", "billing.phase3_commands:phase3_command", "debit calls by cost for a time, or no more"),
    Command(
        "billing sync-prices", "billing.commands:sync_prices", "compare prices with LiteLLM's list, or take it over"
    ),
    Command("billing set-price", "billing.commands:set_price", "set the price of a model, a tool or a connector"),
    Command("billing set-rate", "billing.commands:set_rate", "set what a CT is worth, with its buffer and margin"),
    Command("billing rates", "billing.commands:rates", "list every version of every rate"),
    Command("emulator", "tools.emulator.commands:emulator", "run the Google emulator alone"),
    Command("stripe-emulator", "tools.emulator.stripe.commands:stripe_emulator", "run the Stripe emulator alone"),
)


def _load(address: str) -> Callable[[list[str]], int]:
    module, _, function = address.partition(":")
    loaded: Callable[[list[str]], int] = getattr(importlib.import_module(module), function)
    return loaded


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; an expected error ends in two plain lines and exit code 2."""
    given = list(sys.argv[1:] if argv is None else argv)
    command, rest = _find(given)
    if command is None:
        return _usage(given)
    try:
        return _load(command.address)(rest)
    except CamaradError as error:
        print(f"camarad {command.name}: {error.message}\n{error.hint}", file=sys.stderr)
        return 2


def _find(given: list[str]) -> tuple[Command | None, list[str]]:
    for words in (2, 1):
        for command in COMMANDS:
            if command.name.split(" ") == given[:words]:
                return command, given[words:]
    return None, given


def _usage(given: list[str]) -> int:
    """What there is to choose from: on request, or because nothing chosen fits."""
    parser = argparse.ArgumentParser(prog="python -m camarad", description="Camarad, a chat server for marketers.")
    choices = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        choices.add_parser(command.name, help=command.summary)
    parser.parse_args(given if set(given[:1]) & {"-h", "--help"} else [" ".join(given[:2])] if given else [])
    return 2
