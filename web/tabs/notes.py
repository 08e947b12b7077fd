"""What providers and connectors say in English, in the reader's language; unknown sentences stay as they came."""

from __future__ import annotations

import re

from tools.result import Meta
from web import i18n
from web.tabs.figures import Figures

# sentence of a connector → key of the words; named groups become values
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"The period includes today, which is not complete\.", "tabs.warning.today"),
        (r"Sampled: (?P<read>\d+) of (?P<all>\d+) events were read\.", "tabs.warning.sampled"),
        (r"Some rows were rolled up by Google into \(other\)\.", "tabs.warning.other"),
        (r"Google may have withheld small groups of users \(thresholding\)\.", "tabs.warning.threshold"),
        (r"This sign-in may not see some cost or revenue metrics\.", "tabs.warning.restricted"),
        (r"Google Analytics quota is low: (?P<left>\d+) tokens left this hour\.", "tabs.warning.quota"),
        (r"No user reached some of the steps; .*", "tabs.note.silent"),
        (r"Budgets are shown as they are now, .*", "tabs.note.budgets"),
        (r"Google keeps the history of changes for 30 days; .*", "tabs.note.changes"),
        (r"Nobody was active in the last 30 minutes\..*", "tabs.note.nobody"),
    )
)


def said(figures: Figures, sentence: str) -> str:
    for pattern, key in PATTERNS:
        found = pattern.fullmatch(sentence)
        if found is not None:
            return figures.say(key, **{name: _figure(figures, text) for name, text in found.groupdict().items()})
    return sentence


def _figure(figures: Figures, digits: str) -> str:
    return figures.text(int(digits), "integer")


def gateway(figures: Figures, reason: str) -> str:
    """What is wrong with the gateway, as the end of a sentence."""
    key = f"tabs.gateway.{reason.removeprefix('gateway_')}"
    return figures.say(key if i18n.has(figures.language, key) else "tabs.gateway.failed")


def banner(figures: Figures, meta: Meta) -> str:
    """Why the figures come from another source than usual; empty when they do not."""
    if meta.reason is None:
        return ""
    source = figures.say(f"source.{meta.source}")
    if meta.reason.startswith("gateway"):
        return figures.say("tabs.reason.gateway", what=gateway(figures, meta.reason), source=source)
    return figures.say("tabs.reason.other", source=source, reason=meta.reason)


def warnings(figures: Figures, meta: Meta) -> list[str]:
    """What the connector adds about quality; what the banner says already is not said twice."""
    told = [each for each in meta.warnings if meta.reason is None or not each.startswith("The gateway ")]
    return [said(figures, each) for each in told]
