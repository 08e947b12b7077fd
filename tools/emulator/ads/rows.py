"""Values of a result row into a GoogleAdsRow message."""

from __future__ import annotations

from datetime import date
from typing import Any

from google.ads.googleads.v26.services.types import google_ads_service as types

from tools.emulator.ads.schema import attributes, descriptor


class RowMaker:
    """Makes rows of one query; what a column needs is looked up once."""

    def __init__(self, columns: list[str]) -> None:
        self._columns = columns
        self._paths = [attributes(name) for name in columns]
        self._fields = [descriptor(name) for name in columns]

    def make(self, values: tuple[Any, ...]) -> types.GoogleAdsRow:
        row = types.GoogleAdsRow()
        message = types.GoogleAdsRow.pb(row)
        for path, field, value in zip(self._paths, self._fields, values, strict=True):
            if value is None:
                continue
            owner = message
            for part in path[:-1]:
                owner = getattr(owner, part)
            if field.message_type:
                self._nested(getattr(owner, path[-1]), path[-1], values, value)
            else:
                setattr(owner, path[-1], _plain(field, value))
        return row

    def _nested(self, message: Any, name: str, values: tuple[Any, ...], value: Any) -> None:
        """The message fields of change events: the changed field's name, and its value before and after."""
        row = dict(zip(self._columns, values, strict=True))
        field = row.get("change_event.changed_fields")
        if name == "changed_fields":
            message.paths.extend([value] if value else [])
        elif field and value:
            changed = getattr(message, str(row.get("change_event.change_resource_type")).lower())
            kind = changed.DESCRIPTOR.fields_by_name[field]
            setattr(changed, field, _plain(kind, value if kind.enum_type else int(value)))


def _plain(field: Any, value: Any) -> Any:
    if field.enum_type:
        known = field.enum_type.values_by_name
        return known[value].number if value in known else known["UNKNOWN"].number
    if field.cpp_type in (field.CPPTYPE_DOUBLE, field.CPPTYPE_FLOAT):
        return float(value)
    if field.cpp_type == field.CPPTYPE_BOOL:
        return bool(value)
    if field.cpp_type == field.CPPTYPE_STRING:
        return value.isoformat() if isinstance(value, date) else str(value)
    return round(value)
