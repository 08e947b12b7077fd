"""The Checkout page, and the bank's question on the way."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tools.emulator.stripe.engine import buying
from tools.emulator.stripe.pages.desk import Desk, form, host_of, number_of, see
from tools.emulator.stripe.pages.sheet import language_of, problem, show
from tools.emulator.stripe.pages.words import WORDS
from tools.emulator.stripe.rules import DAY
from tools.emulator.stripe.types import Obj


class CheckoutPage:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.routes = [
            Route("/checkout/{session}", self.serve, methods=["GET", "POST"]),
            Route("/checkout/{session}/bank", self.bank, methods=["GET", "POST"]),
        ]

    async def serve(self, request: Request) -> Response:
        self._desk.look()
        session = self._session(request)
        language = language_of(request, (session or {}).get("locale"))
        if session is None:
            return problem(language, "unknown")
        if session["status"] != "open":
            return _closed(session, language)
        if request.method == "GET":
            failed = request.query_params.get("failed") == "bank"
            return self._page(session, language, alert="not_authenticated" if failed else None)
        given = await form(request)
        if not given.get("email"):
            return self._page(session, language, alert="email_missing", given=given, status=400)
        buyer = buying.Buyer(given["email"], given.get("name", ""), number_of(given))
        outcome, refusal = self._desk.act(lambda: buying.buy(self._desk.world, session, buyer))
        if refusal:
            return self._page(session, language, alert=refusal, given=given, status=402)
        return see(f"/checkout/{session['id']}/bank") if outcome == "challenge" else see(success_url(session))

    async def bank(self, request: Request) -> Response:
        self._desk.look()
        session = self._session(request)
        language = language_of(request, (session or {}).get("locale"))
        if session is None:
            return problem(language, "unknown")
        if session["status"] != "open":
            return _closed(session, language)
        if not session["_challenge"]:
            return see(f"/checkout/{session['id']}")
        if request.method == "GET":
            return show(
                "bank.html",
                language,
                heading=WORDS[language]["bank_asks"],
                amount=session["amount_total"],
                currency=session["currency"],
            )
        passed = (await form(request)).get("decision") == "complete"
        outcome, refusal = self._desk.act(lambda: buying.answer(self._desk.world, session, passed=passed))
        if refusal:
            return self._page(session, language, alert=refusal, status=402)
        return see(success_url(session) if outcome == "complete" else f"/checkout/{session['id']}?failed=bank")

    def _session(self, request: Request) -> Obj | None:
        return self._desk.world.store.get("checkout.session", request.path_params["session"])

    def _page(
        self,
        session: Obj,
        language: str,
        *,
        alert: str | None = None,
        given: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        lines = [self._desk.world.get("item", line) for line in session["_line_items"]]
        known: Obj = session["customer_details"] or {}
        given = given or {}
        return show(
            "checkout.html",
            language,
            status,
            alert=alert,
            mode=session["mode"],
            lines=lines,
            total=session["amount_total"],
            currency=session["currency"],
            email=given.get("email") or known.get("email") or "",
            fixed_email=bool(known.get("email")),
            name=given.get("name") or known.get("name") or "",
            cancel_url=session["cancel_url"],
            **self._offer(session, lines, language),
        )

    def _offer(self, session: Obj, lines: list[Obj], language: str) -> dict[str, Any]:
        """What is sold and when it is due, in words."""
        words, world = WORDS[language], self._desk.world
        if session["mode"] == "setup":
            return {
                "heading": words["save_card"],
                "action": words["do_save"],
                "each": None,
                "due": 0,
                "trial_end": None,
            }
        name = lines[0]["description"]
        if session["mode"] == "payment":
            from tools.emulator.stripe.pages.sheet import money

            paid = money(session["amount_total"], session["currency"], language)
            action = words["pay"].format(amount=paid)
            heading, each, trial = words["buy"].format(name=name), None, None
        else:
            trial = _trial_end(session, world.now())
            action = words["start_trial"] if trial else words["do_subscribe"]
            heading = words["subscribe_to"].format(name=name)
            recurring = world.get("price", lines[0]["price"])["recurring"]
            each = f"each_{recurring['interval']}" if recurring else None
        due = 0 if trial else session["amount_total"]
        return {"heading": heading, "action": action, "each": each, "due": due, "trial_end": trial}


def _trial_end(session: Obj, now: int) -> int | None:
    given: Obj = session["_subscription_data"]
    days = given.get("trial_period_days")
    return now + days * DAY if days else given.get("trial_end")


def success_url(session: Obj) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _closed(session: Obj, language: str) -> Response:
    state = "done" if session["status"] == "complete" else "expired"
    url = success_url(session) if state == "done" else session["cancel_url"]
    words = WORDS[language]
    return show(
        "done.html",
        language,
        200 if state == "done" else 410,
        heading=words[state],
        about=words[f"{state}_about"],
        url=url,
        host=host_of(url),
    )
