"""A second start until READY, the first question's wait, and the memory held then and after many turns.

python scripts/bench/start.py [--repeat 3] [--turns 60] [--data DIR]

The turns are asked through the API, then as many through the chat's own socket, in conversations of their own.

Starts the server as scripts/run.sh does once its environment is there. CPU seconds are the ones to compare: on a shared
machine the seconds that pass are the neighbours' too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import socketio

ROOT = Path(__file__).resolve().parents[2]
EMAIL, PASSWORD = "demo@camarad.example", "bench-password"
QUESTIONS = (
    "How did our Google Ads do last week?",
    "Which pages bring the most visitors?",
    "Unde irosim bani în Google Ads?",
    "Where does our traffic come from this month?",
    "How is the budget pacing?",
    "Ce cuvinte cheie merg cel mai bine?",
    "What stands out in the last 30 days?",
    "Compare organic search with the previous month.",
)


def status_mb(pid: int, field: str = "VmRSS") -> float:
    found = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@dataclass
class Server:
    process: subprocess.Popen[str]
    url: str
    ready_after: float
    cookie: str = ""
    csrf: str = ""
    client: str = ""

    def call(self, method: str, path: str, body: Any = None) -> tuple[Any, Any]:
        headers = {"Content-Type": "application/json", "Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        if self.client:
            headers["X-Client-ID"] = self.client
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, sent, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer), answer.headers

    def sign_in(self) -> None:
        answer, headers = self.call("POST", "/api/auth/login", {"email": EMAIL, "password": PASSWORD})
        self.cookie, self.csrf = headers["Set-Cookie"].split(";")[0], answer["csrf_token"]
        clients = self.call("GET", "/api/clients")[0]["clients"]
        self.client = clients[0]["id"]

    def ask(self, question: str) -> float:
        """A question in a conversation of its own; the seconds of its turn."""
        conversation = self.call("POST", "/api/conversations/new", {})[0]["conversation"]["id"]
        began = time.monotonic()
        self.call("POST", f"/api/conversations/{conversation}/messages", {"text": question})
        return time.monotonic() - began

    async def chat(self, questions: list[str], seen: Callable[[], None]) -> None:
        """Each question in a conversation of its own, as the chat page asks it; `seen` is called after each answer."""
        for question in questions:
            client, opened, ended = socketio.AsyncClient(reconnection=False), asyncio.Event(), asyncio.Event()

            def heard(event: str, data: Any = None, opened: Any = opened, ended: Any = ended) -> None:
                if event == "window_message" and data["camarad"] == "ready":
                    opened.set()
                elif event == "window_message" and data.get("state") in ("answered", "failed"):
                    ended.set()

            client.on("*", heard)
            await client.connect(
                self.url,
                headers={"Cookie": self.cookie, "Origin": self.url},
                auth={"sessionId": str(uuid.uuid4()), "threadId": ""},
                transports=["websocket"],
                socketio_path=f"/c/{self.client}/chat/ws/socket.io",
            )
            await client.emit("connection_successful")
            await asyncio.wait_for(opened.wait(), 60)
            await client.emit("client_message", {"message": {"id": str(uuid.uuid4()), "output": question}})
            await asyncio.wait_for(ended.wait(), 60)
            await client.disconnect()
            seen()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


def start(data: str, port: int) -> Server:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "camarad", "serve", "--port", str(port), "--data", data],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "CAMARAD_DEMO_PASSWORD": PASSWORD},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("READY "):
            return Server(process, line.split()[1], time.monotonic() - began)
    raise SystemExit(f"The server did not start (exit code {process.wait(60)}).")


def measure_start(data: str, port: int) -> str:
    server = start(data, port)
    pid, emulator = server.process.pid, children(server.process.pid)[0]
    row = f"| {server.ready_after:.1f} | {cpu_seconds(pid):.1f} | {cpu_seconds(emulator):.1f} | {status_mb(pid):.0f} |"
    server.sign_in()
    first = server.ask(QUESTIONS[0])
    second = server.ask(QUESTIONS[0])
    server.stop()
    return f"{row} {first:.2f} | {second:.2f} |"


def measure_memory(data: str, port: int, turns: int) -> list[str]:
    server = start(data, port)
    pid, emulator = server.process.pid, children(server.process.pid)[0]
    rows = [f"| READY | {status_mb(pid):.0f} | {status_mb(emulator):.0f} |"]
    server.sign_in()
    time.sleep(8)  # what is loaded in the background
    rows.append(f"| 8 s later | {status_mb(pid):.0f} | {status_mb(emulator):.0f} |")
    for done in range(1, turns + 1):
        server.ask(QUESTIONS[done % len(QUESTIONS)])
        if done in (turns // 4, turns):
            rows.append(f"| {done} turns through the API | {status_mb(pid):.0f} | {status_mb(emulator):.0f} |")
    answered = list[float]()
    questions = [QUESTIONS[n % len(QUESTIONS)] for n in range(turns)]
    asyncio.run(server.chat(questions, lambda: answered.append(status_mb(pid))))
    for done in (turns // 4, turns):
        rows.append(f"| {done} more through the chat | {answered[done - 1]:.0f} | |")
    rows.append(f"| at most | {status_mb(pid, 'VmHWM'):.0f} | {status_mb(emulator, 'VmHWM'):.0f} |")
    server.stop()
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8791)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--turns", type=int, default=60)
    parser.add_argument("--data", help="a folder to start on; else a temporary one, filled by a first start")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        data = options.data or temporary
        if not options.data:
            start(data, options.port).stop()
        print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
        print("| READY after, s | CPU s, server | CPU s, emulator | MB at READY | first question, s | again, s |")
        print("| --- | --- | --- | --- | --- | --- |")
        for _ in range(options.repeat):
            print(measure_start(data, options.port), flush=True)
        print("\n| after | server MB | emulator MB |\n| --- | --- | --- |")
        print("\n".join(measure_memory(data, options.port, options.turns)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
