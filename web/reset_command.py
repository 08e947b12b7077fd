"""`python -m camarad reset-password EMAIL`: prints a link that sets a new password, for an operator to pass on."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from camarad.clock import SystemClock
from camarad.database import Database
from camarad.errors import BadInput, Conflict, Misconfigured, NotFound
from camarad.migrate import opened
from camarad.models import User
from camarad.settings import Settings, load_settings
from web import audit
from web.audit import Event
from web.inputs import Email
from web.password_reset import MINUTES, PATH, token_for
from web.signing import Signer, load_secret, secret_file

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - told apart, not bound to


def reset_password(argv: list[str]) -> int:
    """Print a link that sets a new password for an account. It works once and for half an hour."""
    parser = argparse.ArgumentParser(prog="python -m camarad reset-password", description=reset_password.__doc__)
    parser.add_argument("email", help="e-mail of the account")
    parser.add_argument("--data", dest="camarad_data_dir", type=Path, help="the server's data folder")
    parser.add_argument("--url", help="where people reach the server, such as https://camarad.example")
    given = parser.parse_args(argv)
    settings = (
        load_settings() if given.camarad_data_dir is None else load_settings(camarad_data_dir=given.camarad_data_dir)
    )
    email = _email(given.email)
    token = asyncio.run(_made(settings, email))
    print(f"{(given.url or _base(settings)).rstrip('/')}{PATH}?token={token}")
    print(f"Whoever opens it sets a new password for {email}. It works once, for {MINUTES} minutes.")
    print("Every sign-in of theirs ends then; API keys and linked Google accounts stay.")
    return 0


async def _made(settings: Settings, email: str) -> str:
    async with opened(settings) as database:
        user = await _user(database, email)
        token = token_for(Signer(_secret(settings)), user)
        await audit.write(database, SystemClock(settings.camarad_today), Event("reset_link_made", user_id=user.id))
    return token


async def _user(database: Database, email: str) -> User:
    async with database.read() as session:
        user: User | None = await session.scalar(select(User).where(User.email == email))
    if user is None:
        raise NotFound(f"There is no account with the e-mail {email}.", hint="Check how it is written, and --data.")
    if user.disabled_at is not None:
        raise Conflict(f"The account of {email} is closed.", hint="A closed account has no sign-in to set.")
    return user


def _secret(settings: Settings) -> str:
    """The running server's key. One made here would sign links that the server does not know."""
    if settings.secret_key is None and not secret_file(settings).is_file():
        raise Misconfigured(
            f"There is no key of a server in {settings.camarad_data_dir}.",
            hint="Name the server's folder with --data, or set the SECRET_KEY that it has.",
        )
    return load_secret(settings)


def _email(given: str) -> str:
    try:
        found: str = TypeAdapter(Email).validate_python(given)
    except ValidationError as error:
        raise BadInput(f"{given!r} is not an e-mail address.", hint="Write it as name@host.example.") from error
    return found


def _base(settings: Settings) -> str:
    """The first public host, behind a proxy that ends TLS; else the address the server listens on."""
    if settings.public_hosts:
        return f"https://{settings.public_hosts[0]}"
    host = "127.0.0.1" if settings.camarad_host in EVERYWHERE else settings.camarad_host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.camarad_port}"
