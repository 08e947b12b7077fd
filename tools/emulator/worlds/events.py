"""The events that made-up visitors cause, in the order of their stored numbers."""

from __future__ import annotations

EVENTS = (
    "first_visit",
    "session_start",
    "page_view",
    "scroll",
    "view_item",
    "add_to_cart",
    "begin_checkout",
    "purchase",
    "form_start",
    "generate_lead",
    "sign_up",
)
KEY_EVENTS = ("purchase", "generate_lead", "sign_up")
