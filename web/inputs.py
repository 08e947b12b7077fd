"""Text from outside, made safe to store and show: no control characters, no broken Unicode, no surprises in length."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints

from camarad.errors import BadInput

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")  # halves of surrogate pairs too
EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]\\]{1,64}@[^@\s\"(),:;<>\[\]\\.]+(\.[^@\s\"(),:;<>\[\]\\.]+)+")


def _no_control(value: str) -> str:
    if CONTROL.search(value):
        raise ValueError("control characters and broken Unicode are not allowed")
    return value


def _one_line(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _email(value: str) -> str:
    value = unicodedata.normalize("NFC", value).casefold()
    if not EMAIL.fullmatch(value):
        raise ValueError("this is not an e-mail address")
    return value


def _currency(value: str) -> str:
    value = value.upper()
    if value not in list_currencies():
        raise ValueError("this is not an ISO 4217 currency code, such as EUR")
    return value


def _timezone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("this is not an IANA time zone, such as Europe/Bucharest")
    return value


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this moment is in no year from 1 to 9999") from error


Name = Annotated[
    str, BeforeValidator(_one_line), StringConstraints(min_length=1, max_length=80), AfterValidator(_no_control)
]
Word = Annotated[str, StringConstraints(max_length=100), AfterValidator(_no_control)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(_no_control)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_no_control), AfterValidator(_email)
]
Password = Annotated[str, StringConstraints(min_length=8, max_length=200), AfterValidator(_no_control)]
AnyPassword = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_no_control)]
Currency = Annotated[str, StringConstraints(min_length=3, max_length=3), AfterValidator(_currency)]
Timezone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_timezone)]


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


def storable(text: str) -> str:
    """An id or a word as it came, or nothing: what cannot be stored names nothing either."""
    return "" if CONTROL.search(text) else text


def clean_text(text: str) -> str:
    """Free text with what cannot be stored dropped and its ends trimmed."""
    return CONTROL.sub("", text.replace("\r\n", "\n")).strip()


def clean_message(text: str, most: int) -> str:
    """A person's message: control characters dropped, ends trimmed. Raises BadInput when empty or too long."""
    if len(text) > most:
        raise BadInput(
            f"The message has {len(text):,} characters; at most {most:,} fit.",
            code="message_too_long",
            hint="Shorten it, or split it into several messages.",
        )
    cleaned = clean_text(text)
    if not any(unicodedata.category(c)[0] not in "ZC" for c in cleaned):
        raise BadInput("The message is empty.", code="message_empty", hint="Write a question and send it.")
    return cleaned
