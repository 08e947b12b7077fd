"""What a question names is answered, also where the report has another word for it or nothing moved that way."""

import pytest

from graphs.grounding import check
from tests.support.planning import TODAY, answered, overview
from tools.blocks import Column
from tools.result import ToolResult


def site(*pages: tuple[str, int, int]) -> ToolResult:
    """Landing pages as (path, sessions, sessions before)."""
    base = overview({"sessions": 900, "engagementRate": 0.6534}, {"sessions": 800, "engagementRate": 0.64}, [])
    return base.model_copy(
        update={
            "title": "Organic landing pages",
            "columns": [
                Column(name="landingPage", label="Landing page"),
                Column(name="sessions", label="Sessions", kind="integer"),
                Column(name="sessions_previous", label="Sessions before", kind="integer"),
                Column(name="sessions_change", label="Sessions change", kind="percent"),
            ],
            "rows": [[path, now, before, now / before - 1] for path, now, before in pages],
        }
    )


def told(question: str, found: ToolResult) -> str:
    return answered(question, ("ga4_overview", found.for_model()), slug="seo-strategist")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What was our bounce rate last month?", ["Bounce rate 34.7%", "bounce rate 36.0%"]),
        ("Care a fost rata de respingere luna trecută?", ["Rata de respingere 34,7%", "rata de respingere 36,0%"]),
    ],
)
def test_a_bounce_rate_follows_from_the_engagement_rate(question: str, words: list[str]) -> None:
    found = site(("/lampi", 20, 10))
    text = told(question, found)
    assert [word for word in words if word not in text] == [], text
    assert check(text, [found], question, TODAY).untraced == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Which landing pages lost organic traffic?", "None of these fell in sessions; smallest gain first:"),
        (
            "Ce pagini de intrare au pierdut trafic organic?",
            "Niciun rând de mai jos nu a scăzut la sesiuni; cea mai mică creștere întâi:",
        ),
    ],
)
def test_where_nothing_fell_no_gain_is_called_a_loss(question: str, words: str) -> None:
    text = told(question, site(("/lampi", 20, 10), ("/veioze", 30, 25)))
    assert words in text
    assert text.index("/veioze") < text.index("/lampi")


def test_what_fell_is_the_largest_loss_first() -> None:
    text = told("Which landing pages lost organic traffic?", site(("/lampi", 20, 10), ("/veioze", 25, 30)))
    assert "Largest loss in sessions first:" in text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How many sessions on mobile in Germany?", "cannot be narrowed to Germany here"),
        ("Câte sesiuni pe mobil din Germania?", "nu poate fi restrâns la Germany"),
    ],
)
def test_a_country_that_no_report_was_narrowed_to_is_said_first(question: str, words: str) -> None:
    assert words in told(question, site(("mobile", 20, 10), ("desktop", 30, 25))).split("\n\n")[0]


def test_a_country_among_the_rows_needs_no_such_word() -> None:
    assert "narrowed" not in told("How many sessions in Germany?", site(("Germany", 20, 10), ("Romania", 30, 25)))


@pytest.mark.parametrize("question", ["Show us the sessions on mobile", "Sesiunile pe mobil, cu evoluția sua"])
def test_a_pronoun_is_no_country(question: str) -> None:
    assert "United States" not in told(question, site(("mobile", 20, 10), ("desktop", 30, 25)))
