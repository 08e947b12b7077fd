"""Calls of one stretch by agent, model and workspace: counted from rows, read from a rollup, or put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.rollup import raw
from billing.rollup.columns import DIMS, FIGURES, METRICS, SPREAD
from billing.rollup.spread import Counts, counted, listed, merged, pack, unpack
from billing.rollup.stretches import Run
from camarad.models import UsageRollup

NAMES = tuple(FIGURES)
STORED: tuple[Any, ...] = (
    *(UsageRollup.dim, UsageRollup.key),
    *(getattr(UsageRollup, f"{metric}_values") for metric in METRICS),
    *(getattr(UsageRollup, name) for name in NAMES),
)


@dataclass(slots=True)
class Group:
    figures: list[int] = field(default_factory=lambda: [0] * len(NAMES))
    values: dict[str, list[Counts]] = field(default_factory=lambda: {metric: [] for metric in METRICS})

    def add(self, other: Group) -> None:
        self.figures = [mine + its for mine, its in zip(self.figures, other.figures, strict=True)]
        for metric, parts in self.values.items():
            parts.extend(other.values[metric])

    def count(self, metrics: Mapping[str, Mapping[int, int]]) -> None:
        """Take calls by value from rows."""
        for metric, counts in metrics.items():
            self.values[metric].append(counted(counts))

    def take(self, metrics: Mapping[str, list[int | None]]) -> None:
        """Take the value of each call from rows."""
        for metric, values in metrics.items():
            self.values[metric].append(listed(values))


Groups = dict[tuple[str, str], Group]  # by dim and key


async def from_rows(session: AsyncSession, run: Run) -> dict[int, Groups]:
    """A run of rows by the five minutes they lie in; one without rows is missing."""
    found: dict[int, Groups] = {}
    for (start, dim, key), figures in (await raw.sums(session, (run,), DIMS, split=True)).items():
        found.setdefault(start, {})[dim, key] = Group(figures)
    for (start, dim, key), metrics in (await raw.counts(session, (run,), SPREAD)).items():
        found[start][dim, key].count(metrics)
    return found


async def from_rollups(session: AsyncSession, level: int, starts: Sequence[datetime]) -> dict[datetime, Groups]:
    wanted = select(UsageRollup.start, *STORED).where(UsageRollup.level == level, UsageRollup.start.in_(starts))
    found: dict[datetime, Groups] = {}
    for start, dim, key, *rest in await session.execute(wanted):
        found.setdefault(start, {})[dim, key] = _stored(rest)
    return found


def _stored(columns: list[Any]) -> Group:
    packed, figures = columns[: len(METRICS)], columns[len(METRICS) :]
    values = {metric: [unpack(each)] if each else [] for metric, each in zip(METRICS, packed, strict=True)}
    return Group(figures, values)


def together(parts: Iterable[Groups]) -> Groups:
    total: Groups = {}
    for part in parts:
        for name, group in part.items():
            total.setdefault(name, Group()).add(group)
    return total


def rollup_rows(level: int, start: datetime, groups: Groups) -> list[dict[str, Any]]:
    """What to store of a stretch."""
    return [
        {"level": level, "start": start, "dim": dim, "key": key, **_columns(group)}
        for (dim, key), group in groups.items()
    ]


def _columns(group: Group) -> Mapping[str, Any]:
    packed = {f"{metric}_values": pack(merged(parts)) for metric, parts in group.values.items()}
    return {**dict(zip(NAMES, group.figures, strict=True)), **packed}
