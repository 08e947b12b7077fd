"""A PostgreSQL server of our own: made in a temporary folder, on loopback, gone with the process that started it.

It uses the distribution's binaries. The server refuses to run as root, so root steps down to `postgres` or `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}  # tests lose no power
OWNER = "camarad_owner"  # the role of one's own that a person brings: no superuser; forced row security covers it
APPLICATION = "camarad_web"  # owns nothing: what a server connects as that keeps its owner's role for maintenance
MISSING = (
    "These tests start PostgreSQL themselves and found no binaries under /usr/lib/postgresql/*/bin nor on the PATH. "
    "Install them (Debian: apt-get install postgresql) or leave the tests out with -m 'not postgres'."
)


class PostgresMissing(RuntimeError):
    """The machine has no PostgreSQL binaries."""


def binaries() -> Path:
    """The folder of the newest server binaries."""
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("postgres")
    if on_path is None:
        raise PostgresMissing(MISSING)
    return Path(on_path).resolve().parent


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresMissing("Running as root needs a user `postgres` or `nobody` to run PostgreSQL as.")


def _step_down(folder: Path) -> list[str]:
    """The words before a command that drop root; `folder` becomes the other user's."""
    if os.geteuid() != 0:
        return ["setpriv", "--pdeathsig", "QUIT"]
    user = _unprivileged()
    os.chown(folder, user.pw_uid, user.pw_gid)
    return [
        *("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"),
        *("--pdeathsig", "QUIT"),  # the kernel ends the server when its starter dies, however it dies
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class PostgresServer:
    """A running server; `url` and `dsn` name one of its databases for SQLAlchemy and for psycopg or asyncpg, as the
    superuser, or as the role given."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    bin: Path = field(default_factory=binaries)

    def dsn(self, database: str = "postgres", role: str = "postgres") -> str:
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def url(self, database: str = "postgres", role: str = "postgres") -> str:
        return f"postgresql+asyncpg://{role}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement outside a transaction, as CREATE DATABASE needs."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self, name: str, template: str = "template0", role: str = "postgres") -> Iterator[str]:
        """A database of `role` made from a template, dropped afterwards; gives its SQLAlchemy URL for that role."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{role}"')
        try:
            yield self.url(name, role)
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=10)


def _initialise(folder: Path, bin_: Path, step_down: list[str]) -> None:
    command = [str(bin_ / "initdb"), "--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C"]
    made = subprocess.run([*step_down, *command, str(folder / "data")], capture_output=True, text=True, cwd=folder)
    if made.returncode:
        raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")


def _launch(folder: Path, bin_: Path, step_down: list[str], options: Mapping[str, str]) -> PostgresServer:
    port = _free_port()
    flags = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder), "port": str(port), **options}
    words = [word for name, value in flags.items() for word in ("-c", f"{name}={value}")]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [*step_down, str(bin_ / "postgres"), "-D", str(folder / "data"), *words],
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,  # Ctrl-C reaches pytest first, which then stops the server in order
        )
    return PostgresServer(folder, port, process, bin_)


def _answers(server: PostgresServer) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.process.poll() is None:
        with suppress(psycopg.OperationalError), psycopg.connect(server.dsn(), connect_timeout=5):
            return True
        time.sleep(0.05)
    return False


@contextmanager
def running_postgres(options: Mapping[str, str] = FAST) -> Iterator[PostgresServer]:
    """A fresh server with the given settings, stopped and removed at the end."""
    bin_ = binaries()
    folder = Path(tempfile.mkdtemp(prefix="camarad-postgres-"))
    try:
        step_down = _step_down(folder)
        _initialise(folder, bin_, step_down)
        server = _launch(folder, bin_, step_down, {"max_connections": "200", **options})
        if not _answers(server):  # another process took the port in between, most likely
            server.stop()
            server = _launch(folder, bin_, step_down, {"max_connections": "200", **options})
            if not _answers(server):
                raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'server.log').read_text()}")
        try:
            for role in (OWNER, APPLICATION):
                server.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
