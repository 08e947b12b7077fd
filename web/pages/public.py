"""Pages for anyone: the landing page, prices, legal texts, and what search engines ask for."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from agents.roster import AGENTS
from camarad.database import Database
from camarad.models import User
from web import cookies, i18n
from web.access import CurrentServices, check_csrf, find_signed_in, router
from web.pages.forms import visitor_form
from web.pages.render import language_of, page

routes = router("public", "pages")

LEGAL = ("legal", "privacy", "terms")
INDEXED = ("/", "/pricing", "/signup", "/login", "/legal", "/privacy", "/terms", "/docs")
KEEP_FOR = timedelta(hours=1)


@routes.get("/", response_class=Response, summary="Landing page")
async def landing(request: Request, services: CurrentServices) -> Response:
    who = await find_signed_in(request)
    agents = [agent for agent in AGENTS if agent.available]
    return page(request, "landing.html", private=who is not None, agents=agents, demo=services.settings.camarad_demo)


@routes.get("/chat-demo", response_class=Response, summary="What there is to try without an account")
async def chat_demo(request: Request, services: CurrentServices) -> Response:
    await find_signed_in(request)
    return page(request, "demo.html", private=False, demo=services.settings.camarad_demo)


@routes.get("/legal", response_class=Response, summary="Legal notice")
@routes.get("/privacy", response_class=Response, summary="Privacy notice")
@routes.get("/terms", response_class=Response, summary="Terms")
async def legal(request: Request) -> Response:
    who = await find_signed_in(request)
    name = request.url.path.strip("/")
    text = f"legal/{name}.{language_of(request, who)}.html"
    return page(request, "legal.html", private=False, name=name, text=text)


@routes.post("/language", response_class=Response, summary="Choose the language of the pages")
async def choose_language(request: Request, services: CurrentServices) -> Response:
    """Kept in a cookie, and with the person when they are signed in."""
    who = await find_signed_in(request)
    if who:
        await check_csrf(request, who)
    form = await request.form() if who else await visitor_form(request)
    language = str(form.get("language", ""))
    language = language if language in i18n.LANGUAGES else i18n.DEFAULT
    response = RedirectResponse(cookies.local_path(str(form.get("next", "/")), "/"), 303)
    cookies.set_cookie(request, response, cookies.LANGUAGE, language, cookies.YEAR)
    if who is not None:
        await remember_language(services.database, who.user_id, language)
    return response


async def remember_language(database: Database, user_id: str, language: str) -> None:
    async with database.write() as session:
        user = await session.get_one(User, user_id)
        user.language = language


@routes.get("/robots.txt", response_class=PlainTextResponse, summary="For search engines")
async def robots(request: Request) -> Response:
    closed = "\n".join(f"Disallow: {path}" for path in ("/app", "/connectors", "/settings", "/chat", "/c/", "/api/"))
    text = f"User-agent: *\n{closed}\nSitemap: {_base(request)}/sitemap.xml\n"
    return PlainTextResponse(text, headers=_kept())


@routes.get("/sitemap.xml", response_class=Response, summary="For search engines")
async def sitemap(request: Request) -> Response:
    places = "".join(f"<url><loc>{_base(request)}{path}</loc></url>" for path in INDEXED)
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return Response(f"{text}{places}</urlset>\n", media_type="application/xml", headers=_kept())


def _base(request: Request) -> str:
    """The edge has checked the host already, so that nobody else's can stand here."""
    return f"{request.url.scheme}://{request.url.netloc}"


def _kept() -> dict[str, str]:
    return {"Cache-Control": f"public, max-age={int(KEEP_FOR.total_seconds())}"}
