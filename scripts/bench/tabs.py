"""A warm tab as JSON on one worker, beside a bare Starlette route of the same size: `python scripts/bench/tabs.py`.

The product runs as its command runs it, in a process of its own, with the demo workspace and every check of a request:
the sign-in, whose client it is, that client's connection. The bare route sends bytes of the same length and checks
nothing. Both are asked over loopback by turns, one caller for the median and eight for requests a second, so that a
busy machine hurts them alike. The emulator counts the calls that reach Google: one for twenty first loads at once, none
while the tab is warm.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.emulator.process import EmulatorProcess, start_emulator  # noqa: E402

TODAY = date(2026, 11, 20)
EMAIL, PASSWORD = "demo@camarad.example", "bench-password"
Address = tuple[str, int, int]  # host, port, process id
TABS = ("ga4/overview", "google-ads/overview", "google-ads/search-terms")
LIMIT_MS, LIMIT_RATE = 10.0, 300.0


@dataclass(frozen=True)
class Side:
    """One address to ask, with the headers that it needs."""

    host: str
    port: int
    pid: int
    path: str
    headers: str = ""

    @property
    def request(self) -> bytes:
        return f"GET {self.path} HTTP/1.1\r\nHost: {self.host}\r\n{self.headers}\r\n".encode()


class Line:
    """One kept connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, side: Side) -> Line:
        return cls(*await asyncio.open_connection(side.host, side.port, limit=1 << 20))

    async def ask(self, request: bytes) -> bytes:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head.decode()
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


async def median_ms(side: Side, count: int) -> float:
    line, taken = await Line.to(side), []
    for _ in range(count):
        began = time.perf_counter()
        await line.ask(side.request)
        taken.append(time.perf_counter() - began)
    line.close()
    return statistics.median(taken) * 1000


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def rate(side: Side, seconds: float, callers: int = 8) -> tuple[float, float]:
    """Requests a second, and milliseconds of the server's CPU for each."""
    lines = [await Line.to(side) for _ in range(callers)]
    until = time.perf_counter() + seconds

    async def ask(line: Line) -> int:
        made = 0
        while time.perf_counter() < until:
            await line.ask(side.request)
            made += 1
        return made

    began, spent = time.perf_counter(), cpu_seconds(side.pid)
    made = sum(await asyncio.gather(*(ask(line) for line in lines)))
    for line in lines:
        line.close()
    return made / (time.perf_counter() - began), (cpu_seconds(side.pid) - spent) / made * 1000


async def at_once(side: Side, count: int) -> list[bytes]:
    lines = [await Line.to(side) for _ in range(count)]
    found = await asyncio.gather(*(line.ask(side.request) for line in lines))
    for line in lines:
        line.close()
    return list(found)


@contextmanager
def product(data: Path, emulator: EmulatorProcess) -> Iterator[Address]:
    """`serve` as an operator starts it, on a free port."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CAMARAD_")}
    environment |= {"CAMARAD_DEMO_PASSWORD": PASSWORD, "CAMARAD_TODAY": str(TODAY)}
    environment |= {"EMULATOR_ADDRESS": emulator.address, "LOG_LEVEL": "info"}
    command = [sys.executable, "-m", "camarad", "serve", "--port", "0", "--data", str(data)]
    with started(command, environment, "READY http://") as address:
        yield address


@contextmanager
def bare(size: int) -> Iterator[Address]:
    command = [sys.executable, __file__, "--bare", str(size)]
    with started(command, dict(os.environ), "READY http://") as address:
        yield address


@contextmanager
def started(command: list[str], environment: dict[str, str], mark: str) -> Iterator[Address]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith(mark):
                host, _, port = line.removeprefix(mark).split()[0].partition(":")
                yield host, int(port), process.pid
                return
        raise SystemExit("The server did not start.")
    finally:
        process.terminate()
        process.wait(20)


def serve_bare(size: int) -> None:
    """The floor: Starlette on uvicorn and uvloop, one JSON route, nothing else."""
    import socket

    import uvicorn
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route

    body = json.dumps({"text": ""}).replace('""', '"' + "x" * (size - 12) + '"').encode()

    async def answer(_: Any) -> Response:
        return Response(body, media_type="application/json")

    bound = socket.create_server(("127.0.0.1", 0))
    print(f"READY http://127.0.0.1:{bound.getsockname()[1]}", flush=True)
    app = Starlette(routes=[Route("/", answer)])
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")).run(sockets=[bound])


def sign_in(host: str, port: int) -> str:
    """The headers of the demo user with the client that has both connections."""
    import httpx

    with httpx.Client(base_url=f"http://{host}:{port}", trust_env=False, timeout=30) as http:
        answer = http.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        clients = http.get("/api/clients").json()["clients"]
        cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    client = next(c["id"] for c in clients if set(c["connections"].values()) == {"connected"})
    return f"Cookie: {cookies}\r\nX-Client-ID: {client}\r\n"


async def run(rounds: int, seconds: float, count: int) -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        emulator = start_emulator(folder / "emulator", today=TODAY)
        stack.callback(emulator.stop)
        control = stack.enter_context(emulator.control())
        address = stack.enter_context(product(folder / "data", emulator))
        headers = sign_in(*address[:2])
        sides = [Side(*address, f"/api/connectors/{tab}", headers) for tab in TABS]
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        for side in sides:
            control.clear()
            first = await at_once(side, 20)
            calls = [call["method"] for call in control.calls()]
            print(f"{side.path}: {len(first)} first loads at once, upstream calls {calls}, {len(first[0]):,} bytes")
        control.clear()
        met = True
        for side in sides:
            size = len(await (await Line.to(side)).ask(side.request))
            with bare(size) as floor:
                met &= await compare(side, Side(*floor, "/"), rounds, seconds, count)
        print("upstream calls while warm:", len(control.calls()))
        return 0 if met and not control.calls() else 1


async def compare(side: Side, floor: Side, rounds: int, seconds: float, count: int) -> bool:
    figures: dict[str, list[tuple[float, float, float]]] = {"bare": [], "camarad": []}
    for each in (floor, side):
        await median_ms(each, 50)
    for _ in range(rounds):
        for name, each in (("bare", floor), ("camarad", side)):
            figures[name].append((await median_ms(each, count), *await rate(each, seconds)))
    print(side.path)
    for name, found in figures.items():
        middle, most, cpu = (statistics.median(column) for column in zip(*found, strict=True))
        spread = f"{min(r for _, r, _ in found):,.0f} – {max(r for _, r, _ in found):,.0f}"
        print(f"  {name:10s}{middle:7.2f} ms median{most:9,.0f} requests a second ({spread}){cpu:7.2f} ms CPU each")
    middle, most, _ = (statistics.median(column) for column in zip(*figures["camarad"], strict=True))
    return middle < LIMIT_MS and most >= LIMIT_RATE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measured round")
    parser.add_argument("--count", type=int, default=300, help="requests by one caller, for the median")
    parser.add_argument("--bare", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.bare:
        serve_bare(arguments.bare)
        return 0
    import uvloop

    return uvloop.run(run(arguments.rounds, arguments.seconds, arguments.count))


if __name__ == "__main__":
    sys.exit(main())
