"""A small rafting business, paid in EUR: few visits, one campaign, strongly seasonal, an account of its own."""

from __future__ import annotations

from tools.emulator.agency import DEMO_CLIENTS
from tools.emulator.worlds.shape import AdGroup, Campaign, Keyword, Page, Shape, Source, Term

PLUTARU = Shape(
    client=DEMO_CLIENTS[4],
    host="plutaru.example",
    growth=0.05,
    weekday=(0.85, 0.86, 0.92, 1.04, 1.22, 1.16, 0.95),
    winter=-0.55,
    order=148.0,
    pages=(
        Page("/", "Plutaru Rafting", 45, 16),
        Page("/ture/olt-o-zi", "Olt, o zi", 18, 15, product=True),
        Page("/ture/jiu-weekend", "Jiu, un weekend", 13, 12, product=True),
        Page("/intrebari", "Întrebări frecvente", 6, 9),
        Page("/cos", "Rezervarea ta", 0, 0),
        Page("/plata", "Plata", 0, 0),
        Page("/gata", "Ne vedem pe râu", 0, 0),
    ),
    steps=("/cos", "/plata", "/gata"),
    sources=(
        Source("Organic Search", "google", "organic", "(organic)", 17, 0.02, 1.3, 0.8),
        Source("Direct", "(direct)", "(none)", "(direct)", 9, 0.03, 1.4, 0.6),
        Source("Organic Social", "instagram.com", "referral", "(referral)", 11, 0.008, 0.8, 0.82),
    ),
    places=(("Bucharest", 0.5), ("Sibiu", 0.2), ("Brasov", 0.2), ("Berlin", 0.1)),
    devices=(0.73, 0.25, 0.02),
    campaigns=(
        Campaign(
            "Rafting – Search",
            12,
            (
                AdGroup(
                    "Rafting Olt",
                    "https://plutaru.example/ture/olt-o-zi",
                    (
                        Keyword(
                            "rafting olt",
                            "PHRASE",
                            8,
                            0.44,
                            0.071,
                            150,
                            (
                                Term("rafting olt pret", 0.6, 0.038),
                                Term("rafting valea oltului", 0.25, 0.03),
                                Term("barci gonflabile vanzare", 0.15, 0.0),
                            ),
                        ),
                    ),
                ),
            ),
            share=0.66,
            lost_budget=0.04,
        ),
    ),
)
