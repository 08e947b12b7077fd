"""One gRPC channel an endpoint, shared by every client and every call; the token travels with each call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tools.connectors import google

OPTIONS = (
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    ("grpc.keepalive_time_ms", 300_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5_000),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a source answers. Google itself and the gateway are `secure`; the emulator on loopback is not."""

    address: str
    secure: bool = True


class Channels:
    """Channels and clients by endpoint, made on first use inside the running loop."""

    def __init__(self) -> None:
        self._channels: dict[Endpoint, Any] = {}
        self._clients: dict[tuple[Endpoint, str], Any] = {}

    def _channel(self, endpoint: Endpoint) -> Any:
        import grpc

        if endpoint not in self._channels:
            if endpoint.secure:
                made = grpc.aio.secure_channel(endpoint.address, grpc.ssl_channel_credentials(), options=OPTIONS)
            else:
                made = grpc.aio.insecure_channel(endpoint.address, options=OPTIONS)
            self._channels[endpoint] = made
        return self._channels[endpoint]

    def _client(self, endpoint: Endpoint, kind: str, make: Callable[[Any], Any]) -> Any:
        key = (endpoint, kind)
        if key not in self._clients:
            self._clients[key] = make(self._channel(endpoint))
        return self._clients[key]

    def ga4(self, endpoint: Endpoint) -> Any:
        return self._client(endpoint, "ga4", google.ga4_client)

    def ga4_alpha(self, endpoint: Endpoint) -> Any:
        return self._client(endpoint, "ga4_alpha", google.ga4_alpha_client)

    def ads(self, endpoint: Endpoint) -> Any:
        return self._client(endpoint, "ads", google.ads_client)

    def ga4_admin(self, endpoint: Endpoint) -> Any:
        return self._client(endpoint, "ga4_admin", google.ga4_admin_client)

    def ads_customers(self, endpoint: Endpoint) -> Any:
        return self._client(endpoint, "ads_customers", google.ads_customers_client)

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()
        self._channels.clear()
        self._clients.clear()
