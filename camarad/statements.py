"""What a statement reaches, as far as a filter of the ORM can follow it; looked up once for each kind of statement.

The ORM's criteria are put on entities only. A table below them, words of SQL, a row that is replaced on conflict or a
SELECT inside an INSERT get none, so in a session inside the wall these are refused, however they are wrapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

from sqlalchemy import Column, Insert, Select, Table, TextClause
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import (
    Alias,
    ColumnClause,
    FromClause,
    SelectBase,
    TableClause,
    TextualSelect,
    UpdateBase,
)

from camarad.models.base import Base, ClientOwned

ENTITY: Final = "parententity"  # the annotation of what came from a mapped class
MOST_KEPT: Final = 4096
_kept: dict[tuple[str, Any], bool] = {}


@cache
def owned_names() -> frozenset[str]:
    """Names of the tables that clients own."""
    mappers = (m for m in Base.registry.mappers if issubclass(m.class_, ClientOwned))
    return frozenset(str(mapper.class_.__tablename__) for mapper in mappers)


def touches_client_table(statement: Any) -> bool:
    """Whether a statement names a table that clients own, or may do so for all that can be told."""
    return _told("touches", statement, _touches)


def reads_more_than(statement: Select[Any], table: Table) -> bool:
    """Whether a statement reads anything but this table, for all that can be told, or the table more than once."""
    if [_name_of(source) for source in statement.get_final_froms()] != [table.name]:
        return True
    inside = (part for part in visitors.iterate(statement) if part is not statement)
    return any(_is_words(part) or (_is_source(part) and _name_of(part) != table.name) for part in inside)


def _is_source(part: Any) -> bool:
    return isinstance(part, SelectBase | FromClause)


def goes_below(statement: Any) -> bool:
    """Whether some of what a statement reaches could be a client's and would get no filter."""
    return _told("below", statement, _below)


def _told(question: str, statement: Any, answer: Callable[[Any], bool]) -> bool:
    made = statement._generate_cache_key()
    if made is None:
        return answer(statement)
    key = (question, made.key)
    if key not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = answer(statement)
    return _kept[key]


def _touches(statement: Any) -> bool:
    if isinstance(statement, TextClause):
        return True  # nobody can tell what raw SQL reads
    return any(_is_words(part) or _is_owned(part) for part in visitors.iterate(statement))


def _below(statement: Any) -> bool:
    if isinstance(statement, Insert) and (_reads_unseen(statement) or _replaces(statement)):
        return True
    return any(_is_words(part) or _has_bare_source(part) for part in visitors.iterate(statement))


def _reads_unseen(statement: Insert) -> bool:
    """An INSERT reads nothing that clients own: criteria are not put on what it selects."""
    source: Any = statement.select
    parts = visitors.iterate(statement)
    return (source is not None and _touches(source)) or any(isinstance(p, Select) and _touches(p) for p in parts)


def _replaces(statement: Insert) -> bool:
    clause = getattr(statement, "_post_values_clause", None)
    return hasattr(clause, "update_values_to_set") and _is_owned(statement.table)


def _has_bare_source(part: Any) -> bool:
    """Whether a SELECT, UPDATE or DELETE, by itself, reads from a client's table that is no entity of it."""
    if not isinstance(part, Select | UpdateBase):
        return False
    if isinstance(part, Select) and any(_is_bare(source) for source in _sources(part)):
        return True
    entities, bare = set[Any](), set[Any]()
    for each in _own_parts(part):
        if isinstance(each, Table | Column) and ENTITY in each._annotations:
            entities.add(_name_of(each if isinstance(each, Table) else each.table))
        elif isinstance(each, Column) and _is_bare(each.table):
            bare.add(_name_of(each.table))
    return not bare <= entities


def _own_parts(statement: Any) -> Iterator[Any]:
    """Its parts without those of the SELECTs inside it."""
    waiting = [*statement.get_children()]
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, SelectBase | Column):
            waiting += part.get_children()


def _name_of(source: Any) -> Any:
    """An alias is nobody but itself."""
    return source.name if isinstance(source, Table) else id(source)


def _is_words(part: Any) -> bool:
    """SQL in words, and names that belong to no table of ours."""
    if isinstance(part, TextClause | TextualSelect):
        return True
    if isinstance(part, TableClause) and not isinstance(part, Table):
        return True
    return isinstance(part, ColumnClause) and not isinstance(part, Column) and part.is_literal and part.name != "*"


def _is_owned(part: Any) -> bool:
    return isinstance(part, Table) and part.name in owned_names()


def _is_bare(source: Any) -> bool:
    """A table that clients own, reached without its class; through an alias as well."""
    if ENTITY in getattr(source, "_annotations", {}):
        return False
    if isinstance(source, Alias):
        return _is_bare(source.element)
    if hasattr(source, "left") and hasattr(source, "right"):
        return _is_bare(source.left) or _is_bare(source.right)
    return _is_owned(source)


def _sources(select: Select[Any]) -> Iterator[Any]:
    yield from select._raw_columns
    yield from select._from_obj
    for join in select._setup_joins:
        yield from (part for part in join[:1] if part is not None)
        yield from (part for part in join[2:3] if part is not None)
