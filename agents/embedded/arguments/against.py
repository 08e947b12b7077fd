"""What a period is compared with, as a choice among a schema's own words."""

from __future__ import annotations

import re
from typing import Any

from agents.embedded.dates import DateAnswer
from agents.embedded.schema import Param

_MEANING = {
    "previous": re.compile(r"prev|prior|preceding|before|last_?period|pop|wow|mom"),
    "year": re.compile(r"year|yoy|anual|annual"),
    "none": re.compile(r"^(?:none|no|off|never|false|without)$"),
}


def compare_choice(param: Param, answer: DateAnswer) -> Any:
    options = {str(c).lower(): c for c in param.choices}
    years = [c for low, c in options.items() if _MEANING["year"].search(low)]
    nones = [c for low, c in options.items() if _MEANING["none"].search(low)]
    previous = [c for low, c in options.items() if _MEANING["previous"].search(low) and c not in years]
    wanted = {"year": years, "previous": previous, "none": nones}[answer.compare]
    if answer.compare == "none":
        return wanted[0] if wanted and param.required and param.default is None else None
    return wanted[0] if wanted else None
