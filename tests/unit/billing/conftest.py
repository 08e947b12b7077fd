import pytest

from billing.audit import audit
from billing.meter import Meter
from billing.wallet import open_wallet
from tests.support.metering import WORKSPACE


@pytest.fixture
async def meter(database, settings, clock):
    """A started meter over a workspace with 1,000 CT; whatever the test did, the books balance afterwards."""
    await open_wallet(database, WORKSPACE, 1000, clock)
    made = Meter(database, settings, clock)
    await made.start()
    yield made
    await made.close()
    assert await audit(database) == []
