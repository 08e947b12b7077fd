"""CustomerService: the accounts a token reaches without naming a manager."""

from __future__ import annotations

from typing import Any

from google.ads.googleads.v26.services.types import customer_service as types

from tools.emulator.ads import failure
from tools.emulator.rpc import Api, Caller, Method
from tools.emulator.world import World


def api(world: World) -> Api:
    def list_accessible(request: Any, caller: Caller) -> types.ListAccessibleCustomersResponse:
        if not caller.user.customers:
            raise failure.no_ads_user()
        names = [f"customers/{customer}" for customer in caller.user.customers]
        return types.ListAccessibleCustomersResponse(resource_names=names)

    method = Method("ListAccessibleCustomers", types.ListAccessibleCustomersRequest, list_accessible)
    return Api({method.name: method}, failure.fault, failure.unauthenticated)
