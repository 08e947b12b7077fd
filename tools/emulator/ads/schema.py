"""Google's own field tree: whether a path exists, its type, its enum's names. Read from the installed client."""

from __future__ import annotations

from functools import cache
from typing import Any

from google.ads.googleads.v26.services.types import google_ads_service as types

from tools.emulator.ads.failure import query_error

_ROW = types.GoogleAdsRow.pb(types.GoogleAdsRow()).DESCRIPTOR


@cache
def descriptor(path: str) -> Any:
    """The field descriptor of a path such as `campaign.name`. Refuses paths that Google Ads does not have."""
    message, found = _ROW, None
    for part in path.split("."):
        found = message and (message.fields_by_name.get(part) or message.fields_by_name.get(f"{part}_"))
        if not found:
            raise query_error("UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{path}'.")
        message = found.message_type
    if "." not in path:
        raise query_error("UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{path}'.")
    return found


def is_resource(name: str) -> bool:
    """Whether Google Ads has such a resource, emulated or not."""
    return name in _ROW.fields_by_name and name not in ("metrics", "segments")


def attributes(path: str) -> list[str]:
    """Path parts as the Python message spells them: `type` is `type_`."""
    message, parts = _ROW, []
    for part in path.split("."):
        name = part if part in message.fields_by_name else f"{part}_"
        parts.append(name)
        message = message.fields_by_name[name].message_type
    return parts
