import pytest

from tests.support.planning import ask, calls

QUESTION = "How did our Google Ads do in the last 28 days against the 28 before, and where are we wasting money?"
INTREBARE = "Cum au mers reclamele Google în ultimele 28 de zile față de cele 28 dinainte și unde pierdem bani?"
WINDOW = {"range": "28days", "compare": "previous"}


@pytest.mark.parametrize("text", [QUESTION, INTREBARE])
def test_a_question_of_two_parts_gets_both_tools_at_once(text: str) -> None:
    made = ask(text)
    assert calls(made) == ["ads_overview", "ads_wasted_spend"]
    assert all(call.args == WINDOW for call in made.calls)


@pytest.mark.parametrize("text", [QUESTION, INTREBARE])
def test_the_assistant_hands_over_with_the_persons_words_and_period(text: str) -> None:
    (call,) = ask(text, "personal-assistant").calls
    assert call.name == "route_to_agent"
    assert call.args["agent"] == "ppc-specialist"
    assert text in call.args["note"]
    assert "2026-10-23..2026-11-19" in call.args["note"]


@pytest.mark.parametrize(
    ("text", "slug", "target"),
    [
        ("where do our visitors come from?", "personal-assistant", "seo-strategist"),
        ("de unde vin vizitatorii?", "ppc-specialist", "seo-strategist"),
        ("how much did Brand RO spend?", "seo-strategist", "ppc-specialist"),
        ("câte ct mai avem?", "seo-strategist", "personal-assistant"),
    ],
)
def test_another_agents_matter_is_handed_over(text: str, slug: str, target: str) -> None:
    (call,) = ask(text, slug).calls
    assert (call.name, call.args["agent"]) == ("route_to_agent", target)


def test_what_was_handed_over_is_not_handed_back() -> None:
    hand_off = {
        "role": "assistant",
        "tool_calls": [
            {
                "id": "r",
                "type": "function",
                "function": {"name": "route_to_agent", "arguments": '{"agent":"ppc-specialist"}'},
            }
        ],
    }
    done = {"role": "tool", "tool_call_id": "r", "content": "handed over"}
    assert "route_to_agent" not in calls(ask("where do our visitors come from?", "ppc-specialist", hand_off, done))


def test_a_short_follow_up_is_read_with_the_question_before() -> None:
    before = [{"role": "user", "content": "top 5 campaigns by cost last month"}, {"role": "assistant", "content": "…"}]
    (call,) = ask("and last week?", before=before).calls
    assert call.name == "ads_campaigns"
    assert call.args["range"] == "2026-11-09..2026-11-15"


def test_a_named_campaign_is_found_and_its_date_is_not_taken_for_a_name() -> None:
    (call,) = ask("What happened to the Summer Sale campaign since November 1?").calls
    assert call.name == "ads_campaigns"
    assert call.args["campaign"] == "Summer Sale"
    assert call.args["range"] == "2026-11-01..2026-11-20"


def test_a_list_of_metrics_is_one_question() -> None:
    assert calls(ask("cost and clicks by campaign last week")) == ["ads_campaigns"]


def test_nonsense_is_asked_back() -> None:
    made = ask("asdf qwer", "personal-assistant")
    assert not made.calls
    assert "?" in made.text


@pytest.mark.parametrize("slug", ["personal-assistant", "ppc-specialist", "seo-strategist"])
@pytest.mark.parametrize(
    "text", ["write me a poem about the sea", "cine a câștigat campionatul mondial?", "what is 17 times 23?"]
)
def test_what_is_outside_marketing_is_declined_without_a_call(text: str, slug: str) -> None:
    assert not ask(text, slug).calls


def test_the_same_request_gives_the_same_plan() -> None:
    assert ask(QUESTION) == ask(QUESTION)


@pytest.mark.parametrize("text", ["", "😀😀", "\x00\x01", "مرحبا", "a" * 200_000, "?!"])
def test_odd_messages_get_words_or_a_call_and_no_failure(text: str) -> None:
    made = ask(text, "personal-assistant")
    assert made.text or made.calls
