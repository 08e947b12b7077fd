"""The Google Ads Query Language: text to Query. Refuses what the grammar refuses, with the API's codes and words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

from tools.emulator.ads.failure import query_error

Value = str | int | float
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|(?P<number>-?\d+(?:\.\d+)?(?![\w-]))
    |(?P<operator><=|>=|!=|=|<|>)|(?P<mark>[(),;])|(?P<name>[A-Za-z_][\w.\-/]*))""",
    re.VERBOSE,
)
_CLAUSES = {"SELECT", "FROM", "WHERE", "AND", "ORDER", "BY", "ASC", "DESC", "LIMIT", "PARAMETERS"}
_WORDS = {"IN", "NOT", "LIKE", "CONTAINS", "ANY", "ALL", "NONE", "IS", "NULL", "DURING", "BETWEEN", "REGEXP_MATCH"}
_KEYWORDS = _CLAUSES | _WORDS
_LISTS = ("IN", "NOT IN", "CONTAINS ANY", "CONTAINS ALL", "CONTAINS NONE")


@dataclass(frozen=True, slots=True)
class Condition:
    """`values` has one entry for a single value, two for BETWEEN, any number for lists, none for IS NULL."""

    field: str
    operator: str
    values: tuple[Value, ...] = ()


@dataclass(slots=True)
class Query:
    """`order` pairs a field with whether it descends."""

    select: list[str]
    resource: str
    where: list[Condition] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    limit: int | None = None
    parameters: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    value: Value = ""


def parse(text: str) -> Query:
    """The query. Raises a query_error refusal for anything outside the grammar."""
    return _Parser(_tokens(text)).query()


def _tokens(text: str) -> list[_Token]:
    text, at, tokens = text.rstrip().rstrip(";").rstrip(), 0, []
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            _unreadable(text[at:].strip())
        at = found.end()
        kind = str(found.lastgroup)
        tokens.append(_token(kind, found[kind]))
    return [*tokens, _Token("end", "end of query")]


def _unreadable(rest: str) -> NoReturn:
    if rest[:1] in "'\"":
        raise query_error("STRING_NOT_TERMINATED", "Error in query: string is not terminated.")
    raise query_error("BAD_SYMBOL", f"Error in query: unexpected input {rest.split()[0]}.")


def _token(kind: str, text: str) -> _Token:
    if kind == "string":
        return _Token(kind, text, re.sub(r"\\(.)", r"\1", text[1:-1]))
    if kind == "number":
        return _Token(kind, text, float(text) if "." in text else int(text))
    if kind == "name" and text.upper() in _KEYWORDS:
        return _Token("keyword", text.upper())
    return _Token(kind, text, text)


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _accept(self, kind: str, text: str | None = None) -> _Token | None:
        token = self._next
        if token.kind != kind or text not in (None, token.text):
            return None
        self._at += 1
        return token

    def _expect(self, kind: str, text: str | None = None, code: str = "UNEXPECTED_INPUT") -> _Token:
        return self._accept(kind, text) or self._unexpected(code, text or kind)

    def _unexpected(self, code: str = "UNEXPECTED_INPUT", wanted: str = "") -> NoReturn:
        token = self._next
        if token.kind == "end":
            raise query_error("UNEXPECTED_END_OF_QUERY", "Error in query: unexpected end of query.")
        expected = f", expecting {wanted}" if wanted else ""
        raise query_error(code, f"Error in query: unexpected input {token.text}{expected}.")

    def query(self) -> Query:
        self._expect("keyword", "SELECT", "EXPECTED_SELECT")
        select = self._names()
        self._expect("keyword", "FROM", "EXPECTED_FROM")
        query = Query(select, self._expect("name").text)
        if self._accept("keyword", "WHERE"):
            query.where = self._conditions()
        if self._accept("keyword", "ORDER"):
            self._expect("keyword", "BY", "EXPECTED_BY")
            query.order = self._orders()
        if self._accept("keyword", "LIMIT"):
            query.limit = self._limit()
        if self._accept("keyword", "PARAMETERS"):
            query.parameters = self._parameters()
        if self._next.kind != "end":
            self._unexpected()
        return query

    def _names(self) -> list[str]:
        names = [self._expect("name").text]
        while self._accept("mark", ","):
            names.append(self._expect("name").text)
        return names

    def _conditions(self) -> list[Condition]:
        conditions = [self._condition()]
        while self._accept("keyword", "AND"):
            conditions.append(self._condition())
        return conditions

    def _condition(self) -> Condition:
        name = self._expect("name").text
        if token := self._accept("operator"):
            return Condition(name, token.text, (self._value(),))
        operator = self._word_operator()
        if operator in ("IS NULL", "IS NOT NULL"):
            return Condition(name, operator)
        if operator == "BETWEEN":
            low = self._value()
            self._expect("keyword", "AND", "EXPECTED_VALUE_WITH_BETWEEN_OPERATOR")
            return Condition(name, operator, (low, self._value()))
        if operator in _LISTS:
            return Condition(name, operator, self._list())
        return Condition(name, operator, (self._value(),))

    def _word_operator(self) -> str:
        denied = "NOT " if self._accept("keyword", "NOT") else ""
        word = self._expect("keyword", code="BAD_OPERATOR").text
        if word == "IS" and not denied:
            word = "IS NOT" if self._accept("keyword", "NOT") else "IS"
            self._expect("keyword", "NULL")
            return f"{word} NULL"
        if word == "CONTAINS" and not denied:
            return f"CONTAINS {self._expect('keyword').text}"
        if word in ("IN", "LIKE", "REGEXP_MATCH") or (word in ("DURING", "BETWEEN") and not denied):
            return denied + word
        self._at -= 1
        return self._unexpected("BAD_OPERATOR")

    def _value(self) -> Value:
        token = self._accept("string") or self._accept("number") or self._accept("name")
        return token.value if token else self._unexpected("BAD_VALUE", "a value")

    def _list(self) -> tuple[Value, ...]:
        self._expect("mark", "(", "EXPECTED_LIST")
        if self._next.text == ")":
            raise query_error("PROHIBITED_EMPTY_LIST_IN_CONDITION", "Error in query: the list must not be empty.")
        values = [self._value()]
        while self._accept("mark", ","):
            values.append(self._value())
        self._expect("mark", ")")
        return tuple(values)

    def _orders(self) -> list[tuple[str, bool]]:
        orders = []
        while True:
            name = self._expect("name").text
            falling = bool(self._accept("keyword", "DESC"))
            if not falling:
                self._accept("keyword", "ASC")
            orders.append((name, falling))
            if not self._accept("mark", ","):
                return orders

    def _limit(self) -> int:
        value = self._expect("number", code="BAD_LIMIT_VALUE").value
        if not isinstance(value, int):
            raise query_error("BAD_LIMIT_VALUE", "Error in query: the limit must be a whole number.")
        if value < 1:
            raise query_error("LIMIT_VALUE_TOO_LOW", "Limit value must be greater than 0.")
        return value

    def _parameters(self) -> dict[str, Value]:
        parameters: dict[str, Value] = {}
        while True:
            name = self._expect("name").text
            self._expect("operator", "=")
            parameters[name] = self._value()
            if not self._accept("mark", ","):
                return parameters
