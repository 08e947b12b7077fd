"""Cities, devices and age groups that made-up visitors have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    city: str
    region: str
    country: str
    country_id: str
    continent: str
    language: str


PLACES: tuple[Place, ...] = (
    Place("Bucharest", "Bucharest", "Romania", "RO", "Europe", "Romanian"),
    Place("Cluj-Napoca", "Cluj County", "Romania", "RO", "Europe", "Romanian"),
    Place("Timisoara", "Timis County", "Romania", "RO", "Europe", "Romanian"),
    Place("Iasi", "Iasi County", "Romania", "RO", "Europe", "Romanian"),
    Place("Brasov", "Brasov County", "Romania", "RO", "Europe", "Romanian"),
    Place("Sibiu", "Sibiu County", "Romania", "RO", "Europe", "Romanian"),
    Place("Chisinau", "Chisinau", "Moldova", "MD", "Europe", "Romanian"),
    Place("Berlin", "Berlin", "Germany", "DE", "Europe", "German"),
    Place("Vienna", "Vienna", "Austria", "AT", "Europe", "German"),
    Place("London", "England", "United Kingdom", "GB", "Europe", "English"),
    Place("Paris", "Ile-de-France", "France", "FR", "Europe", "French"),
    Place("New York", "New York", "United States", "US", "Americas", "English"),
)


@dataclass(frozen=True, slots=True)
class Tech:
    """`share` is within its device."""

    device: str
    browser: str
    system: str
    share: float


TECH: tuple[Tech, ...] = (
    Tech("mobile", "Chrome", "Android", 0.62),
    Tech("mobile", "Safari", "iOS", 0.31),
    Tech("mobile", "Samsung Internet", "Android", 0.07),
    Tech("desktop", "Chrome", "Windows", 0.60),
    Tech("desktop", "Safari", "Macintosh", 0.18),
    Tech("desktop", "Edge", "Windows", 0.14),
    Tech("desktop", "Firefox", "Windows", 0.08),
    Tech("tablet", "Safari", "iOS", 0.65),
    Tech("tablet", "Chrome", "Android", 0.35),
)

AGES: tuple[tuple[str, float], ...] = (
    ("unknown", 0.36),
    ("18-24", 0.09),
    ("25-34", 0.21),
    ("35-44", 0.17),
    ("45-54", 0.10),
    ("55-64", 0.05),
    ("65+", 0.02),
)
GENDERS: tuple[tuple[str, float], ...] = (("unknown", 0.36), ("female", 0.34), ("male", 0.30))
