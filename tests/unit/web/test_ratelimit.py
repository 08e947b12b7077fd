"""Whom an address is counted as."""

from __future__ import annotations

import pytest

from web.ratelimit import RateLimit, network


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_address_of_ipv6_counts_with_its_whole_network(address: str, counted: str) -> None:
    assert network(address) == counted


def test_a_limit_by_address_is_one_for_a_subscriber() -> None:
    near, same = (RateLimit.of_address("signup", 1, 60, f"2001:db8::{host}") for host in ("1", "dead:beef"))
    other = RateLimit.of_address("signup", 1, 60, "2001:db8:0:1::1")
    assert near.key == same.key != other.key
