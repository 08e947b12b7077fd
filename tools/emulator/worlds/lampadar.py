"""A lighting shop in Romania, paid in EUR: several incidents and planted waste."""

from __future__ import annotations

from tools.emulator.agency import DEMO_CLIENTS
from tools.emulator.worlds.shape import AdGroup, Campaign, Incident, Keyword, Page, Shape, Source, Term

_PAGES = (
    Page("/", "Lampadar Home | Corpuri de iluminat", 40, 18),
    Page("/lustre", "Lustre și candelabre", 14, 12),
    Page("/lustre/aurora-5", "Lustra Aurora 5", 7, 11, product=True),
    Page("/lustre/selene-led", "Lustra Selene LED", 6, 9, product=True),
    Page("/veioze", "Veioze", 7, 8),
    Page("/veioze/nordic-oak", "Veioza Nordic Oak", 4, 8, product=True),
    Page("/becuri-led", "Becuri LED", 9, 9),
    Page("/becuri-led/e27-10w", "Bec LED E27 10W", 5, 8, product=True),
    Page("/blog/cum-alegi-lustra", "Cum alegi lustra potrivită", 16, 5),
    Page("/blog/lumina-calda-sau-rece", "Lumină caldă sau rece?", 12, 4),
    Page("/livrare", "Livrare și retur", 1, 4),
    Page("/contact", "Contact", 1, 2),
    Page("/cos", "Coșul tău", 0, 0),
    Page("/comanda", "Finalizează comanda", 0, 0),
    Page("/multumim", "Mulțumim pentru comandă", 0, 0),
)

_SOURCES = (
    Source("Organic Search", "google", "organic", "(organic)", 128, 0.019, 1.6, 0.66),
    Source("Organic Search", "bing", "organic", "(organic)", 9, 0.017, 1.4, 0.64),
    Source("Direct", "(direct)", "(none)", "(direct)", 66, 0.024, 1.5, 0.48),
    Source("Organic Social", "instagram.com", "referral", "(referral)", 24, 0.006, 0.9, 0.72),
    Source("Organic Social", "facebook.com", "referral", "(referral)", 17, 0.007, 0.9, 0.66),
    Source("Email", "newsletter", "email", "noutati-saptamanale", 21, 0.041, 2.0, 0.12, "/lustre"),
    Source("Referral", "casa-si-gradina.example", "referral", "(referral)", 13, 0.012, 1.2, 0.8),
    Source("Organic Shopping", "google", "organic", "Shopping Free Listings", 16, 0.021, 1.1, 0.75, "/becuri-led"),
)

_CAMPAIGNS = (
    Campaign(
        "Brand – Search RO",
        22,
        (
            AdGroup(
                "Brand exact",
                "https://www.lampadar.example/",
                (
                    Keyword(
                        "lampadar home",
                        "EXACT",
                        10,
                        0.19,
                        0.26,
                        90,
                        (Term("lampadar home", 0.8, 0.082), Term("lampadar home pareri", 0.2, 0.03)),
                    ),
                    Keyword("lampadar lustre", "PHRASE", 9, 0.24, 0.19, 45, (Term("lampadar lustre led", 1.0, 0.066),)),
                ),
            ),
        ),
        bidding="TARGET_IMPRESSION_SHARE",
        share=0.93,
        lost_budget=0.02,
    ),
    Campaign(
        "Generic – Lustre",
        30,
        (
            AdGroup(
                "Lustre living",
                "https://www.lampadar.example/lustre",
                (
                    Keyword(
                        "lustre living",
                        "PHRASE",
                        7,
                        0.61,
                        0.052,
                        420,
                        (
                            Term("lustre living moderne", 0.5, 0.031),
                            Term("lustre living ieftine", 0.3, 0.022),
                            Term("poze lustre living", 0.2, 0.0),
                        ),
                    ),
                    Keyword(
                        "lustre led",
                        "BROAD",
                        6,
                        0.55,
                        0.041,
                        520,
                        (
                            Term("lustre led dormitor", 0.4, 0.026),
                            Term("lustre led depozit", 0.25, 0.002),
                            Term("reparatii lustre led", 0.35, 0.0),
                        ),
                    ),
                ),
            ),
            AdGroup(
                "Candelabre",
                "https://www.lampadar.example/lustre",
                (
                    Keyword(
                        "candelabre cristal",
                        "PHRASE",
                        8,
                        0.72,
                        0.047,
                        180,
                        (
                            Term("candelabru cristal living", 0.7, 0.034),
                            Term("candelabru cristal second hand", 0.3, 0.0),
                        ),
                    ),
                ),
            ),
        ),
        share=0.48,
        lost_budget=0.34,
    ),
    Campaign(
        "Generic – Becuri LED",
        14,
        (
            AdGroup(
                "Becuri E27",
                "https://www.lampadar.example/becuri-led",
                (
                    Keyword(
                        "becuri led",
                        "BROAD",
                        5,
                        0.33,
                        0.036,
                        640,
                        (
                            Term("bec led e27", 0.45, 0.018),
                            Term("becuri led auto h7", 0.35, 0.0),
                            Term("cum se schimba un bec led", 0.2, 0.001),
                        ),
                    ),
                ),
            ),
        ),
        share=0.41,
        lost_budget=0.15,
    ),
    Campaign(
        "Competitori – Search",
        12,
        (
            AdGroup(
                "Nume concurenți",
                "https://www.lampadar.example/",
                (
                    Keyword(
                        "corpuri iluminat casalux",
                        "PHRASE",
                        3,
                        0.88,
                        0.019,
                        330,
                        (Term("corpuri iluminat casalux", 0.7, 0.004), Term("casalux program", 0.3, 0.0)),
                    ),
                ),
            ),
        ),
        bidding="MANUAL_CPC",
        share=0.22,
        lost_budget=0.05,
    ),
    Campaign(
        "PMax – Toate produsele",
        26,
        (
            AdGroup(
                "Feed complet",
                "https://www.lampadar.example/lustre",
                (Keyword("(performance max)", "BROAD", 0, 0.29, 0.013, 4300, (Term("", 1.0, 0.024),)),),
            ),
        ),
        type="PERFORMANCE_MAX",
        share=0.5,
    ),
)

LAMPADAR = Shape(
    client=DEMO_CLIENTS[0],
    host="www.lampadar.example",
    growth=0.16,
    winter=0.14,
    black_friday=1.75,
    order=86.0,
    pages=_PAGES,
    steps=("/cos", "/comanda", "/multumim"),
    sources=_SOURCES,
    places=(
        ("Bucharest", 0.41),
        ("Cluj-Napoca", 0.15),
        ("Timisoara", 0.11),
        ("Iasi", 0.1),
        ("Brasov", 0.08),
        ("Chisinau", 0.06),
        ("Vienna", 0.05),
        ("Berlin", 0.04),
    ),
    campaigns=_CAMPAIGNS,
    incidents=(
        Incident("tracking_outage", -8, 2, 0.04, "The Analytics tag was missing after a theme update."),
        Incident("conversion_drop", -4, 5, 0.12, "The checkout failed on mobile.", device="mobile"),
        Incident("cpc_spike", -6, 40, 1.72, "A competitor raised its bids.", campaign="Competitori – Search"),
        Incident("organic_drop", -60, 9, 0.55, "Pages were left out of the index by mistake."),
    ),
)
