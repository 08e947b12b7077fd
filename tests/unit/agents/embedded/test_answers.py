"""Every number of an answer is a number of the results, or one step from them, in both languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.grounding import check
from tests.support.planning import TODAY, answered, body, overview, waste
from tools.connectors.gateway import warning
from tools.result import Meta, ToolError, ToolResult

EN = "How did our Google Ads do in the last 28 days against the 28 before, and where are we wasting money?"
RO = "Cum au mers reclamele Google în ultimele 28 de zile față de cele 28 dinainte și unde pierdem bani?"
NOW = {"cost": 7301.47, "conversions": 133.0, "cpa": 54.9, "roas": 3.61}
BEFORE = {"cost": 6120.05, "conversions": 140.0, "cpa": 43.71, "roas": 4.1}
CAMPAIGNS = [("Brand RO", 412.5, 61.0), ("Black Friday 2026", 5290.13, 72.0), ("Display", 1598.84, 0.0)]
TERMS = [("free repair", 188.21, 41), ("second hand", 97.6, 22)]


def results() -> tuple[ToolResult, ToolResult]:
    return overview(NOW, BEFORE, CAMPAIGNS), waste(TERMS, NOW["cost"])


def told(question: str, *found: ToolResult) -> str:
    names = ("ads_overview", "ads_wasted_spend")
    return answered(question, *((name, r.for_model()) for name, r in zip(names, found, strict=False)))


def test_the_english_answer_has_totals_changes_waste_steps_and_source() -> None:
    text = told(EN, *results())
    for part in (
        "23 Oct – 19 Nov 2026 against 25 Sept – 22 Oct 2026",
        "Cost rose 19.3% to €7,301.47 (from €6,120.05), while conversions fell 5.0% to 133 (from 140)",
        "you paid more for fewer results",
        "**Black Friday 2026**: cost €5,290.13, 72 conversions",
        "2 search terms cost €285.81 without a single conversion, 3.9% of the €7,301.47 spent",
        "“free repair”**: €188.21, 41 clicks",
        "Add negative keywords",
        "Cut the budget of “Display”",
        "demo data",
        "20 Nov 2026, 09:12 UTC",
    ):
        assert part in text, part


def test_the_romanian_answer_says_the_same_in_romanian() -> None:
    text = told(RO, *results())
    for part in (
        "23 oct. – 19 nov. 2026 față de 25 sept. – 22 oct. 2026",
        "Costul a crescut cu 19,3%, la 7.301,47",
        "conversiile au scăzut cu 5,0%, la 133 (de la 140)",
        "72 de conversii",
        "2 termeni de căutare au costat 285,81",
        "adică 3,9% din cei 7.301,47",
        "cuvinte cheie negative",
        "date demonstrative",
    ):
        assert part in text, part


@pytest.mark.parametrize("question", [EN, RO])
def test_a_detour_is_told_in_words_and_its_code_is_left_to_programs(question: str) -> None:
    detour = {"reason": "gateway_failed", "warnings": [warning("gateway_failed")]}
    found = [each.model_copy(update={"meta": each.meta.model_copy(update=detour)}) for each in results()]
    text = told(question, *found)
    assert "gateway_failed" not in text
    assert text.casefold().count("gateway") == 1


amounts = st.floats(0.01, 10**7, allow_nan=False).map(lambda v: round(v, 2))
counts = st.integers(0, 10**6).map(float)
names = st.text("abcdefgh ăș", min_size=3, max_size=12).filter(lambda t: t.strip() != "")


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([EN, RO, "compare campaigns by conversions", "care campanii merg cel mai prost?"]),
    st.tuples(amounts, counts, amounts, counts),
    st.lists(st.tuples(names, amounts, counts), min_size=1, max_size=8),
    st.lists(st.tuples(names, amounts, st.integers(1, 9999)), max_size=6),
)
def test_no_number_is_invented(
    question: str,
    totals: tuple[float, float, float, float],
    campaigns: list[tuple[str, float, float]],
    terms: list[tuple[str, float, int]],
) -> None:
    cost, conversions, cost_before, conversions_before = totals
    now = {"cost": cost, "conversions": conversions}
    before = {"cost": cost_before, "conversions": conversions_before}
    found = (overview(now, before, campaigns), waste(terms, max(cost, 1.0)))
    assert check(told(question, *found), found, question, TODAY).untraced == []


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("how are the ads doing?", ["**Google Ads** is not connected", "Connect it", "(/connectors/google-ads)"]),
        ("cum merg reclamele?", ["Google Ads", "nu este conectat", "(/connectors/google-ads)"]),
    ],
)
def test_an_error_is_told_with_its_next_step(question: str, parts: list[str]) -> None:
    error = ToolError(
        code="google_ads_not_connected",
        message="Google Ads is not connected for this client.",
        hint="Connect the account and ask again.",
        link="/connectors/google-ads",
    )
    failed = ToolResult(title="ads_overview", meta=Meta(source="camarad", as_of=results()[0].meta.as_of), error=error)
    text = told(question, failed)
    for part in parts:
        assert part in text


def test_one_failed_report_does_not_hide_the_other() -> None:
    good, _ = results()
    text = answered(EN, ("ads_overview", good.for_model()), ("ads_wasted_spend", body({"error": "quota exhausted"})))
    assert "€7,301.47" in text
    assert "Quota exhausted" in text


def test_an_empty_result_is_said_to_be_empty() -> None:
    text = told(EN, overview({}, {}, []))
    assert "no data" in text
    assert "0" not in text.replace("2026", "").replace("20 Nov", "").replace("09:12", "")


@pytest.mark.parametrize(
    "value",
    [
        {"temperature": 21.5, "city": "Cluj"},
        [{"name": "Mug", "stock": 4}, {"name": "Cup", "stock": 11}],
        {"items": [{"name": "Mug", "price": 12.5}], "currency": "RON"},
        "plain words",
        [],
        None,
        42,
    ],
)
def test_any_json_is_summed_up(value: object) -> None:
    assert answered("what is in stock?", ("warehouse", body(value)))


def test_a_repeated_call_is_told_once() -> None:
    good, _ = results()
    text = answered(EN, ("ads_overview", good.for_model()), ("ads_overview", good.for_model()))
    assert text.count("Cost rose") == 1


def test_copy_is_given_as_a_template_and_says_so() -> None:
    from tests.support.planning import ask

    assert "template" in ask("write ad copy for winter tyres").text
    assert "șablon" in ask("scrie texte de anunț pentru anvelope de iarnă").text


@pytest.mark.parametrize("question", ["Show me the ads of Northpeak instead", "arată-mi reclamele lui Northpeak"])
def test_every_answer_says_whose_figures_it_has(question: str) -> None:
    found = overview({"cost": 12.5}, {"cost": 10.0}, [("Brand", 12.5, 1)])
    assert " · Alma Home · " in told(question, found)
