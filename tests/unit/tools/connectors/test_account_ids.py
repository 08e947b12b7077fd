"""Ids as people paste them."""

from typing import Any

import pytest

from camarad.errors import BadInput
from tools.connectors.account_ids import account_id


@pytest.mark.parametrize(
    ("provider", "text", "found"),
    [
        ("ga4", "410000001", "410000001"),
        ("ga4", " properties/410000001 ", "410000001"),
        ("google-ads", "410-000-0011", "4100000011"),
        ("google-ads", "4100000011", "4100000011"),
        ("google-ads", "customers/4100000011", "4100000011"),
    ],
)
def test_ids_are_read_as_they_are_written(provider: Any, text: str, found: str) -> None:
    assert account_id(provider, text) == found


@pytest.mark.parametrize("provider", ["ga4", "google-ads"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("G-ABC1234567", "measurement_id"),
        ("g-abc1234567", "measurement_id"),
        ("UA-12345-1", "universal_analytics_id"),
        ("AW-123456789", "conversion_tag_id"),
        ("GTM-ABC123", "tag_manager_id"),
        ("ca-pub-1234", "adsense_id"),
        ("", "not_an_account_id"),
        ("410000001; DROP TABLE", "not_an_account_id"),
        ("0", "not_an_account_id"),
        ("٤١٠٠٠٠٠٠١", "not_an_account_id"),
        ("../410000001", "not_an_account_id"),
    ],
)
def test_other_ids_are_refused_with_the_right_place_to_look(provider: Any, text: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        account_id(provider, text)
    assert caught.value.code == code
    assert ("property id" if provider == "ga4" else "customer id") in caught.value.hint
    assert ("Admin" if provider == "ga4" else "top right") in caught.value.hint
