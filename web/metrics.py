"""What Prometheus may read. One registry a process's app, so that two apps in one test do not share counters."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from camarad import __version__


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "camarad_http_requests",
            "Answers by route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "camarad_http_seconds", "Seconds until an answer ended.", ["method", "route"], registry=self.registry
        )
        self.streams = Gauge("camarad_turn_streams", "Turns being streamed to a reader.", registry=self.registry)
        Gauge("camarad_build_info", "Version running.", ["version"], registry=self.registry).labels(__version__).set(1)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def answering(self, method: str, route: str, status: int) -> Callable[[float], None]:
        """`answered` for one kind of answer, with its labels looked up once."""
        count, seconds = self.requests.labels(method, route, str(status)), self.seconds.labels(method, route)

        def answered(taken: float) -> None:
            count.inc()
            seconds.observe(taken)

        return answered

    def render(self) -> bytes:
        return generate_latest(self.registry)
