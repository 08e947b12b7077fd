"""What every page needs: the account, one change at a time, and words for what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tools.emulator.stripe import cards
from tools.emulator.stripe.engine import due
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.pages.words import WORDS
from tools.emulator.stripe.types import Obj
from tools.emulator.stripe.webhooks import Courier
from tools.emulator.stripe.world import World


class Desk:
    def __init__(self, world: World, courier: Courier) -> None:
        self.world = world
        self._courier = courier

    def look(self) -> None:
        """Before a page is shown: what time has made due has happened."""
        if due.run(self.world):
            self.world.save()
            self._courier.wake()

    def act(self, change: Callable[[], Any]) -> tuple[Any, str | None]:
        """Make a change; gives its result, or the words of why it was refused. Refused, it leaves nothing."""
        try:
            due.run(self.world)
            result = change()
        except StripeError as error:
            self.world.undo()
            return None, _words(error)
        except Exception:
            self.world.undo()
            raise
        self.world.save()
        self._courier.wake()
        return result, None


def _words(error: StripeError) -> str:
    for name in ("decline_code", "code"):
        if error.error.get(name) in WORDS["en"]:
            return str(error.error[name])
    return "card_declined" if error.error["type"] == "card_error" else "failed"


async def form(request: Request) -> dict[str, str]:
    """The fields that are text, trimmed."""
    async with request.form(max_files=0, max_fields=50) as given:
        return {name: value.strip() for name, value in given.items() if isinstance(value, str)}


def number_of(given: dict[str, str]) -> str:
    """The card chosen: the number typed, else the one ticked."""
    return given.get("number") or given.get("card", "")


def saved_card(world: World, customer: Obj, number: str) -> Obj:
    """A new card of the customer's. Raises a card error for one that cannot be saved."""
    from tools.emulator.stripe.resources import payment_methods

    method = cards.new_method(world, cards.by_number(number), {"email": customer["email"], "name": customer["name"]})
    return payment_methods.attach_to(world, method, customer)


def host_of(url: str | None) -> str:
    return urlsplit(url or "").netloc or "…"


def see(url: str) -> Response:
    """Go on there, by GET."""
    return RedirectResponse(url, 303)
