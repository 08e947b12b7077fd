import string
from datetime import UTC, date, datetime

import pytest

from tools.connectors.report import Report, Row
from tools.labels import LABELS_RO, label
from tools.metrics import DIMENSIONS, LABELS
from tools.notes import Notes
from tools.result import Meta, Period
from tools.wording import SENTENCES

META = Meta(
    source="demo",
    as_of=datetime(2026, 11, 20, tzinfo=UTC),
    range=Period(start=date(2026, 11, 1), end=date(2026, 11, 7)),
    currency="EUR",
)
TODAY = date(2026, 11, 20)
ENGLISH, ROMANIAN = Notes("en", "EUR"), Notes("ro", "RON")


def report(*rows: tuple[str, float, float | None], name: str = "sessions") -> Report:
    made = tuple(Row((key,), {name: now}, None if before is None else {name: before}) for key, now, before in rows)
    total = sum(row.values[name] for row in made)
    return Report(("channel",), (name,), made, {name: total}, None, len(made))


def test_what_moved_most_comes_first_and_small_moves_are_left_out() -> None:
    notes = ENGLISH.movers(report(("Email", 100, 90), ("Direct", 500, 800), ("Organic", 900, 600)), "sessions")
    assert notes == [
        "“Direct”: sessions 500 against 800 (-37.5%).",
        "“Organic”: sessions 900 against 600 (+50.0%).",
    ]


def test_a_row_that_was_not_there_before_has_no_percentage() -> None:
    assert ENGLISH.movers(report(("New", 100, 0)), "sessions") == ["“New”: sessions 100, none in the period before."]


def test_rows_without_a_known_past_are_not_compared() -> None:
    assert ENGLISH.movers(report(("Email", 100, None)), "sessions") == []


def test_romanian_notes_use_romanian_words_and_number_marks() -> None:
    (note,) = ROMANIAN.movers(report(("Brand", 1234.5, 1000), name="cost"), "cost")
    assert note == "„Brand”: cost 1.234,50 RON față de 1.000,00 RON (+23,4%)." or note.endswith("(+23,5%).")


def test_the_largest_share_is_named_when_it_matters() -> None:
    assert ENGLISH.share(report(("Direct", 60, None), ("Email", 40, None)), "sessions") == [
        "“Direct” makes up 60.0% of sessions."
    ]
    even = report(*((f"c{n}", 10, None) for n in range(10)))
    assert ENGLISH.share(even, "sessions") == []


def test_best_and_worst_days_need_a_few_days() -> None:
    days = report(*((f"2026-11-0{n}", float(n), None) for n in range(1, 6)))
    assert ENGLISH.days(days, "sessions", TODAY) == ["Best day for sessions: 2026-11-05 (5); weakest: 2026-11-01 (1)."]
    assert ENGLISH.days(report(("2026-11-01", 1, None)), "sessions", TODAY) == []


def test_a_day_that_is_not_over_is_neither_best_nor_worst() -> None:
    days = report(*((f"2026-11-0{n}", float(9 - n), None) for n in range(1, 7)))
    assert ENGLISH.days(days, "sessions", date(2026, 11, 6)) == [
        "Best day for sessions: 2026-11-01 (8); weakest: 2026-11-05 (4)."
    ]


def test_an_empty_report_says_that_it_is_no_error() -> None:
    (note,) = ENGLISH.empty(report(), META)
    assert "from 2026-11-01 to 2026-11-07" in note
    assert "no error" in note
    assert ENGLISH.empty(report(("Email", 1, None)), META) == []


def test_a_weak_landing_page_has_traffic_and_engages_clearly_less() -> None:
    def page(path: str, sessions: float, rate: float) -> Row:
        return Row((path,), {"sessions": sessions, "engagementRate": rate})

    pages = (page("/good", 500, 0.7), page("/weak", 400, 0.3), page("/tiny", 5, 0.1))
    found = Report(("landingPage",), ("sessions",), pages, {"sessions": 905.0, "engagementRate": 0.55}, None, 3)
    (note,) = ENGLISH.weak_pages(found)
    assert note == "“/weak” engages 30.0% of its 400 sessions, against 55.0% for all landing pages."


def test_a_funnel_names_its_largest_loss_and_silent_steps() -> None:
    steps = tuple(Row((name,), {"activeUsers": users}) for name, users in (("a", 100.0), ("b", 30.0), ("c", 0.0)))
    notes = ENGLISH.funnel([Report(("step",), ("activeUsers",), steps)], "none")
    assert notes[0] == "Most users are lost between a and b: 70 (70.0% of that step)."
    assert notes[1].endswith("c.")


@pytest.mark.parametrize("key", list(SENTENCES))
def test_each_sentence_says_the_same_things_in_both_languages(key: str) -> None:
    fields = {
        language: {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for language, text in SENTENCES[key].items()
    }
    assert set(fields) == {"en", "ro"}
    assert fields["en"] == fields["ro"]


def test_every_known_label_has_a_romanian_one() -> None:
    known = {english for english, _ in LABELS.values()} | set(DIMENSIONS.values()) - {"Page title"}
    assert sorted(known - set(LABELS_RO)) == []


def test_a_compound_label_is_translated_by_its_parts() -> None:
    assert label("Sessions before") == "Sesiuni înainte"
    assert label("Cost by campaign") == "Cost după campanie"
    assert label("Custom thing") == "Custom thing"


def test_a_period_with_nothing_to_compare_with_says_so_once() -> None:
    rows = (Row(("Email",), {"sessions": 100.0}, {"sessions": 0.0}),)
    found = Report(("channel",), ("sessions",), rows, {"sessions": 100.0}, {"sessions": 0.0}, 1)
    compared = META.model_copy(update={"compare": Period(start=date(2026, 10, 25), end=date(2026, 10, 31))})
    assert ENGLISH.movers(found, "sessions") == []
    assert ENGLISH.empty(found, compared) == ["There is no data in the period compared with, 2026-10-25 to 2026-10-31."]
