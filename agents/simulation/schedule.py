"""Who calls when: workspaces of different sizes, days and nights, and what becomes of each call. Drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final, Literal, TypeVar

from agents.simulation.dialogs import AGENT_SHARES, dialogs

T = TypeVar("T")
Kind = Literal["answered", "stopped", "retried", "failed", "twice"]
KINDS: Final[tuple[tuple[Kind, int], ...]] = (
    ("answered", 905),
    ("stopped", 35),
    ("retried", 30),
    ("failed", 5),
    ("twice", 25),
)
SIZES: Final = (("small", 60, 20), ("medium", 30, 60), ("large", 10, 160))  # name, share, calls a day
GRANTS: Final = {"small": 6_000, "medium": 20_000, "large": 50_000, "nearly empty": 60}
BY_HOUR: Final = (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 19, 17, 14, 16, 18, 18, 16, 12, 8, 6, 5, 4, 3, 2)
ZONES: Final = (0, 0, 0, 1, -1, -6)  # hours; most customers live near each other
SECONDS: Final = 300  # calls of the same five minutes overlap


@dataclass(frozen=True, slots=True)
class Tenant:
    """`calls_a_day` on average; `zone` shifts its day."""

    name: str
    size: str
    grant: int
    calls_a_day: int
    zone: int


@dataclass(frozen=True, slots=True)
class Event:
    """One call: `second` since the start, of which workspace, about what, and how it goes."""

    second: int
    tenant: str
    agent: str
    dialog: int
    kind: Kind
    streamed: bool
    slow: bool
    cached_bp: int


def tenants(count: int, random: Random) -> list[Tenant]:
    """Six small ones to three medium and one large, each with a liveliness of its own; one in ten is nearly empty."""
    found = []
    for number in range(count):
        size, _, calls = _size(number)
        nearly_empty = number % 10 == 4
        lively = random.randint(60, 150)
        found.append(
            Tenant(
                f"sim-{number + 1:03}",
                size,
                GRANTS["nearly empty" if nearly_empty else size],
                max(1, calls * lively // 100),
                random.choice(ZONES),
            )
        )
    return found


def _size(number: int) -> tuple[str, int, int]:
    place = number * 10 % 100
    for size in SIZES:
        place -= size[1]
        if place < 0:
            return size
    return SIZES[0]


def events(who: list[Tenant], hours: int, first_hour: int, random: Random) -> list[Event]:
    """The calls of `hours` hours in the order of their time. `first_hour` is the hour of the day they begin at."""
    drawn = [
        _event(tenant, hour * 3600 + random.randrange(SECONDS // 60, 60) * 60, random)
        for hour in range(hours)
        for tenant in who
        for _ in range(_calls(tenant, (first_hour + hour + tenant.zone) % 24, random))
    ]
    return sorted(drawn, key=lambda e: (e.second // SECONDS, e.tenant, e.second))


def _calls(tenant: Tenant, hour: int, random: Random) -> int:
    """A number whose mean is the hour's share of the day's calls, drawn as many small chances."""
    chances = 3 * max(1, tenant.calls_a_day * BY_HOUR[hour] // sum(BY_HOUR))
    thousandths = tenant.calls_a_day * BY_HOUR[hour] * 1_000 // (sum(BY_HOUR) * chances)
    return sum(random.randrange(1_000) < thousandths for _ in range(chances))


def _event(tenant: Tenant, second: int, random: Random) -> Event:
    agent = _drawn(AGENT_SHARES, random)
    kind = _drawn(KINDS, random)
    return Event(
        second=second,
        tenant=tenant.name,
        agent=agent,
        dialog=random.randrange(len(dialogs(agent))),
        kind=kind,
        streamed=kind == "stopped" or random.randrange(4) == 0,
        slow=random.randrange(2) == 0,
        cached_bp=random.choice((0, 0, 3_000, 6_000)),
    )


def _drawn(shares: tuple[tuple[T, int], ...], random: Random) -> T:
    return random.choices([name for name, _ in shares], [weight for _, weight in shares])[0]
