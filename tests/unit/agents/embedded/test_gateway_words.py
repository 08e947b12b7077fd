"""Every sentence about the gateway has its Romanian."""

import pytest

from agents.embedded.answers.sources import _in_romanian
from agents.embedded.answers.trouble import _RO
from tools.connectors.gateway import SAID, warning


@pytest.mark.parametrize("kind", SAID)
def test_a_detour_and_a_failure_are_said_in_romanian(kind: str) -> None:
    assert _in_romanian(warning(kind)).startswith("Gateway-ul ")
    assert "gateway" in _RO[kind]
