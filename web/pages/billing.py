"""Plan, payments, use, balance and ledger of the workspace."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from billing.entitlements import COUNTED
from billing.plans import PACKS
from billing.statement import KINDS, entries, statement
from camarad.errors import BadInput, CamaradError
from web.access import CurrentServices, CurrentUser, router
from web.billing import ledger
from web.billing.account import account, share
from web.billing.offers import manages, offers
from web.billing.returned import Returned, returned
from web.billing.standing import banner, chip, done, doubled, mode, words
from web.chat import numbers
from web.pages.forms import problem
from web.pages.leaving import may_leave
from web.pages.render import language_of, page
from web.services import Services
from web.sessions import SignedIn

routes = router("user", "pages")


@routes.get(ledger.PAGE, response_class=Response, summary="Plan, payments, use, balance and ledger")
async def billing_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    """`checkout` is the session that somebody came back from; Stripe is asked about it."""
    session_id, back = request.query_params.get("checkout", ""), None
    if session_id and manages(who) and services.payments.configured:
        back = await returned(services, who.workspace_id, session_id)
    return await show(request, who, services, back=back)


@routes.get(ledger.FILE, response_class=Response, summary="The ledger as a file for spreadsheets")
async def ledger_file(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    """`kind`, `start` and `end` choose as on the page. The last line is the sum of the lines above."""
    asked = ledger.asked(request.query_params)
    if asked.wrong:
        raise BadInput("The filter is not valid.", code=f"ledger_{asked.wrong}")
    name = "-".join(("camarad-ct", *(part for part in (asked.kind, asked.start, asked.end) if part)))
    chunks = entries(services.database, who.workspace_id, asked.choice)
    return StreamingResponse(
        ledger.document(language_of(request, who), chunks),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


async def show(
    request: Request,
    who: SignedIn,
    services: Services,
    *,
    back: Returned | None = None,
    error: CamaradError | None = None,
) -> Response:
    payments, language = services.payments, language_of(request, who)
    found = await account(services, who)
    asked = ledger.asked(request.query_params)
    book = await statement(services.database, who.workspace_id, asked.choice, ledger.SHOWN, asked.before)
    response = page(
        request,
        "billing.html",
        status=error.status if error else 422 if asked.wrong else 200,
        account=found,
        banner=banner(found.status.status),
        doubled=doubled(found.status, services.clock.now()) if found.manages else None,
        offers=offers(services.settings, configured=payments.configured, who=who, status=found.status),
        packs=PACKS,
        counted=COUNTED,
        settings=services.settings,
        configured=payments.configured,
        mode=mode(payments),
        asked=asked,
        kinds=KINDS,
        book=book,
        what=partial(ledger.what, language),
        day=lambda at: numbers.day(at.date(), "ro" if language == "ro" else "en"),
        share=share,
        words=words(language, found.status),
        chip=partial(chip, language),
        back=back,
        done=done(request.query_params.get("done", ""), found.status),
        problem=await problem(request, error) if error else None,
        here=ledger.PAGE,
    )
    if error is not None and error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return may_leave(response, services)
