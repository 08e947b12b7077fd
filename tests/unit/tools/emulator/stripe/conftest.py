from __future__ import annotations

import pytest

from tests.unit.tools.emulator.stripe.shop import Shop, opened


@pytest.fixture
async def shop(stripe_v1, stripe_account) -> Shop:
    return await opened(stripe_v1, stripe_account)
