"""Where figures come from is said once, in the reader's language, and never left out."""

from __future__ import annotations

import pytest

from tools.connectors.errors import ConnectorError
from tools.connectors.tabs import TabReport
from web.tabs.address import Address
from web.tabs.figures import Figures
from web.tabs.notes import banner, warnings
from web.tabs.trouble import of_error

TODAY = "The period includes today, which is not complete."


def test_figures_of_the_usual_source_have_no_banner(report: TabReport, english: Figures) -> None:
    assert banner(english, report.meta) == ""


@pytest.mark.parametrize(
    ("reason", "part"),
    [
        ("gateway_off", "The gateway is switched off."),
        ("gateway_unreachable", "The gateway cannot be reached."),
        ("gateway_of_tomorrow", "The gateway answers that it cannot serve now."),
        ("something_else", "(something_else)"),
    ],
)
def test_another_way_to_the_figures_is_a_banner_that_names_the_source(
    report: TabReport, english: Figures, reason: str, part: str
) -> None:
    said = "The gateway is switched off; these figures were read with this client's own Google connection."
    meta = report.meta.model_copy(update={"reason": reason, "source": "live", "warnings": [said, TODAY]})
    assert part in banner(english, meta) and "source: live" in banner(english, meta).replace(
        "another source: ", "source: "
    )
    assert warnings(english, meta) == [TODAY], "what the banner says is not said again"


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize(
    ("kind", "step", "link"),
    [
        ("reconnect", "connect", "/connectors/ga4/connect?client=c"),
        ("missing_scope", "connect", "/connectors/ga4/connect?client=c"),
        ("sealed", "connect", "/connectors/ga4/connect?client=c"),
        ("permission", "manage", "/connectors?client=c#ga4"),
        ("invalid", "range", "/connectors/ga4/pages?client=c"),
        ("quota", "retry", "/connectors/ga4/pages?client=c&range=7days"),
        ("unavailable", "retry", "/connectors/ga4/pages?client=c&range=7days"),
        ("timeout", "retry", "/connectors/ga4/pages?client=c&range=7days"),
        ("bad_answer", "retry", "/connectors/ga4/pages?client=c&range=7days"),
        ("gateway_timeout", "retry", "/connectors/ga4/pages?client=c&range=7days"),
    ],
)
def test_each_class_of_error_has_words_and_one_next_step(kind: str, step: str, link: str, language: str) -> None:
    address = Address("ga4", "pages", range="7days", client="c")
    error = ConnectorError("ga4", kind, "Google said no.", "Tell the person.", retry_after=7200)
    found = of_error(Figures.of(language, None), error, address)
    assert (found.step, found.link) == (step, link) and found.failed
    assert "2 hours" in found.text or "2 ore" in found.text
    assert "Tell the person" not in found.text and "{" not in found.title + found.text
