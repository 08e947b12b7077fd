"""Stripe's products, prices and features compared with the plans and packs, and made to fit them.

Everything may be done again: products have ids of our choosing, and each thing made has its own idempotency key.
"""

from __future__ import annotations

from dataclasses import dataclass

from billing.stripe import portal
from billing.stripe.catalog import (
    TAX,
    Difference,
    Found,
    Item,
    differences,
    items,
    needs_new_price,
)
from billing.stripe.client import PAGE, Obj, StripeApi
from billing.stripe.prices import CURRENCY, MARK
from billing.stripe.refused import NoSuchObject, Refused


@dataclass(frozen=True, slots=True)
class CatalogReport:
    """`differences` as they were found; `left` after they were mended, or all of them in a dry run. `notes` are prices
    on our products that this server neither sells nor touches."""

    differences: list[Difference]
    left: list[Difference]
    notes: list[str]
    applied: bool


class CatalogSync:
    def __init__(self, api: StripeApi) -> None:
        self._api = api

    async def run(self, *, apply: bool) -> CatalogReport:
        before, of_portal = await self._compare(), await self._portal()
        if apply:
            for item, found, differing in before:
                if differing:
                    await self._mend(item, found, differing)
            if await self._portal():  # new prices are to be chosen there too
                await portal.mend(self._api, await portal.find(self._api), portal.features(await self.prices()))
        after, left_of_portal = (await self._compare(), await self._portal()) if apply else (before, of_portal)
        return CatalogReport(
            [*(each for _, _, differing in before for each in differing), *of_portal],
            [*(each for _, _, differing in after for each in differing), *left_of_portal],
            [note for item, found, _ in after for note in await self._strays(item, found)],
            apply,
        )

    async def _portal(self) -> list[Difference]:
        return portal.differences(await portal.find(self._api), portal.features(await self.prices()))

    async def prices(self) -> dict[str, Obj]:
        """The prices that have the catalogue's lookup keys, archived ones too."""
        keys = [item.lookup_key for item in items()]
        found: list[Obj] = []
        for start in range(0, len(keys), 10):  # Stripe takes ten at a time
            some = {"lookup_keys": keys[start : start + 10], "limit": PAGE}
            found += await self._api.listed(lambda v1, some=some: v1.prices.list_async(some))  # type: ignore[misc]
        return {price["lookup_key"]: price for price in found}

    async def _compare(self) -> list[tuple[Item, Found, list[Difference]]]:
        prices = await self.prices()
        features = {each["lookup_key"]: each for each in await self._features()}
        compared = []
        for item in items():
            product = await self._product(item.product_id)
            found = Found(
                product=product,
                price=prices.get(item.lookup_key),
                features=frozenset(await self._features_of(item.product_id)) if product else frozenset(),
                feature=features.get(item.feature or ""),
            )
            compared.append((item, found, differences(item, found)))
        return compared

    async def _product(self, product_id: str) -> Obj | None:
        try:
            return await self._api.ask(lambda v1: v1.products.retrieve_async(product_id))
        except NoSuchObject:
            return None

    async def _features(self) -> list[Obj]:
        return await self._api.listed(lambda v1: v1.entitlements.features.list_async({"limit": PAGE}))

    async def _features_of(self, product_id: str) -> dict[str, str]:
        """Lookup keys of a product's features, with the ids under which they hang on it."""
        found = await self._api.listed(lambda v1: v1.products.features.list_async(product_id, {"limit": PAGE}))
        return {each["entitlement_feature"]["lookup_key"]: each["id"] for each in found}

    async def _strays(self, item: Item, found: Found) -> list[str]:
        if found.product is None:
            return []
        asked = {"product": item.product_id, "active": True, "limit": PAGE}
        prices = await self._api.listed(lambda v1: v1.prices.list_async(asked))
        return [
            f"{item.code}: the price {each['id']} on its product is not in the catalogue and is left alone"
            for each in prices
            if each.get("lookup_key") != item.lookup_key
        ]

    async def _mend(self, item: Item, found: Found, differing: list[Difference]) -> None:
        await self._mend_product(item, found.product)
        if needs_new_price(differing):
            await self._replace_price(item, found.price)
        elif found.price is not None and found.price["metadata"].get(MARK) != item.lookup_key:
            mark = {"metadata": {MARK: item.lookup_key}}
            price_id = found.price["id"]
            await self._api.ask(lambda v1: v1.prices.update_async(price_id, mark))
        await self._mend_features(item, found)

    async def _mend_product(self, item: Item, product: Obj | None) -> None:
        wanted = {"name": item.product_name, "active": True}
        if product is None:
            made = {**wanted, "id": item.product_id, "metadata": {"camarad_code": item.code}}
            try:
                await self._api.ask(lambda v1: v1.products.create_async(made, _key("product", item.product_id)))
            except Refused as error:
                if error.reason != "resource_already_exists":
                    raise
        elif any(product[name] != value for name, value in wanted.items()):
            await self._api.ask(lambda v1: v1.products.update_async(item.product_id, wanted))

    async def _replace_price(self, item: Item, old: Obj | None) -> None:
        """The new price takes the lookup key over before the old one is archived: at no moment is there none."""
        made: Obj = {
            "product": item.product_id,
            "currency": CURRENCY,
            "unit_amount": item.amount,
            "lookup_key": item.lookup_key,
            "transfer_lookup_key": True,
            "tax_behavior": TAX,
            "metadata": {MARK: item.lookup_key},
        }
        if item.interval:
            made["recurring"] = {"interval": item.interval}
        instead = str(old["id"]) if old else "none"
        key = _key("price", item.lookup_key, str(item.amount), instead)
        price = await self._api.ask(lambda v1: v1.prices.create_async(made, key))
        await self._api.ask(lambda v1: v1.products.update_async(item.product_id, {"default_price": price["id"]}))
        if old is not None and old["active"] and old["id"] != price["id"]:
            await self._api.ask(lambda v1: v1.prices.update_async(old["id"], {"active": False}))

    async def _mend_features(self, item: Item, found: Found) -> None:
        if item.feature is not None:
            feature = found.feature or await self._new_feature(item)
            if not feature["active"]:
                await self._api.ask(lambda v1: v1.entitlements.features.update_async(feature["id"], {"active": True}))
            if item.feature not in found.features:
                hang = {"entitlement_feature": feature["id"]}
                key = _key("product-feature", item.product_id, feature["id"])
                await self._api.ask(lambda v1: v1.products.features.create_async(item.product_id, hang, key))
        strange = found.features - {item.feature}
        if strange:
            ids = await self._features_of(item.product_id)
            for lookup_key in strange:
                await self._api.ask(
                    lambda v1, it=ids[lookup_key]: v1.products.features.delete_async(item.product_id, it)  # type: ignore[misc]
                )

    async def _new_feature(self, item: Item) -> Obj:
        made = {"name": item.product_name, "lookup_key": item.feature}
        key = _key("feature", str(item.feature))
        return await self._api.ask(lambda v1: v1.entitlements.features.create_async(made, key))


def _key(*words: str) -> dict[str, str]:
    return {"idempotency_key": ":".join(("camarad", *words))}
