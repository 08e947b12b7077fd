"""Text that databases cannot store or parsers trip over, in every field of every route: refused or taken, no crash."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.isolation.books import on_postgres
from tests.isolation.canaries import AMBER
from tests.isolation.chat import CHAT
from tests.isolation.entries import ENTRIES, Entry
from tests.isolation.world import OBJECTS, UNLIMITED, Side, World
from tests.support.asker import CLIENT, TOKEN, Asker, looked_at
from tests.support.product import EMAIL, running_product
from tests.support.unstorable import BYTES, TEXTS, at, places, places_in, put, read_from_queries, written

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PLENTY = dict.fromkeys(("LOGIN_ATTEMPTS", "SIGNUPS_PER_HOUR"), "1000000") | UNLIMITED
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OWN = {"410017771": "410000001", "7410042217": "4100000011"}  # the matrix's accounts, and those of this client
READ_BY_PAGES = read_from_queries()
ANOTHER_TAB = re.compile(r"(/api)?/connectors/(ga4|google-ads)/(?!overview)")
PARTS = {
    "no UTF-8 in a part": ("", b"\xff\xfe"),
    "a surrogate in a part": ("", b"a\xed\xa0\x80"),
    "NUL in a part": ("", b"a\0b"),
    "a file": ('; filename="a\\"b"\r\nContent-Type: text/plain; charset=nonsense', b"x"),
    "a part of another encoding": ("\r\nContent-Type: text/plain; charset=utf-16", b"x"),
}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    data = tmp_path_factory.mktemp("unstorable")
    with (
        on_postgres() if request.param == "postgres" else nullcontext(({}, None)) as (more, books),
        running_product(data, INTERNAL_TOKEN=TOKEN, **PLENTY, **more) as product,
    ):
        world = World(product.url, product.data, TOKEN, books)
        side = Side("demo", world.sign_in(EMAIL), CLIENT, AMBER)
        for maker in OBJECTS.values():
            side.ids |= maker(world, side)
        visitor, fields = looked_at(world, side)
        yield Asker(world, side, world.http.get("/openapi.json").json(), visitor, fields)
        world.http.close()


@pytest.fixture
def asker(demo: Asker) -> Asker:
    return replace(demo, wrong=[])


# --- bodies


def bodies(asker: Asker) -> Iterator[tuple[Entry, dict[str, Any], set[tuple[str | int, ...]]]]:
    """Each route that takes JSON, with a body it takes and every place in it."""
    done = set()
    for entry in (*ENTRIES, *CHAT):
        schema = (
            asker.operation(entry)
            .get("requestBody", {})
            .get("content", {})
            .get("application/json", {})
            .get("schema", {})
        )
        wanted = set(places(schema, asker.document)) | set(places_in(entry.body))
        if wanted and not entry.ends_sign_in and entry.key not in done:
            done.add(entry.key)
            yield entry, entry.body or {}, wanted


def test_no_field_of_any_json_body_crashes_a_route(asker: Asker) -> None:
    taken = 0
    for entry, example, wanted in bodies(asker):
        body = filled(example, asker.known(entry))
        for place in sorted(wanted, key=str):
            taken += 1
            for name, text in TEXTS.items():
                for each in written(text, at(body, place)):
                    asker.ask(entry, f"{name} in {place}", **as_json(put(body, place, each)))
        for name, text in TEXTS.items():
            asker.ask(entry, f"{name} as a name", **as_json({**body, text: text}))
            asker.ask(entry, f"{name} as the whole body", **as_json(text))
    asker.finish()
    assert taken > 60


def filled(body: Any, known: Mapping[str, str]) -> Any:
    if isinstance(body, dict):
        return {name: filled(value, known) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(value, known) for value in body]
    return OWN.get(body, body).format_map(known) if isinstance(body, str) else body


def as_json(body: Any) -> dict[str, Any]:
    """With lone surrogates as escapes, which is how JSON can carry them."""
    return {"content": json.dumps(body).encode(), "headers": {"Content-Type": "application/json"}}


# --- addresses


def test_no_path_or_query_crashes_a_route(asker: Asker) -> None:
    asked = 0
    for entry in {each.key: each for each in (*ENTRIES, *CHAT) if not each.ends_sign_in}.values():
        for name in re.findall(r"{(\w+)}", entry.path):
            asked += 1
            for what, text in BYTES.items():
                asker.ask(entry, f"{what} in the path's {name}", values={name: text})
        if not entry.unsafe:
            asked += query(asker, entry)
    asker.finish()
    assert asked > 120


def query(asker: Asker, entry: Entry) -> int:
    """Every text in each parameter alone, and in all at once with what pages read without declaring it. Tabs share one
    code, so the first stands for the others."""
    is_page = "pages" in asker.operation(entry).get("tags", ())
    own, all_names = in_queries(asker, entry), in_queries(asker, entry) | (READ_BY_PAGES if is_page else set())
    for what, text in BYTES.items():
        together = "&".join(f"{name}={text[:2_000]}" for name in sorted(all_names))
        asker.ask(entry, f"{what} in the query", query=together or f"q={text}")
    if ANOTHER_TAB.match(entry.path):
        return 1
    for name in sorted(all_names):
        for what in BYTES if name in own else ("other C0 controls", "no UTF-8"):
            asker.ask(entry, f"{what} in the query's {name}", query=f"{name}={BYTES[what]}")
    return len(all_names)


def in_queries(asker: Asker, entry: Entry) -> set[str]:
    declared = {each["name"] for each in asker.operation(entry).get("parameters", ()) if each["in"] == "query"}
    return declared | set(re.findall(r"(\w+)=", entry.query))


# --- forms


def test_no_field_of_any_form_crashes_a_page(asker: Asker) -> None:
    taken = 0
    for entry in (each for each in ENTRIES if each.form is not None and not each.ends_sign_in):
        form = filled(entry.form, asker.known(entry)) | {"csrf_token": asker.visitor[1]}
        for what in ("NUL", "a high surrogate", "no UTF-8"):
            send_form(asker, entry, form, BYTES[what], f"{what} as a name", "1")
        for name in sorted(fields_of(asker, entry)):
            taken += 1
            example = quote(form.get(name, "")) if name != "csrf_token" else ""
            for what, text in BYTES.items():
                send_form(asker, entry, form, name, what, written(text, example)[-1])
            for what, part in PARTS.items():
                asker.ask(entry, f"{what} as {name}", **in_parts(form, name, part))
    asker.finish()
    assert taken > 60


def fields_of(asker: Asker, entry: Entry) -> set[str]:
    """Those of the record, of the forms on pages, and the token that all have."""
    pattern = re.compile(re.sub(r"{\w+}", "[^/]+", entry.path))
    on_pages = {
        name
        for (method, action), names in asker.fields.items()
        if method == "POST" and pattern.fullmatch(action)
        for name in names
    }
    return on_pages | set(entry.form or ()) | {"csrf_token"}


def send_form(asker: Asker, entry: Entry, form: Mapping[str, str], name: str, what: str, text: str) -> None:
    """With one field as these bytes and the rest as it is."""
    rest = urlencode({key: value for key, value in form.items() if key != name})
    asker.ask(entry, f"{what} in {name}", content=f"{rest}&{name}={text}".encode(), headers=headers_of(name))


def headers_of(name: str) -> dict[str, Any]:
    """The token in the header would stand in for the field, which is the one that is tried."""
    return FORM | ({"X-CSRF-Token": ()} if name == "csrf_token" else {})


def in_parts(form: Mapping[str, str], name: str, part: tuple[str, bytes]) -> dict[str, Any]:
    rest = {key: ("", value.encode()) for key, value in form.items()}
    body = b"".join(
        b'--part\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (key.encode(), more.encode(), value)
        for key, (more, value) in (rest | {name: part}).items()
    )
    return {"content": body + b"--part--\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=part"}}
