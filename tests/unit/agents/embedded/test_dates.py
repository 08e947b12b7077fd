"""The date grammar, phrase by phrase. Today is Friday 20 November 2026."""

import pytest

from agents.embedded.dates import read_dates
from tests.support.planning import TODAY

PERIODS = """
the last 28 days | 2026-10-23 | 2026-11-19
last 7 days | 2026-11-13 | 2026-11-19
past two weeks | 2026-11-06 | 2026-11-19
last 90d | 2026-08-22 | 2026-11-19
in the past week | 2026-11-13 | 2026-11-19
last 2 full weeks | 2026-11-02 | 2026-11-15
past 3 months | 2026-08-20 | 2026-11-19
yesterday | 2026-11-19 | 2026-11-19
today | 2026-11-20 | 2026-11-20
the day before yesterday | 2026-11-18 | 2026-11-18
this week | 2026-11-16 | 2026-11-20
last week | 2026-11-09 | 2026-11-15
this month | 2026-11-01 | 2026-11-20
last month | 2026-10-01 | 2026-10-31
this quarter | 2026-10-01 | 2026-11-20
last quarter | 2026-07-01 | 2026-09-30
Q2 2025 | 2025-04-01 | 2025-06-30
in the third quarter | 2026-07-01 | 2026-09-30
year to date | 2026-01-01 | 2026-11-20
last year | 2025-01-01 | 2025-12-31
in October | 2026-10-01 | 2026-10-31
in December | 2025-12-01 | 2025-12-31
October 2025 | 2025-10-01 | 2025-10-31
since November 1 | 2026-11-01 | 2026-11-20
since March | 2026-03-01 | 2026-11-20
from 3 to 17 March | 2026-03-03 | 2026-03-17
Oct 1-15 | 2026-10-01 | 2026-10-15
1 Oct to 15 Nov | 2026-10-01 | 2026-11-15
between January and March | 2026-01-01 | 2026-03-31
on 5 November | 2026-11-05 | 2026-11-05
last Tuesday | 2026-11-17 | 2026-11-17
last weekend | 2026-11-14 | 2026-11-15
2 weeks ago | 2026-11-02 | 2026-11-08
2026-10-01..2026-10-15 | 2026-10-01 | 2026-10-15
01.10.2026 - 15.10.2026 | 2026-10-01 | 2026-10-15
yesterdya | 2026-11-19 | 2026-11-19
lats week | 2026-11-09 | 2026-11-15
în ultimele 28 de zile | 2026-10-23 | 2026-11-19
ultimele 28 zile | 2026-10-23 | 2026-11-19
utlimele 30 zile | 2026-10-21 | 2026-11-19
ultimele două săptămâni | 2026-11-06 | 2026-11-19
ultima săptămână | 2026-11-13 | 2026-11-19
ieri | 2026-11-19 | 2026-11-19
alaltăieri | 2026-11-18 | 2026-11-18
azi | 2026-11-20 | 2026-11-20
săptămâna asta | 2026-11-16 | 2026-11-20
saptamana trecuta | 2026-11-09 | 2026-11-15
luna asta | 2026-11-01 | 2026-11-20
luna trecută | 2026-10-01 | 2026-10-31
trimestrul 3 | 2026-07-01 | 2026-09-30
trimestrul trecut | 2026-07-01 | 2026-09-30
anul trecut | 2025-01-01 | 2025-12-31
de la începutul anului | 2026-01-01 | 2026-11-20
în octombrie | 2026-10-01 | 2026-10-31
din 1 noiembrie | 2026-11-01 | 2026-11-20
de la 1 noiembrie încoace | 2026-11-01 | 2026-11-20
de la 3 la 17 martie | 2026-03-03 | 2026-03-17
între 1 și 15 octombrie | 2026-10-01 | 2026-10-15
prima jumătate a lunii octombrie | 2026-10-01 | 2026-10-15
acum 2 săptămâni | 2026-11-02 | 2026-11-08
weekendul trecut | 2026-11-14 | 2026-11-15
""".strip().splitlines()

COMPARED = """
last 28 days against the 28 before | previous |
last 28 days compared to the previous period | previous |
ultimele 28 de zile față de cele 28 dinainte | previous |
săptămâna asta vs cea trecută | previous |
luna asta vs luna trecută | previous | 2026-10-01..2026-10-31
October compared to September | previous | 2026-09-01..2026-09-30
Q2 2025 vs Q2 2024 | year | 2024-04-01..2024-06-30
last 7 days vs last year | year |
sessions last month year over year | year |
luna trecută față de aceeași perioadă din anul trecut | year |
did traffic drop last week | previous |
a scăzut traficul luna trecută | previous |
sessions last week | none |
costul luna trecută | none |
""".strip().splitlines()


@pytest.mark.parametrize("line", PERIODS)
def test_a_period_is_read(line: str) -> None:
    text, start, end = (part.strip() for part in line.split("|"))
    for sentence in (text, f"How much did we spend {text}?", f"{text}: conversii pe campanii"):
        period = read_dates(sentence, TODAY).period
        assert period is not None, sentence
        assert (str(period.start), str(period.end)) == (start, end), sentence


@pytest.mark.parametrize("line", COMPARED)
def test_a_comparison_is_read(line: str) -> None:
    text, compare, against = (part.strip() for part in line.split("|"))
    found = read_dates(text, TODAY)
    assert found.compare == compare
    assert (found.against.iso() if found.against else "") == against


@pytest.mark.parametrize(
    "text",
    [
        "what may be wrong with our ads",
        "care campanii merg mai bine",
        "costul pe luni",
        "how did the Black Friday 2026 campaign do",
        "which match types do best",
        "",
    ],
)
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert read_dates(text, TODAY).period is None
