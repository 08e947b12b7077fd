"""Plan, payments, use, balance and ledger of the workspace."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from billing.entitlements import COUNTED
from billing.plans import PACKS, PLANS
from billing.statement import KINDS, entries, statement
from camarad.errors import BadInput, CamaradError
from web.access import CurrentServices, CurrentUser, router
from web.billing import ledger
from web.billing.account import account, share
from web.billing.offers import offers
from web.billing.standing import banner
from web.billing.till import open_till
from web.chat import numbers
from web.pages.forms import problem
from web.pages.leaving import may_leave
from web.pages.render import language_of, page
from web.services import Services
from web.sessions import SignedIn

routes = router("user", "pages")

DONE = ("paid", "processing", "abandoned", "changed", "planned", "cancelled", "resumed", "managed", "nothing")


@routes.get(ledger.PAGE, response_class=Response, summary="Plan, payments, use, balance and ledger")
async def billing_page(request: Request, who: CurrentUser, services: CurrentServices) -> Response:
    done = request.query_params.get("done", "")
    return await show(request, who, services, done=done if done in DONE else "")


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
    request: Request, who: SignedIn, services: Services, *, done: str = "", error: CamaradError | None = None
) -> Response:
    till, language = open_till(services), language_of(request, who)
    found = await account(services, who, till)
    asked = ledger.asked(request.query_params)
    book = await statement(services.database, who.workspace_id, asked.choice, ledger.SHOWN, asked.before)
    response = page(
        request,
        "billing.html",
        status=error.status if error else 422 if asked.wrong else 200,
        account=found,
        banner=banner(found.subscription),
        offers=offers(services.settings, configured=till.configured, who=who, subscription=found.subscription),
        packs=PACKS,
        plan_names={each.code: each.name for each in PLANS},
        counted=COUNTED,
        settings=services.settings,
        configured=till.configured,
        test_mode=till.test_mode,
        asked=asked,
        kinds=KINDS,
        book=book,
        what=partial(ledger.what, language),
        day=lambda at: numbers.day(at.date(), "ro" if language == "ro" else "en"),
        share=share,
        done=done,
        problem=await problem(request, error) if error else None,
        here=ledger.PAGE,
    )
    return may_leave(response, till)
