"""Odd names and odd numbers: quotes, emoji, digits for a name, near-twins, nothing spent, billions, one channel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from agents.language import language_of
from camarad.clock import ManualClock
from camarad.database import Database
from camarad.scope import Scope
from camarad.settings import Settings
from tests.support.asks import Asks, honest
from tests.support.turns import document
from tools.emulator.process import EmulatorProcess, start_emulator

# pydantic warns about a type of litellm's, once a process
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*ReadOnly:UserWarning")]

FILE = Path(__file__).parents[1] / "support" / "fixtures_odd.json"
PPC, SEO = "ppc-specialist", "seo-strategist"
FLEUR, HUGE, SOLO, FREE = "atelier-fleur", "orias", "solo", "gratis"
CASES = [
    (FLEUR, "What did we spend on Google Ads in the last 30 days?", PPC, ["£2,446.10"]),
    (FLEUR, "How many clicks, last 30 days?", PPC, ["1,784"]),
    (FLEUR, "How many impressions did ads get over the last 30 days, and what was the CTR?", PPC, ["37,247", "4.8%"]),
    (FLEUR, "ROAS for the last 30 days?", PPC, ["3.53"]),
    (FLEUR, "How many conversions did we get from ads in the last 30 days?", PPC, ["56.25"]),
    (FLEUR, "What did the campaign 2026 cost in the last 30 days?", PPC, ["£450.05"]),
    (FLEUR, 'How did "Spring Sale" do over the last 30 days?', PPC, ["£640.00", "16"]),
    (FLEUR, "What about the campaign Spring Sales, last 30 days?", PPC, ["£64.01"]),
    (FLEUR, "Compare Spring Sale and Spring Sales over the last 30 days", PPC, ["£640.00", "£64.01"]),
    (FLEUR, "How much did the campaign 🔥🔥 cost in the last 30 days?", PPC, ["£0.99"]),
    (FLEUR, 'Cost of the campaign Brand "Fleur" – core in the last 30 days?', PPC, ["£1,203.40"]),
    (FLEUR, "Which campaign is the cheapest per conversion, last 30 days?", PPC, ["£36.47"]),
    (FLEUR, "What share of the spend went on Spring Sale in the last 30 days?", PPC, ["26.2%"]),
    (FLEUR, "Which searches wasted money in the last 30 days?", PPC, ["£153.83", "6.3%", "£120.50"]),
    (FLEUR, "Top 2 campaigns by clicks, last 30 days", PPC, ["877", "512"]),
    (FLEUR, "How many sessions did the site have in the last 30 days?", SEO, ["9,999"]),
    (FLEUR, "How much of our traffic was Email in the last 30 days?", SEO, ["1,000"]),
    (FLEUR, "Website revenue in the last 30 days?", SEO, ["£8,123.45"]),
    (FLEUR, "Visits from unpaid search, last 30 days", SEO, ["4,321"]),
    (FLEUR, "Landing pages with the worst engagement, last 30 days", SEO, ["7.5%"]),
    (FLEUR, "Sessions by channel, last 30 days", SEO, ["4,321", "3,333", "1,345"]),
    (HUGE, "How much did we pay Google in the last 30 days?", PPC, ["987,654,321.13 HUF"]),
    (HUGE, "CPA over the last 30 days?", PPC, ["2,857.15 HUF"]),
    (HUGE, "How many ad impressions in the last 30 days?", PPC, ["1,234,567,893"]),
    (HUGE, "How many sessions did we have in the last 30 days?", SEO, ["Google Analytics** is not connected"]),
    (SOLO, "How many visits did we have in the last 30 days?", SEO, ["7"]),
    (SOLO, "Which channel brings the visits, last 30 days?", SEO, ["Referral", "7"]),
    (SOLO, "What did our ads cost in the last 30 days?", PPC, ["Google Ads** is not connected"]),
    (FREE, "What was the cost per conversion in the last 30 days?", PPC, ["CHF 0.00|0.00 CHF"]),
    (FREE, "What's our ROAS, last 30 days?", PPC, ["no ROAS"]),
    (FLEUR, "Cât am cheltuit pe Google Ads în ultimele 30 de zile?", PPC, ["2.446,10 GBP"]),
    (FLEUR, "Câte clicuri, ultimele 30 de zile?", PPC, ["1.784"]),
    (FLEUR, "Câte afișări au avut reclamele în ultimele 30 de zile și ce CTR?", PPC, ["37.247", "4,8%"]),
    (FLEUR, "Ce ROAS avem pe ultimele 30 de zile?", PPC, ["3,53"]),
    (FLEUR, "Câte conversii au adus reclamele în ultimele 30 de zile?", PPC, ["56,25"]),
    (FLEUR, "Cât a costat campania 2026 în ultimele 30 de zile?", PPC, ["450,05"]),
    (FLEUR, "Cum a mers „Spring Sale” în ultimele 30 de zile?", PPC, ["640,00", "16"]),
    (FLEUR, "Ce cost are campania Spring Sales, ultimele 30 de zile?", PPC, ["64,01"]),
    (FLEUR, "Compară Spring Sale cu Spring Sales pe ultimele 30 de zile", PPC, ["640,00", "64,01"]),
    (FLEUR, "Cât a costat campania 🔥🔥 în ultimele 30 de zile?", PPC, ["0,99"]),
    (FLEUR, "Câte conversii are campania scoala de vara în ultimele 30 de zile?", PPC, ["2,25"]),
    (FLEUR, "Care campanie e cea mai ieftină pe conversie, ultimele 30 de zile?", PPC, ["36,47"]),
    (FLEUR, "Ce pondere din buget a luat Spring Sale în ultimele 30 de zile?", PPC, ["26,2%"]),
    (FLEUR, "unde aruncăm banii pe termeni, ultimele 30 de zile", PPC, ["153,83", "6,3%", "120,50"]),
    (FLEUR, "Primele 2 campanii după clicuri, ultimele 30 de zile", PPC, ["877", "512"]),
    (FLEUR, "Câte sesiuni a avut site-ul în ultimele 30 de zile?", SEO, ["9.999"]),
    (FLEUR, "Cât din trafic a venit din email în ultimele 30 de zile?", SEO, ["1.000"]),
    (FLEUR, "Ce venituri a făcut site-ul în ultimele 30 de zile?", SEO, ["8.123,45"]),
    (FLEUR, "Vizite din căutări neplătite, ultimele 30 de zile", SEO, ["4.321"]),
    (FLEUR, "Paginile de destinație cu cea mai slabă implicare, ultimele 30 de zile", SEO, ["7,5%"]),
    (FLEUR, "Sesiuni pe canale, ultimele 30 de zile", SEO, ["4.321", "3.333", "1.345"]),
    (HUGE, "Cât i-am plătit lui Google în ultimele 30 de zile?", PPC, ["987.654.321,13 HUF"]),
    (HUGE, "Cât ne-a costat o conversie în ultimele 30 de zile?", PPC, ["2.857,15 HUF"]),
    (HUGE, "Câte afișări ale reclamelor în ultimele 30 de zile?", PPC, ["1.234.567.893"]),
    (HUGE, "Câte sesiuni am avut în ultimele 30 de zile?", SEO, ["Google Analytics** nu este conectat"]),
    (SOLO, "Câte vizite am avut în ultimele 30 de zile?", SEO, ["7"]),
    (SOLO, "De pe ce canal vin vizitele, ultimele 30 de zile?", SEO, ["Referral", "7"]),
    (SOLO, "Cât au costat reclamele în ultimele 30 de zile?", PPC, ["Google Ads** nu este conectat"]),
    (FREE, "Cât a fost costul pe conversie în ultimele 30 de zile?", PPC, ["0,00 CHF"]),
    (FREE, "Ce ROAS avem, ultimele 30 de zile?", PPC, ["nu există ROAS"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    process = start_emulator(tmp_path_factory.mktemp("odd"), fixtures=FILE)
    yield process
    process.stop()


@pytest.fixture
async def asks(
    settings: Settings, sqlite_database: Database, clock: ManualClock, odd: EmulatorProcess, scope: Scope
) -> AsyncIterator[Asks]:
    async with AsyncExitStack() as stack:
        yield Asks(FILE, settings, sqlite_database, clock, odd.address, scope, stack)


@pytest.mark.parametrize(("client", "question", "agent", "figures"), CASES)
async def test_odd_numbers_are_told_exactly_by_the_right_agent(
    asks: Asks, client: str, question: str, agent: str, figures: list[str]
) -> None:
    done = document(await (await asks.of(client)).ask(question))
    plain = done.message.text.replace("\u00a0", " ")
    assert [f for f in figures if not any(way in plain for way in f.split("|"))] == [], plain
    assert done.route[-1] == agent
    assert done.message.language == language_of(question)
    assert honest(done), done.grounding
    if "conne" not in figures[0] and "conectat" not in figures[0]:
        assert all(call.args.get("range") == "30days" for call in done.tool_calls), done.tool_calls
        assert ("Source: " if done.message.language == "en" else "Sursa: ") in plain
        assert "2026" in plain.splitlines()[0]
