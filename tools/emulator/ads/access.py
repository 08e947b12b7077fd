"""Who may query which account: directly, or through a manager named in `login-customer-id`."""

from __future__ import annotations

from collections.abc import Iterator

from tools.emulator.ads.failure import denied, no_ads_user, not_enabled
from tools.emulator.rpc import Caller
from tools.emulator.world import Owner, World


def account_of(world: World, customer_id: str, caller: Caller) -> Owner:
    """The account, if the caller comes by the right way; else it is refused like one that does not exist.

    The way starts at an account the user has direct access to, named in `login-customer-id` or the account itself,
    and leads down the managers.
    """
    if not caller.user.customers:
        raise no_ads_user()
    own = world.accounts.get(customer_id.replace("-", ""))
    login = (caller.login_customer_id or customer_id).replace("-", "")
    if own is None or login not in caller.user.customers or login not in _upwards(world, own):
        raise denied()
    if own.status != "ENABLED":
        raise not_enabled()
    return own


def _upwards(world: World, own: Owner) -> Iterator[str]:
    """The account, its manager, its manager's manager."""
    at: Owner | None = own
    while at is not None:
        yield at.id
        at = world.accounts.get(at.manager_id) if at.manager_id else None
