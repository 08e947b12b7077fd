"""Dental clinics in Romania, paid in RON: leads instead of orders."""

from __future__ import annotations

from tools.emulator.agency import DEMO_CLIENTS
from tools.emulator.worlds.shape import AdGroup, Campaign, Incident, Keyword, Page, Shape, Source, Term

_PAGES = (
    Page("/", "Zâmbet Dental | Clinici stomatologice", 40, 18),
    Page("/implant-dentar", "Implant dentar", 16, 12, product=True),
    Page("/aparat-dentar", "Aparat dentar", 11, 10, product=True),
    Page("/albire-dentara", "Albire dentară", 8, 7, product=True),
    Page("/preturi", "Prețuri", 10, 14),
    Page("/medici", "Medicii noștri", 4, 9),
    Page("/articole/durere-de-masea", "Durere de măsea: ce faci", 19, 4),
    Page("/articole/cat-dureaza-un-implant", "Cât durează un implant", 12, 4),
    Page("/programare", "Programează-te", 3, 10),
    Page("/programare/confirmare", "Cererea a fost trimisă", 0, 0),
)

_SOURCES = (
    Source("Organic Search", "google", "organic", "(organic)", 46, 0.031, 1.3, 0.74),
    Source("Direct", "(direct)", "(none)", "(direct)", 21, 0.05, 1.4, 0.5),
    Source("Organic Social", "facebook.com", "referral", "(referral)", 9, 0.014, 0.8, 0.7),
    Source("Referral", "recenzii-medici.example", "referral", "(referral)", 6, 0.045, 1.5, 0.85),
    Source("Email", "reminder", "email", "control-6-luni", 4, 0.09, 1.2, 0.05, "/programare"),
)

_CAMPAIGNS = (
    Campaign(
        "Implant – București",
        320,
        (
            AdGroup(
                "Implant dentar",
                "https://zambet.example/implant-dentar",
                (
                    Keyword(
                        "implant dentar bucuresti",
                        "PHRASE",
                        8,
                        6.4,
                        0.068,
                        310,
                        (Term("implant dentar bucuresti pret", 0.6, 0.071), Term("implant dentar gratuit", 0.4, 0.0)),
                    ),
                    Keyword(
                        "implant dinte",
                        "BROAD",
                        6,
                        5.1,
                        0.049,
                        280,
                        (Term("implant dinte pret", 0.55, 0.048), Term("curs implantologie", 0.45, 0.0)),
                    ),
                ),
            ),
        ),
        share=0.52,
        lost_budget=0.29,
    ),
    Campaign(
        "Aparat dentar – Search",
        120,
        (
            AdGroup(
                "Aparat dentar",
                "https://zambet.example/aparat-dentar",
                (
                    Keyword(
                        "aparat dentar",
                        "PHRASE",
                        7,
                        3.8,
                        0.055,
                        260,
                        (Term("aparat dentar pret", 0.65, 0.062), Term("aparat dentar acasa", 0.35, 0.009)),
                    ),
                ),
            ),
        ),
        share=0.57,
        lost_budget=0.12,
    ),
    Campaign(
        "Brand – Zâmbet",
        40,
        (
            AdGroup(
                "Brand",
                "https://zambet.example/",
                (Keyword("zambet dental", "EXACT", 10, 0.9, 0.31, 60, (Term("zambet dental", 1.0, 0.16),)),),
            ),
        ),
        bidding="TARGET_IMPRESSION_SHARE",
        share=0.96,
        lost_budget=0.0,
    ),
    Campaign(
        "Albire – Display",
        60,
        (
            AdGroup(
                "Audiențe afine",
                "https://zambet.example/albire-dentara",
                (Keyword("(display)", "BROAD", 0, 0.7, 0.0042, 9000, (Term("", 1.0, 0.006),)),),
            ),
        ),
        type="DISPLAY",
        status="PAUSED",
        share=0.3,
    ),
)

ZAMBET = Shape(
    client=DEMO_CLIENTS[1],
    host="zambet.example",
    goal="generate_lead",
    growth=0.22,
    weekday=(1.18, 1.15, 1.1, 1.05, 0.98, 0.72, 0.62),
    winter=0.05,
    goal_value=180.0,
    pages=_PAGES,
    steps=("/programare", "/programare/confirmare"),
    sources=_SOURCES,
    places=(("Bucharest", 0.78), ("Brasov", 0.09), ("Iasi", 0.05), ("Chisinau", 0.05), ("London", 0.03)),
    devices=(0.71, 0.26, 0.03),
    campaigns=_CAMPAIGNS,
    incidents=(
        Incident("cpc_spike", -3, 30, 1.45, "The bid strategy was changed.", campaign="Implant – București"),
        Incident("conversion_drop", -20, 4, 0.2, "The booking form did not send."),
    ),
)
