"""The bank's question about a payment or a card, outside Checkout: `next_action.redirect_to_url` leads here."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tools.emulator.stripe.engine import invoicing, paying
from tools.emulator.stripe.pages import moves
from tools.emulator.stripe.pages.desk import Desk, form, see
from tools.emulator.stripe.pages.sheet import language_of, problem, show
from tools.emulator.stripe.pages.words import WORDS
from tools.emulator.stripe.resources import setup_intents
from tools.emulator.stripe.types import Obj


class BankPage:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.routes = [Route("/authenticate/{secret}", self.serve, methods=["GET", "POST"])]

    async def serve(self, request: Request) -> Response:
        self._desk.look()
        language = language_of(request)
        intent = self._intent(request.path_params["secret"])
        if intent is None or intent["status"] != "requires_action":
            return problem(language, "unknown")
        if request.method == "GET":
            heading = "bank_asks" if intent["object"] == "payment_intent" else "bank_asks_card"
            return show(
                "bank.html",
                language,
                heading=WORDS[language][heading],
                amount=intent.get("amount"),
                currency=intent.get("currency", "eur"),
            )
        passed = (await form(request)).get("decision") == "complete"
        back = self._back(intent)
        self._desk.act(lambda: self._answer(intent, passed=passed))
        if back:
            return see(back if passed else f"{back}{'&' if '?' in back else '?'}failed=bank")
        words = WORDS[language]
        return show("done.html", language, heading=words["bank"], about=words["bank_done"], url=None, host="")

    def _intent(self, secret: str) -> Obj | None:
        found = self._desk.world.store.find(secret.partition("_secret_")[0])
        return found[1] if found and found[1].get("client_secret") == secret else None

    def _back(self, intent: Obj) -> str | None:
        """Where one came from: the shop's address, the portal or the invoice."""
        if intent.get("_back"):
            return str(intent["_back"])
        action: Obj = (intent["next_action"] or {}).get("redirect_to_url") or {}
        if action.get("return_url"):
            return str(action["return_url"])
        if intent.get("_invoice"):
            invoice = self._desk.world.get("invoice", intent["_invoice"])
            return f"/invoices/{invoice['id']}/{invoice['_secret']}"
        return None

    def _answer(self, intent: Obj, *, passed: bool) -> None:
        world = self._desk.world
        method = world.get("payment_method", intent["payment_method"])
        if intent["object"] == "setup_intent":
            if passed:
                setup_intents.save(world, intent, method)
                if intent.get("_for_all"):
                    moves.use_card(world, world.get("customer", intent["customer"]), method)
            else:
                setup_intents.refuse(world, intent)
        elif not passed:
            paying.refuse_proof(world, intent)
        else:
            paying.attempt(world, intent, method, present=True, proven=True)
            if intent.get("_invoice"):
                invoicing.settled(world, intent)
