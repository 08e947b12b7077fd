"""AnalyticsAdminService: the account summaries a picker is made from, properties and their Ads links."""

from __future__ import annotations

from typing import Any

from google.analytics.admin_v1beta import types as admin

from tools.emulator.agency import MANAGER_NAME
from tools.emulator.ga4 import errors
from tools.emulator.ga4.data import property_of
from tools.emulator.rpc import Api, Caller, Method
from tools.emulator.world import Owner, World

_ACCOUNT = "accounts/41000"


class AdminService:
    def __init__(self, world: World) -> None:
        self._world = world

    def list_account_summaries(self, request: Any, caller: Caller) -> admin.ListAccountSummariesResponse:
        """One account with the user's properties, or none; its properties are not paged, as in the API."""
        summaries = [
            admin.PropertySummary(
                property=f"properties/{own.id}",
                display_name=own.name,
                property_type=admin.PropertyType.PROPERTY_TYPE_ORDINARY,
                parent=_ACCOUNT,
            )
            for own in self._seen(caller)
        ]
        account = admin.AccountSummary(
            name=f"accountSummaries/{_ACCOUNT.rpartition('/')[2]}",
            account=_ACCOUNT,
            display_name=MANAGER_NAME,
            property_summaries=summaries,
        )
        return admin.ListAccountSummariesResponse(account_summaries=[account] if summaries else [])

    def _seen(self, caller: Caller) -> list[Owner]:
        return [own for own in self._world.properties.values() if own.id in caller.user.properties]

    def get_property(self, request: Any, caller: Caller) -> admin.Property:
        return _property(property_of(self._world, request.name, caller))

    def list_properties(self, request: Any, caller: Caller) -> admin.ListPropertiesResponse:
        if request.filter not in (f"parent:{_ACCOUNT}", f"ancestor:{_ACCOUNT}"):
            raise errors.no_permission()
        return admin.ListPropertiesResponse(properties=[_property(own) for own in self._seen(caller)])

    def list_google_ads_links(self, request: Any, caller: Caller) -> admin.ListGoogleAdsLinksResponse:
        """A property and an account of the same client are linked; they share their number."""
        own = property_of(self._world, request.parent, caller)
        links = [
            admin.GoogleAdsLink(name=f"{request.parent}/googleAdsLinks/{a.id}", customer_id=a.id)
            for a in self._world.accounts.values()
            if a.number == own.number
        ]
        return admin.ListGoogleAdsLinksResponse(google_ads_links=links)


def _property(own: Owner) -> admin.Property:
    return admin.Property(
        name=f"properties/{own.id}",
        parent=_ACCOUNT,
        account=_ACCOUNT,
        display_name=own.name,
        time_zone=own.timezone,
        currency_code=own.currency,
    )


def api(world: World) -> Api:
    service = AdminService(world)

    def of_name(request: Any) -> str:
        return str(request.name).removeprefix("properties/")

    def of_parent(request: Any) -> str:
        return str(request.parent).removeprefix("properties/")

    methods = (
        Method("ListAccountSummaries", admin.ListAccountSummariesRequest, service.list_account_summaries),
        Method("GetProperty", admin.GetPropertyRequest, service.get_property, target=of_name),
        Method("ListProperties", admin.ListPropertiesRequest, service.list_properties),
        Method("ListGoogleAdsLinks", admin.ListGoogleAdsLinksRequest, service.list_google_ads_links, target=of_parent),
    )
    return Api({m.name: m for m in methods}, errors.fault, errors.unauthenticated)
