"""An invoice to look at, to print and to pay."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tools.emulator.stripe import cards
from tools.emulator.stripe.engine import invoicing
from tools.emulator.stripe.pages import pdf
from tools.emulator.stripe.pages.desk import Desk, form, number_of, see
from tools.emulator.stripe.pages.sheet import day, language_of, money, problem, show
from tools.emulator.stripe.types import Obj


class InvoicePage:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.routes = [
            Route("/invoices/{invoice}/{secret}", self.serve, methods=["GET", "POST"]),
            Route("/invoices/{invoice}/{secret}/pdf", self.print, methods=["GET"]),
        ]

    async def serve(self, request: Request) -> Response:
        self._desk.look()
        language = language_of(request)
        invoice = self._invoice(request)
        if invoice is None:
            return problem(language, "unknown")
        here = request.url.path
        if request.method == "GET" or invoice["status"] != "open":
            failed = request.query_params.get("failed") == "bank"
            return _page(invoice, language, here, "not_authenticated" if failed else None)
        number = number_of(await form(request))
        outcome, refusal = self._desk.act(lambda: self._pay(invoice, number))
        if outcome == "requires_action":
            found = invoicing.payment_of(self._desk.world, invoice)
            assert found is not None  # something asked
            return see(f"/authenticate/{found[1]['client_secret']}")
        if refusal or outcome == "requires_payment_method":
            return _page(invoice, language, here, refusal or "card_declined", 402)
        return see(here)

    def _pay(self, invoice: Obj, number: str) -> str:
        """With this card, which becomes the customer's when it can be saved."""
        world = self._desk.world
        card = cards.by_number(number)
        customer = world.get("customer", invoice["customer"])
        method = cards.new_method(world, card, {"email": customer["email"], "name": customer["name"]})
        if card.attaches:
            method["customer"] = customer["id"]
        return invoicing.collect(world, invoice, present=True, method=method)

    async def print(self, request: Request) -> Response:
        invoice = self._invoice(request)
        if invoice is None:
            return problem(language_of(request), "unknown")
        headers = {"content-disposition": f'inline; filename="{invoice["number"]}.pdf"'}
        return Response(pdf.made(_printed(invoice)), 200, headers, "application/pdf")

    def _invoice(self, request: Request) -> Obj | None:
        invoice = self._desk.world.store.get("invoice", request.path_params["invoice"])
        if invoice is None or invoice["status"] == "draft" or invoice["_secret"] != request.path_params["secret"]:
            return None
        return invoice


def _page(invoice: Obj, language: str, here: str, alert: str | None, status: int = 200) -> Response:
    return show("invoice.html", language, status, invoice=invoice, pdf=f"{here}/pdf", alert=alert)


def _printed(invoice: Obj) -> list[str]:
    """The lines of the document, in English."""

    def amount(cents: int) -> str:
        return money(cents, invoice["currency"], "en").replace("€", "EUR ").replace("−", "-")

    return [
        f"Invoice {invoice['number']}",
        "Made by an emulator of Stripe. No money moved.",
        "",
        f"Issued {day(invoice['effective_at'] or invoice['created'], 'en')}",
        f"Billed to {invoice['customer_name'] or invoice['customer_email'] or '-'}",
        f"Status: {invoice['status']}",
        "",
        *(f"{line['description']}   {amount(line['amount'])}" for line in invoice["_lines"]),
        "",
        f"Total {amount(invoice['total'])}",
        f"Amount due {amount(invoice['amount_due'])}",
        f"Amount paid {amount(invoice['amount_paid'])}",
    ]
