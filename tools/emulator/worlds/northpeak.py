"""An outdoor shop in the United States, paid in USD: the largest ad account, no Analytics."""

from __future__ import annotations

from tools.emulator.agency import DEMO_CLIENTS
from tools.emulator.worlds.shape import AdGroup, Campaign, Incident, Keyword, Shape, Term

_SITE = "https://shop.northpeak.example"

NORTHPEAK = Shape(
    client=DEMO_CLIENTS[3],
    host="shop.northpeak.example",
    growth=0.08,
    winter=0.18,
    black_friday=2.2,
    order=134.0,
    devices=(0.55, 0.4, 0.05),
    campaigns=(
        Campaign(
            "US | Brand",
            110,
            (
                AdGroup(
                    "Brand core",
                    f"{_SITE}/",
                    (
                        Keyword(
                            "northpeak",
                            "EXACT",
                            10,
                            0.42,
                            0.29,
                            560,
                            (Term("northpeak outfitters", 0.75, 0.094), Term("northpeak return policy", 0.25, 0.004)),
                        ),
                    ),
                ),
            ),
            bidding="TARGET_IMPRESSION_SHARE",
            share=0.95,
            lost_budget=0.01,
        ),
        Campaign(
            "US | Tents",
            420,
            (
                AdGroup(
                    "Family tents",
                    f"{_SITE}/tents",
                    (
                        Keyword(
                            "family tent",
                            "PHRASE",
                            7,
                            1.31,
                            0.046,
                            3100,
                            (
                                Term("family camping tent 6 person", 0.5, 0.029),
                                Term("tent rental near me", 0.3, 0.0),
                                Term("party tent", 0.2, 0.002),
                            ),
                        ),
                        Keyword(
                            "backpacking tent",
                            "EXACT",
                            9,
                            1.62,
                            0.058,
                            1250,
                            (Term("backpacking tent", 0.7, 0.036), Term("ultralight backpacking tent", 0.3, 0.041)),
                        ),
                    ),
                ),
            ),
            share=0.44,
            lost_budget=0.37,
        ),
        Campaign(
            "US | Jackets",
            300,
            (
                AdGroup(
                    "Rain jackets",
                    f"{_SITE}/jackets",
                    (
                        Keyword(
                            "rain jacket",
                            "BROAD",
                            6,
                            0.98,
                            0.038,
                            3600,
                            (
                                Term("waterproof rain jacket mens", 0.5, 0.024),
                                Term("rain jacket repair kit", 0.2, 0.001),
                                Term("dog rain jacket", 0.3, 0.0),
                            ),
                        ),
                    ),
                ),
                AdGroup(
                    "Down jackets",
                    f"{_SITE}/jackets",
                    (
                        Keyword(
                            "down jacket",
                            "PHRASE",
                            8,
                            1.12,
                            0.05,
                            1500,
                            (Term("womens down jacket", 0.6, 0.033), Term("how to wash a down jacket", 0.4, 0.0)),
                        ),
                    ),
                ),
            ),
            share=0.39,
            lost_budget=0.22,
        ),
        Campaign(
            "US | PMax Shopping",
            350,
            (
                AdGroup(
                    "All products",
                    f"{_SITE}/",
                    (Keyword("(performance max)", "BROAD", 0, 0.56, 0.011, 46000, (Term("", 1.0, 0.021),)),),
                ),
            ),
            type="PERFORMANCE_MAX",
        ),
        Campaign(
            "US | Competitors",
            60,
            (
                AdGroup(
                    "Competitor names",
                    f"{_SITE}/",
                    (
                        Keyword(
                            "summit gear tents",
                            "PHRASE",
                            3,
                            1.9,
                            0.021,
                            1100,
                            (Term("summit gear tents sale", 0.8, 0.005), Term("summit gear garage sale", 0.2, 0.0)),
                        ),
                    ),
                ),
            ),
            bidding="MANUAL_CPC",
            share=0.18,
        ),
    ),
    incidents=(
        Incident("cpc_spike", -2, 30, 1.6, "Holiday bids rose early.", campaign="US | Tents"),
        Incident("conversion_drop", -7, 3, 0.15, "The payment page timed out."),
    ),
)
