"""Google's client libraries, imported when first used: 2 s and some 90 MB that a server without connections saves."""

from __future__ import annotations

import asyncio
import importlib
import warnings
from functools import cache
from types import ModuleType
from typing import Any

ADS_VERSION = "v26"


@cache
def _load(name: str) -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries warn about the Python version at import
        return importlib.import_module(name)


def ga4() -> Any:
    """GA4 Data v1beta: requests, responses and the client."""
    return _load("google.analytics.data_v1beta")


def ga4_alpha() -> Any:
    """GA4 Data v1alpha, for funnels only; its types do not mix with v1beta's."""
    return _load("google.analytics.data_v1alpha")


def ads() -> Any:
    return _load(f"google.ads.googleads.{ADS_VERSION}.services.services.google_ads_service")


def ads_types() -> Any:
    return _load(f"google.ads.googleads.{ADS_VERSION}.services.types.google_ads_service")


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


def ads_client(channel: Any) -> Any:
    name = f"google.ads.googleads.{ADS_VERSION}.services.services.google_ads_service.transports"
    return ads().GoogleAdsServiceAsyncClient(
        transport=_load(name).GoogleAdsServiceGrpcAsyncIOTransport(channel=channel)
    )


async def ready(provider: str) -> None:
    """Import what a provider needs in a thread, so that the first question does not stop the others."""
    await asyncio.to_thread(_import, provider)


def _import(provider: str) -> None:
    _load("google.api_core.exceptions")
    if provider == "ga4":
        ga4(), ga4_alpha()
    else:
        ads(), ads_types()
