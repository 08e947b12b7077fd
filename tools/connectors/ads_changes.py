"""The change history of a Google Ads account. Google keeps 30 days of it, and wants a limit on every query."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tools.connectors.gaql import MICROS
from tools.connectors.report import Key, Report, Row
from tools.result import Period

KEPT_DAYS = 30  # today among them
MOST_CHANGES = 1_000
FIELDS = ("at", "by", "campaign", "ad_group", "resource", "operation", "field", "before", "after")
_SELECT = (
    "change_event.change_date_time, change_event.user_email, change_event.client_type, campaign.name, ad_group.name, "
    "change_event.change_resource_type, change_event.resource_change_operation, change_event.changed_fields, "
    "change_event.old_resource, change_event.new_resource"
)


def covered(period: Period, today: date) -> Period | None:
    """The part of a period that the history covers."""
    start = max(period.start, today - timedelta(days=KEPT_DAYS - 1))
    return Period(start=start, end=period.end) if start <= period.end else None


def changes_gaql(period: Period) -> str:
    return (
        f"SELECT {_SELECT} FROM change_event WHERE change_event.change_date_time >= '{period.start}' "
        f"AND change_event.change_date_time <= '{period.end} 23:59:59' "
        f"ORDER BY change_event.change_date_time DESC LIMIT {MOST_CHANGES}"
    )


def read_changes(rows: list[Any]) -> Report:
    """A row for every changed field, in the order of the answer; money in units of the account's currency."""
    found = [Row(key, {}) for row in rows for key in _changes(row)]
    return Report(FIELDS, (), tuple(found), {}, None, len(found))


def _changes(row: Any) -> list[Key]:
    event = row.change_event
    kind, operation = _name(event, "change_resource_type"), _name(event, "resource_change_operation")
    start = (event.change_date_time[:19], event.user_email or _name(event, "client_type"))
    whose = (row.campaign.name, row.ad_group.name, kind, operation)
    old, new = (getattr(side, kind.lower(), None) for side in (event.old_resource, event.new_resource))
    fields = list(event.changed_fields.paths) if operation == "UPDATE" else []
    return [(*start, *whose, path, _value(old, path), _value(new, path)) for path in fields or [""]]


def _value(resource: Any, path: str) -> str:
    """One field of a changed resource as text, empty when it is not there."""
    if resource is None or not path:
        return ""
    *parents, last = path.split(".")
    for part in parents:
        resource = getattr(resource, part, None)
    if resource is None or last not in resource.DESCRIPTOR.fields_by_name:
        return ""
    field, value = resource.DESCRIPTOR.fields_by_name[last], getattr(resource, last)
    if last.endswith("_micros"):
        return f"{value / MICROS:.2f}"
    if field.enum_type:
        return _name(resource, last)
    return str(value).strip() if field.message_type is None else ""


def _name(message: Any, field: str) -> str:
    values = message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number
    return str(values[getattr(message, field)].name)
