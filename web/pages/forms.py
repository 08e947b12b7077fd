"""Forms that work without script: read, checked against the same models as the API, shown again with what was wrong."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request

from camarad.errors import BadInput, CamaradError, Forbidden
from web.access import find_signed_in
from web.inputs import storable
from web.pages.render import form_token_fits, language_of, told

Model = TypeVar("Model", bound=BaseModel)


class FieldError(BadInput):
    """One field of a form cannot be used; `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__("A field of the form is not valid.", code=field)
        self.field = field


async def visitor_form(request: Request) -> FormData:
    """The form of someone not signed in, made by this server for this browser."""
    form = await request.form()
    if not form_token_fits(request, str(form.get("csrf_token", ""))):
        raise Forbidden("The form is too old or was not made for this browser.", code="csrf_failed")
    return form


async def form_field(request: Request, field: str, default: str = "") -> str:
    """What a field of a form names: an id, a choice, an address."""
    return storable(str((await request.form()).get(field, default)))


def parse(model: type[Model], form: FormData, **extra: Any) -> Model:
    """The form's fields as the model. An empty field counts as left out. Raises FieldError for the first bad one."""
    values = {name: value for name, value in form.items() if isinstance(value, str) and value.strip()}
    try:
        return model.model_validate({**values, **extra})
    except ValidationError as error:
        location = error.errors()[0]["loc"]
        raise FieldError(str(location[0]) if location else "invalid_input") from error


def kept(form: FormData, *names: str) -> dict[str, str]:
    """What was typed, to show it again; never passwords."""
    return {name: str(form.get(name, ""))[:300] for name in names}


async def problem(request: Request, error: CamaradError) -> dict[str, str]:
    """An error in the reader's words, with the field it belongs to."""
    language = language_of(request, await find_signed_in(request))
    message, hint = told(language, error)
    return {
        "message": message,
        "hint": hint,
        "field": str(getattr(error, "field", "")),
    }
