"""The price list, for programs and for people."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from billing.plans import PACKS, PLANS, Plan
from tests.support.web import Camarad

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based `config`")


async def test_programs_get_every_field_of_every_plan_and_pack(api: Camarad) -> None:
    answer = (await api.browser().get("/api/pricing/plans")).json()
    assert answer["currency"] == "EUR" and answer["tax"] == "excluded"
    assert answer["checkout"] == {"configured": False, "test_mode": False}
    renamed = {"price_eur_cents": "price_eur_cents_per_month"}
    for view, plan in zip(answer["plans"], PLANS, strict=True):
        for field in fields(Plan):
            assert view[renamed.get(field.name, field.name)] == getattr(plan, field.name), field.name
    assert [(pack["code"], pack["price_eur_cents"], pack["ct"]) for pack in answer["packs"]] == [
        (pack.code, pack.price_eur_cents, pack.ct) for pack in PACKS
    ]


@pytest.mark.parametrize(("language", "vat"), [("en", "without VAT"), ("ro", "fără TVA")])
async def test_people_see_every_price_with_a_word_on_vat(api: Camarad, language: str, vat: str) -> None:
    page = (await api.browser().page("/pricing", **{"Accept-Language": language})).text.replace("\xa0", " ")
    for record in (*PLANS, *PACKS):
        euros = str(record.price_eur_cents // 100)
        assert f"€{euros}<" in page if language == "en" else f"{euros} EUR<" in page
    assert vat in page


async def test_where_nothing_can_be_paid_nothing_is_offered(api: Camarad) -> None:
    for browser in (api.browser(), await api.sign_up()):
        page = (await browser.page("/pricing")).text
        assert "Nothing can be bought on this server yet." in page
        assert (
            "/settings/billing/" not in page
            and "form-action 'self';" in (await browser.page("/pricing")).headers["content-security-policy"]
        )
        assert len(re.findall("Cannot be bought here yet", page)) == len(PLANS) - 1 + len(PACKS)
