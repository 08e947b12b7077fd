import pytest

from billing.audit import audit
from tests.support.paying import open_shop


@pytest.fixture
async def shop(settings, sqlite_database, stripe_account):
    """On SQLite; whatever the test did, the books balance afterwards."""
    async with open_shop(settings, sqlite_database, stripe_account) as opened:
        yield opened
    assert await audit(sqlite_database) == []


@pytest.fixture
async def shop_both(settings, database, stripe_account):
    """On SQLite and then on PostgreSQL."""
    async with open_shop(settings, database, stripe_account) as opened:
        yield opened
    assert await audit(database) == []
