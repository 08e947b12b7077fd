"""Where a `next` address may lead, and which hosts are loopback."""

from __future__ import annotations

import pytest

from web.cookies import is_loopback, local_path


@pytest.mark.parametrize("path", ["/app", "/c/demo-shop/chat/", "/settings?done=saved", "/"])
def test_a_path_of_this_server_is_followed(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "address",
    ["", None, "https://evil.example", "//evil.example", "/\\evil.example", "/a\\b", "\t//evil.example",
     "/\n/evil.example", "javascript:alert(1)", "app", " /app"],
)  # fmt: skip
def test_anything_that_could_leave_this_server_is_not(address: str | None) -> None:
    assert local_path(address) == "/app"


def test_loopback_has_several_names() -> None:
    assert all(is_loopback(host) for host in ("localhost", "127.0.0.1", "::1", "camarad.localhost"))
    assert not any(is_loopback(host) for host in ("127.0.0.1.evil.example", "localhost.evil.example", None, ""))
