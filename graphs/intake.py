"""What a message must be before anything is stored or spent."""

from __future__ import annotations

import unicodedata

from camarad.errors import BadInput

ALLOWED_CONTROLS = frozenset("\n\r\t")
INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})


def accepted(text: str, max_chars: int) -> str:
    """The message as it will be kept, line ends made one kind. Raises BadInput that says what to change.

    Any script, direction and emoji is fine; what is refused is nothing, too much, and bytes that are no text.
    """
    if len(text) > max_chars:
        raise BadInput(
            f"The message has {len(text):,} characters; at most {max_chars:,} fit.",
            code="message_too_long",
            hint="Shorten it, or send it in parts.",
        )
    if any(_is_binary(char) for char in text):
        raise BadInput(
            "The message holds characters that are not text.",
            code="message_not_text",
            hint="Paste it as plain text; files cannot be sent as a message.",
        )
    if all(unicodedata.category(char) in INVISIBLE for char in text):
        raise BadInput("The message is empty.", code="message_empty", hint="Write what you want to know.")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _is_binary(char: str) -> bool:
    if char in ALLOWED_CONTROLS:
        return False
    return char == "\ufffd" or unicodedata.category(char) in ("Cc", "Cs")
