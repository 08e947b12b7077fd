"""Google's client libraries, imported when first used: a server without connections saves their time and memory."""

from __future__ import annotations

import asyncio
import importlib
import warnings
from functools import cache
from types import ModuleType
from typing import Any

from tools.connectors.bare import bare_packages

ADS_VERSION = "v26"


@cache
def _load(name: str) -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries warn about the Python version at import
        return importlib.import_module(name)


@cache
def _load_ads(name: str, version: str = ADS_VERSION) -> ModuleType:
    with bare_packages(version):
        return _load(f"google.ads.googleads.{version}.{name}")


def ga4() -> Any:
    """GA4 Data v1beta: requests, responses and the client."""
    return _load("google.analytics.data_v1beta")


def ga4_alpha() -> Any:
    """GA4 Data v1alpha, for funnels only; its types do not mix with v1beta's."""
    return _load("google.analytics.data_v1alpha")


def ga4_admin() -> Any:
    """Admin v1beta: account summaries and properties."""
    return _load("google.analytics.admin_v1beta")


def ads() -> Any:
    return _load_ads("services.services.google_ads_service")


def ads_types() -> Any:
    return _load_ads("services.types.google_ads_service")


def ads_errors(version: str) -> Any:
    """The errors of the version that a failure names."""
    return _load_ads("errors.types.errors", version)


def ga4_client(channel: Any) -> Any:
    transports = _load("google.analytics.data_v1beta.services.beta_analytics_data.transports")
    return ga4().BetaAnalyticsDataAsyncClient(
        transport=transports.BetaAnalyticsDataGrpcAsyncIOTransport(channel=channel)
    )


def ga4_alpha_client(channel: Any) -> Any:
    transports = _load("google.analytics.data_v1alpha.services.alpha_analytics_data.transports")
    return ga4_alpha().AlphaAnalyticsDataAsyncClient(
        transport=transports.AlphaAnalyticsDataGrpcAsyncIOTransport(channel=channel)
    )


def ga4_admin_client(channel: Any) -> Any:
    transports = _load("google.analytics.admin_v1beta.services.analytics_admin_service.transports")
    return ga4_admin().AnalyticsAdminServiceAsyncClient(
        transport=transports.AnalyticsAdminServiceGrpcAsyncIOTransport(channel=channel)
    )


def ads_customer_types() -> Any:
    return _load_ads("services.types.customer_service")


def ads_customers_client(channel: Any) -> Any:
    service = _load_ads("services.services.customer_service")
    transports = _load_ads("services.services.customer_service.transports")
    return service.CustomerServiceAsyncClient(transport=transports.CustomerServiceGrpcAsyncIOTransport(channel=channel))


def ads_client(channel: Any) -> Any:
    transports = _load_ads("services.services.google_ads_service.transports")
    return ads().GoogleAdsServiceAsyncClient(transport=transports.GoogleAdsServiceGrpcAsyncIOTransport(channel=channel))


async def ready(provider: str) -> None:
    """Import what a provider needs in a thread, so that the first question does not stop the others."""
    await asyncio.to_thread(_import, provider)


def _import(provider: str) -> None:
    _load("google.api_core.exceptions")
    if provider == "ga4":
        ga4(), ga4_alpha()
    elif provider == "ga4-admin":
        ga4_admin()
    else:
        ads(), ads_types(), ads_customer_types(), _load_ads("services.services.customer_service")
