"""HTTP as it comes over the socket, with what uvicorn and its parser leave open: how long a head may be, and requests
that two readers could take for different ones (RFC 9112, sections 3.2 and 11.2). Such a request gets a 400
in the shape of all errors and its connection ends, before anything of the application sees it."""

from __future__ import annotations

import json
import re
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from camarad.errors import BadInput
from camarad.ids import new_id
from web.failures import error_body

LONGEST_HEAD: Final = 65_536  # bytes of the target, the names and the values
MOST_HEADERS: Final = 200
VERSIONS: Final = frozenset({"1.0", "1.1"})


HEAD_OF_400: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
)


class NotAnswered(Exception):
    """Raised in a callback it becomes the parser's error, which uvicorn answers with 400."""


class Wire(HttpToolsProtocol):
    _head = 0  # bytes of the request's head so far
    _unended = 0  # bytes received since, while a part of it has no end yet
    _in_head = False

    def data_received(self, data: bytes) -> None:
        waiting = self._in_head
        super().data_received(data)
        if waiting and self._in_head and not self.transport.is_closing():
            self._unended += len(data)
            if self._unended > LONGEST_HEAD:
                self.send_400_response("The head of the request is too long.")

    def send_400_response(self, msg: str) -> None:
        """In place of uvicorn's, which has no shape and lets a proxy keep it. The words are not the sender's."""
        error = BadInput(msg, code="bad_request", hint="Send it again by an ordinary HTTP client.")
        body = json.dumps(error_body(error, new_id())).encode()
        self.transport.write(HEAD_OF_400 % len(body) + body)
        self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head, self._unended, self._in_head = 0, 0, True

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self.parser.get_http_version() not in VERSIONS or not self._is_plain():
            raise NotAnswered
        super().on_headers_complete()

    def _count(self, length: int) -> None:
        self._head += length
        if self._head > LONGEST_HEAD or len(self.headers) >= MOST_HEADERS:
            raise NotAnswered

    def _is_plain(self) -> bool:
        """One host, and no other in the target: it would count for a proxy in front and not for the application."""
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1:
            return False
        return self.url.startswith(b"/") or bool(re.match(rb"https?://" + re.escape(hosts[0]) + rb"/", self.url, re.I))
