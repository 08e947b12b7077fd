"""What metrics are called in sentences, and which way is good. Unknown ones are told by their own label."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.embedded.schema import spaced


@dataclass(frozen=True, slots=True)
class Metric:
    """`ro` carries its article; `good` is +1 when more is better, -1 when less is, 0 when it depends."""

    en: str
    ro: str
    plural: bool = False
    good: int = 0
    short_ro: str = ""
    concept: str = ""


METRICS = {
    "cost": Metric("cost", "costul", good=0, short_ro="cost", concept="cost"),
    "clicks": Metric("clicks", "clicurile", True, 1, "clicuri", "clicks"),
    "impressions": Metric("impressions", "afișările", True, 1, "afișări", "impressions"),
    "ctr": Metric("CTR", "CTR-ul", good=1, short_ro="CTR", concept="ctr"),
    "avg_cpc": Metric("average CPC", "CPC-ul mediu", good=-1, short_ro="CPC mediu", concept="cpc"),
    "conversions": Metric("conversions", "conversiile", True, 1, "conversii", "conversions"),
    "conversion_rate": Metric(
        "conversion rate", "rata de conversie", good=1, short_ro="rata de conversie", concept="conversion_rate"
    ),
    "cpa": Metric("cost per conversion", "costul pe conversie", good=-1, short_ro="cost pe conversie", concept="cpa"),
    "conversion_value": Metric(
        "conversion value", "valoarea conversiilor", good=1, short_ro="valoarea conversiilor", concept="revenue"
    ),
    "roas": Metric("ROAS", "ROAS-ul", good=1, short_ro="ROAS", concept="roas"),
    "sessions": Metric("sessions", "sesiunile", True, 1, "sesiuni", "sessions"),
    "activeusers": Metric("active users", "utilizatorii activi", True, 1, "utilizatori activi", "users"),
    "totalusers": Metric("total users", "utilizatorii", True, 1, "utilizatori", "users"),
    "newusers": Metric("new users", "utilizatorii noi", True, 1, "utilizatori noi", "new_users"),
    "engagedsessions": Metric(
        "engaged sessions", "sesiunile cu implicare", True, 1, "sesiuni cu implicare", "engagement"
    ),
    "engagementrate": Metric(
        "engagement rate", "rata de implicare", good=1, short_ro="rata de implicare", concept="engagement"
    ),
    "bouncerate": Metric("bounce rate", "rata de respingere", good=-1, short_ro="rata de respingere", concept="bounce"),
    "averagesessionduration": Metric(
        "average session duration",
        "durata medie a sesiunii",
        good=1,
        short_ro="durata medie a sesiunii",
        concept="duration",
    ),
    "screenpageviews": Metric("page views", "afișările de pagină", True, 1, "afișări de pagină", "pageviews"),
    "keyevents": Metric("key events", "evenimentele cheie", True, 1, "evenimente cheie", "conversions"),
    "totalrevenue": Metric("revenue", "veniturile", True, 1, "venituri", "revenue"),
    "purchaserevenue": Metric(
        "purchase revenue", "veniturile din achiziții", True, 1, "venituri din achiziții", "revenue"
    ),
    "transactions": Metric("transactions", "tranzacțiile", True, 1, "tranzacții", "purchases"),
    "ecommercepurchases": Metric("purchases", "achizițiile", True, 1, "achiziții", "purchases"),
    "averagepurchaserevenue": Metric(
        "average revenue of a purchase",
        "venitul mediu pe achiziție",
        good=1,
        short_ro="venit mediu pe achiziție",
        concept="order_value",
    ),
    "userengagementduration": Metric(
        "engagement time", "timpul de implicare", good=1, short_ro="timp de implicare", concept="engagement"
    ),
    "completed": Metric(
        "users at the last step", "utilizatorii de la ultimul pas", True, 1, "utilizatori la ultimul pas", ""
    ),
    "completion_rate": Metric("completion rate", "rata de finalizare", good=1, short_ro="rata de finalizare"),
    "sessionkeyeventrate": Metric(
        "key event rate of sessions",
        "rata evenimentelor cheie pe sesiune",
        good=1,
        short_ro="rata evenimentelor cheie pe sesiune",
        concept="conversion_rate",
    ),
    "quality_score": Metric(
        "quality score", "scorul de calitate", good=1, short_ro="scor de calitate", concept="quality_score"
    ),
    "eventcount": Metric("events", "evenimentele", True, 0, "evenimente", "events"),
}
_ALIASES = {
    "spend": "cost",
    "spent": "cost",
    "costperconversion": "cpa",
    "cpc": "avg_cpc",
    "averagecpc": "avg_cpc",
    "conversionvalue": "conversion_value",
    "conversionrate": "conversion_rate",
    "conversionsvalue": "conversion_value",
    "users": "totalusers",
    "revenue": "totalrevenue",
    "views": "screenpageviews",
    "pageviews": "screenpageviews",
    "purchases": "ecommercepurchases",
    "avgcpc": "avg_cpc",
    "costperacquisition": "cpa",
    "orders": "transactions",
}
_LABELS_RO = {
    "campaign": "campanie",
    "ad group": "grup de anunțuri",
    "keyword": "cuvânt cheie",
    "search term": "termen de căutare",
    "page": "pagină",
    "landing page": "pagină de destinație",
    "channel": "canal",
    "source": "sursă",
    "source / medium": "sursă / mediu",
    "country": "țară",
    "city": "oraș",
    "device": "dispozitiv",
    "date": "dată",
    "event": "eveniment",
    "status": "stare",
    "share of spend": "pondere în cheltuială",
    "account cost": "costul contului",
    "wasted terms": "termeni irosiți",
    "daily budget": "buget zilnic",
    "month budget": "bugetul lunii",
    "spent": "cheltuit",
    "projected": "proiecție",
    "quality score": "scor de calitate",
    "search impression share": "cota de afișări în căutare",
    "balance ct": "sold CT",
    "held ct": "CT rezervate",
    "spent today ct": "CT cheltuite azi",
    "daily cap ct": "plafon zilnic CT",
    "available ct": "CT disponibile",
    "left today ct": "CT rămase azi",
    "plan": "plan",
    "connection": "conexiune",
    "state": "stare",
    "account": "cont",
    "currency": "monedă",
    "time zone": "fus orar",
    "value": "valoare",
    "name": "nume",
    "amount": "sumă",
    "total": "total",
    "count": "număr",
    "price": "preț",
    "stock": "stoc",
    "product": "produs",
    "customer": "client",
    "title": "titlu",
    "quantity": "cantitate",
    "type": "tip",
    "id": "id",
    "subscribers": "abonați",
}


def known(name: str) -> Metric | None:
    key = re.sub(r"[\s]", "", name)
    low = key.lower()
    return METRICS.get(low) or METRICS.get(_ALIASES.get(low.replace("_", ""), "")) or METRICS.get(low.replace("_", ""))


def called(name: str, label: str, language: str) -> str:
    """The metric as a noun of a list: `cost per conversion`, `cost pe conversie`."""
    if metric := known(name):
        return metric.en if language == "en" else metric.short_ro
    return label_in(label or spaced(name), language)


def subject(name: str, label: str, language: str) -> str:
    """The metric as the subject of a sentence: `Cost per conversion`, `Costul pe conversie`."""
    metric = known(name)
    text = (metric.en if language == "en" else metric.ro) if metric else label_in(label or spaced(name), language)
    return text[:1].upper() + text[1:]


def label_in(label: str, language: str) -> str:
    text = label if label[:2].isupper() or any(c.isupper() for c in label[1:]) else label[:1].lower() + label[1:]
    return text if language == "en" else _LABELS_RO.get(text.lower(), text)


def is_plural(name: str) -> bool:
    metric = known(name)
    return bool(metric and metric.plural)


_ONE_RO = {
    "clicks": "clic", "impressions": "afișare", "conversions": "conversie", "sessions": "sesiune",
    "activeusers": "utilizator activ", "totalusers": "utilizator", "newusers": "utilizator nou",
    "screenpageviews": "afișare de pagină", "keyevents": "eveniment cheie", "transactions": "tranzacție",
    "eventcount": "eveniment", "ecommercepurchases": "achiziție",
}  # fmt: skip


def singular(name: str, count: float, plural: str, language: str) -> str:
    """`1 conversion`, `1 conversie`; the plural for any other count."""
    if count != 1:
        return plural
    if language == "ro":
        return _ONE_RO.get(name.lower(), plural)
    return plural[:-1] if plural.endswith("s") else plural


def goodness(name: str) -> int:
    metric = known(name)
    return metric.good if metric else 0


def concept_of(name: str) -> str:
    metric = known(name)
    return metric.concept if metric else ""
