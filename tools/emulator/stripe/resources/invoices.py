"""Invoices and previews of them."""

from __future__ import annotations

from tools.emulator.stripe import cards
from tools.emulator.stripe.engine import invoicing, previewing, starting, status
from tools.emulator.stripe.errors import StripeError
from tools.emulator.stripe.events import changed
from tools.emulator.stripe.listing import cut, page
from tools.emulator.stripe.resources import metadata
from tools.emulator.stripe.types import Obj, Params, Route
from tools.emulator.stripe.world import World


def retrieve(world: World, params: Params, invoice_id: str) -> Obj:
    return world.get("invoice", invoice_id)


def update(world: World, params: Params, invoice_id: str) -> Obj:
    invoice = world.get("invoice", invoice_id)
    fields = {name: params[name] for name in ("description", "footer", "auto_advance") if name in params}
    changed(world, invoice, "invoice.updated", **fields, metadata=metadata.merged(invoice, params))
    return invoice


def listing(world: World, params: Params) -> Obj:
    def wanted(invoice: Obj) -> bool:
        subscription = status.of_invoice(world, invoice)
        return all(
            invoice[name] == params[name] for name in ("customer", "status", "collection_method") if name in params
        ) and params.get("subscription") in (None, (subscription or {}).get("id"))

    return page(world, "invoice", params, "/v1/invoices", wanted)


def lines_of(world: World, params: Params, invoice_id: str) -> Obj:
    invoice = world.get("invoice", invoice_id)
    return cut(world, invoice["_lines"], params, f"/v1/invoices/{invoice_id}/lines")


def pay(world: World, params: Params, invoice_id: str) -> Obj:
    invoice = world.get("invoice", invoice_id)
    if invoice["status"] == "draft":
        invoicing.finalize(world, invoice)
    if invoice["status"] == "paid":
        raise StripeError("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] not in ("open", "uncollectible"):
        raise StripeError(f"This invoice can no longer be paid: it is {invoice['status']}.")
    invoice["status"] = "open"
    if params.get("paid_out_of_band"):
        invoicing.mark_paid(world, invoice)
        return invoice
    method = _method(world, invoice, params)
    outcome = invoicing.collect(world, invoice, present=False, method=method)
    if outcome != "succeeded":
        error = starting.refused(world, invoice, outcome)
        error.keep = True
        raise error
    return invoice


def _method(world: World, invoice: Obj, params: Params) -> Obj | None:
    if not params.get("payment_method"):
        return None
    method = cards.method(world, params["payment_method"], "payment_method")
    if method["customer"] not in (None, invoice["customer"]):
        raise StripeError("The payment method belongs to another customer.", param="payment_method")
    return method


def finalize(world: World, params: Params, invoice_id: str) -> Obj:
    invoice = world.get("invoice", invoice_id)
    if invoice["status"] != "draft":
        raise StripeError(f"This invoice is already finalized, you can't re-finalize a {invoice['status']} invoice.")
    invoicing.finalize(world, invoice)
    return invoice


def void(world: World, params: Params, invoice_id: str) -> Obj:
    return _closed(world, invoice_id, "voided", invoicing.void)


def mark_uncollectible(world: World, params: Params, invoice_id: str) -> Obj:
    return _closed(world, invoice_id, "marked as uncollectible", invoicing.uncollectible)


def _closed(world: World, invoice_id: str, said: str, close: object) -> Obj:
    invoice = world.get("invoice", invoice_id)
    if invoice["status"] not in ("open", "uncollectible"):
        raise StripeError(f"You can only pass in open invoices. This invoice is {invoice['status']}, not {said}.")
    assert callable(close)
    close(world, invoice)
    return invoice


def preview(world: World, params: Params) -> Obj:
    return previewing.preview(world, params)


ROUTES = (
    Route("GET", "/v1/invoices", listing),
    Route("POST", "/v1/invoices/create_preview", preview, dry=True),
    Route("GET", "/v1/invoices/{invoice}", retrieve),
    Route("POST", "/v1/invoices/{invoice}", update),
    Route("GET", "/v1/invoices/{invoice}/lines", lines_of),
    Route("POST", "/v1/invoices/{invoice}/pay", pay),
    Route("POST", "/v1/invoices/{invoice}/finalize", finalize),
    Route("POST", "/v1/invoices/{invoice}/void", void),
    Route("POST", "/v1/invoices/{invoice}/mark_uncollectible", mark_uncollectible),
)
