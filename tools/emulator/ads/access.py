"""Who may query which account: directly, or through its manager named in `login-customer-id`."""

from __future__ import annotations

from tools.emulator.ads.failure import denied
from tools.emulator.rpc import Caller
from tools.emulator.world import Owner, World


def account_of(world: World, customer_id: str, caller: Caller) -> Owner:
    """The account, if the caller comes by the right way; else it is refused like one that does not exist."""
    own = world.accounts.get(customer_id.replace("-", ""))
    login = (caller.login_customer_id or "").replace("-", "")
    if own is None or login not in _ways(own):
        raise denied()
    return own


def _ways(own: Owner) -> tuple[str, ...]:
    return (own.manager_id,) if own.manager_id else ("", own.id)


def directly_accessible(world: World) -> list[Owner]:
    return [own for own in world.accounts.values() if own.manager_id is None]
