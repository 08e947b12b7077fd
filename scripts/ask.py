#!/usr/bin/env python3
"""Ask an agent from the shell and watch the turn as it happens. Needs nothing but Python; see docs/http.md."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from typing import Any


class Server:
    """One signed-in program. State-changing calls carry the CSRF token that signing in gave."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self.headers = {"Content-Type": "application/json"}
        self._http = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def open(self, method: str, path: str, body: dict[str, Any] | None = None, accept: str = "application/json") -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.base + path, data, {**self.headers, "Accept": accept}, method=method)
        return self._http.open(request, timeout=300)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        with self.open(method, path, body) as answer:
            document: dict[str, Any] = json.load(answer)
            return document

    def sign_in(self, email: str, password: str) -> None:
        session = self.call("POST", "/api/auth/login", {"email": email, "password": password})
        self.headers["X-CSRF-Token"] = session["csrf_token"]

    def events(self, path: str, body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        with self.open("POST", path, body, accept="text/event-stream") as stream:
            name = ""
            for line in stream:
                if line.startswith(b"event: "):
                    name = line[7:].decode().strip()
                elif line.startswith(b"data: "):
                    yield name, json.loads(line[6:])


def show(name: str, event: dict[str, Any]) -> None:
    match name:
        case "agent":
            note = f" ({event['note']})" if event.get("note") else ""
            print(f"\n— {event['agent']}{note}")
        case "tool_finished":
            print(f"  · {event['name']}: {'ok' if event['ok'] else event['error']} [{event['source']}]")
        case "token":
            print(event["text"], end="", flush=True)
        case "error":
            print(f"\n{event['message']} {event['hint']}", file=sys.stderr)
        case "done":
            usage = event["usage"]
            print(f"\n\n{usage['ct_actual']} CT, {usage['requests']} model calls, {usage['model']}")


def ask(server: Server, client: str, agent: str | None, question: str) -> None:
    server.headers["X-Client-ID"] = client
    conversation = server.call("POST", "/api/conversations/new", {"agent": agent} if agent else {})["conversation"]
    for name, event in server.events(f"/api/conversations/{conversation['id']}/messages", {"text": question}):
        show(name, event)


def asked_password(email: str) -> str:
    """Typed in at a terminal; empty without one, where nobody could."""
    return getpass.getpass(f"Password of {email}: ") if sys.stdin.isatty() else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("question")
    parser.add_argument("--client", required=True, help="id of the client, as in GET /api/clients")
    parser.add_argument("--agent", help="personal-assistant, ppc-specialist or seo-strategist")
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--email", default=os.environ.get("CAMARAD_DEMO_EMAIL", "demo@camarad.example"))
    options = parser.parse_args()
    password = os.environ.get("CAMARAD_DEMO_PASSWORD") or asked_password(options.email)
    if not password:
        print("Set CAMARAD_DEMO_PASSWORD to the password that the start printed.", file=sys.stderr)
        return 1
    server = Server(options.base)
    try:
        server.sign_in(options.email, password)
        ask(server, options.client, options.agent, options.question)
    except urllib.error.HTTPError as refused:
        error = json.load(refused)["error"]
        print(f"{error['message']} {error['hint']}", file=sys.stderr)
        return 1
    except urllib.error.URLError as unreachable:
        print(f"{options.base} does not answer: {unreachable.reason}. Start it with scripts/run.sh.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
