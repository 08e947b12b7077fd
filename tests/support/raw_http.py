"""Bytes sent to a server as they are, and the answers in what comes back."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 3.0
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n")


@dataclass(frozen=True)
class Heard:
    """`statuses` of all answers in order, and whether the server ended the connection."""

    statuses: list[int]
    closed: bool
    raw: bytes


def say(url: str, request: bytes, patience: float = PATIENCE) -> Heard:
    """Send it all, then read until the server closes or is silent. A server may close before it has read everything."""
    address = urlsplit(url)
    assert address.hostname and address.port
    raw, closed = b"", False
    with socket.create_connection((address.hostname, address.port), timeout=patience) as connection:
        try:
            connection.sendall(request)
            while part := connection.recv(65_536):
                raw += part
            closed = True
        except TimeoutError:
            pass
        except (ConnectionResetError, BrokenPipeError):
            closed = True
    return Heard([int(status) for status in STATUS.findall(raw)], closed, raw)
