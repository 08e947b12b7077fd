"""A tab as a record: how it is read with one upstream call, and how what was read becomes sections."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tools.connectors.ga4 import Ga4Connector
from tools.connectors.google_ads import AdsConnector
from tools.connectors.report import Answer
from tools.connectors.tabs.report import Section
from tools.ranges import Window

Draw = Callable[[Answer], list[Section]]


@dataclass(frozen=True, slots=True)
class Ga4Tab:
    name: str
    title: str
    read: Callable[[Ga4Connector, Window], Awaitable[Answer]]
    draw: Draw


@dataclass(frozen=True, slots=True)
class AdsTab:
    name: str
    title: str
    read: Callable[[AdsConnector, Window], Awaitable[Answer]]
    draw: Draw
