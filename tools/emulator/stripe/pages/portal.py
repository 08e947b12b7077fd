"""The portal: a customer's plan, card and invoices, within what the shop's configuration allows."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tools.emulator.stripe.pages import moves
from tools.emulator.stripe.pages.desk import Desk, form, number_of, see
from tools.emulator.stripe.pages.overview import Overview
from tools.emulator.stripe.pages.sheet import day, language_of, money, problem, show
from tools.emulator.stripe.pages.words import WORDS
from tools.emulator.stripe.types import Obj


class PortalPage:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        base = "/portal/{secret}"
        self.routes = [
            Route(base, self.home, methods=["GET"]),
            Route(f"{base}/change", self.change, methods=["GET"]),
            Route(f"{base}/confirm", self.confirm, methods=["GET", "POST"]),
            Route(f"{base}/cancel", self.cancel, methods=["GET", "POST"]),
            Route(f"{base}/keep", self.keep, methods=["POST"]),
            Route(f"{base}/card", self.card, methods=["GET", "POST"]),
        ]

    def _enter(self, request: Request) -> tuple[Overview | None, str]:
        """What the session's customer sees; None when there is no such session, or it has ended."""
        self._desk.look()
        world = self._desk.world
        for session in world.store.glance("billing_portal.session"):
            if session["_secret"] == request.path_params["secret"]:
                language = language_of(request, session["locale"])
                return (Overview(world, session, language) if session["_ends"] > world.now() else None), language
        return None, language_of(request)

    async def home(self, request: Request) -> Response:
        view, language = self._enter(request)
        if view is None:
            return problem(language, "unknown")
        if (start := view.begins_at()) and "home" not in request.query_params:
            return see(start)
        failed = "not_authenticated" if request.query_params.get("failed") == "bank" else None
        return show("portal.html", language, alert=failed, **view.home())

    async def change(self, request: Request) -> Response:
        view, language = self._enter(request)
        subscription = view.subscription(request.query_params.get("subscription")) if view else None
        if view is None or subscription is None:
            return problem(language, "unknown")
        if not view.may_change(subscription):
            return problem(language, "not_allowed", 403)
        return show(
            "portal_change.html",
            language,
            offers=view.offers(subscription),
            home=view.path,
            subscription=subscription["id"],
        )

    async def confirm(self, request: Request) -> Response:
        view, language = self._enter(request)
        given = await form(request) if request.method == "POST" else dict(request.query_params)
        subscription = view.subscription(given.get("subscription")) if view else None
        if view is None or subscription is None:
            return problem(language, "unknown")
        price = view.offered(subscription, given.get("price"))
        if price is None:
            return problem(language, "not_allowed", 403)
        if request.method == "GET":
            return self._confirm_page(view, subscription, price, language)
        left, refusal = self._desk.act(lambda: moves.change(self._desk.world, view, subscription, price))
        if refusal:
            return show("portal.html", language, 402, alert=refusal, **view.home())
        return see(left or view.after())

    def _confirm_page(self, view: Overview, subscription: Obj, price: Obj, language: str) -> Response:
        words, currency = WORDS[language], price["currency"]
        name, old = view.name_of(price), view.name_of(view.price(subscription))
        if moves.waits(self._desk.world, view, subscription, price):
            ends = day(view.period_end(subscription), language)
            about = words["at_end"].format(old=old, name=name, date=ends)
        else:
            cents = moves.due_now(self._desk.world, view, subscription, price)
            said = "at_once" if cents >= 0 else "at_once_credit"
            about = words[said].format(amount=money(abs(cents), currency, language))
        return show(
            "portal_confirm.html",
            language,
            name=name,
            amount=price["unit_amount"],
            currency=currency,
            each=f"each_{price['recurring']['interval']}",
            about=about,
            subscription=subscription["id"],
            price=price["id"],
            home=view.path,
            back=view.back(),
        )

    async def cancel(self, request: Request) -> Response:
        view, language = self._enter(request)
        given = await form(request) if request.method == "POST" else dict(request.query_params)
        subscription = view.subscription(given.get("subscription")) if view else None
        if view is None or subscription is None:
            return problem(language, "unknown")
        if not view.may_cancel(subscription):
            return problem(language, "not_allowed", 403)
        allowed = view.features["subscription_cancel"]
        if request.method == "POST":
            _, refusal = self._desk.act(lambda: moves.cancel(self._desk.world, view, subscription, given.get("why")))
            return problem(language, refusal, 409) if refusal else see(view.after())
        said = "cancel_about" if allowed["mode"] == "at_period_end" else "cancel_now_about"
        about = WORDS[language][said].format(
            name=view.name_of(view.price(subscription)), date=day(view.period_end(subscription), language)
        )
        asks = allowed["cancellation_reason"]
        return show(
            "portal_cancel.html",
            language,
            about=about,
            reasons=asks["options"] if asks["enabled"] else [],
            subscription=subscription["id"],
            home=view.path,
            back=view.back(),
        )

    async def keep(self, request: Request) -> Response:
        view, language = self._enter(request)
        given = await form(request)
        subscription = view.subscription(given.get("subscription")) if view else None
        if view is None or subscription is None:
            return problem(language, "unknown")
        _, refusal = self._desk.act(lambda: moves.keep(self._desk.world, subscription))
        return problem(language, refusal, 409) if refusal else see(f"{view.path}?home")

    async def card(self, request: Request) -> Response:
        view, language = self._enter(request)
        if view is None:
            return problem(language, "unknown")
        if not view.features["payment_method_update"]["enabled"]:
            return problem(language, "not_allowed", 403)
        if request.method == "GET":
            return self._card_page(view, language, None)
        number = number_of(await form(request))
        question, refusal = self._desk.act(lambda: moves.save_card(self._desk.world, view, number))
        if refusal:
            return self._card_page(view, language, refusal, 402)
        return see(question or view.after())

    def _card_page(self, view: Overview, language: str, alert: str | None, status: int = 200) -> Response:
        return show("portal_card.html", language, status, alert=alert, home=view.path, back=view.back())
