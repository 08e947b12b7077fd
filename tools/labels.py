"""Titles and labels in Romanian, and putting them on a finished result; the English ones are in the tools."""

from __future__ import annotations

from tools.blocks import Block, ChartBlock, Column, MetricBlock, TableBlock
from tools.result import ToolResult

LABELS_RO = {
    "Active users": "Utilizatori activi",
    "Total users": "Total utilizatori",
    "New users": "Utilizatori noi",
    "Users": "Utilizatori",
    "Sessions": "Sesiuni",
    "Engaged sessions": "Sesiuni cu implicare",
    "Engagement rate": "Rata de implicare",
    "Bounce rate": "Rata de respingere",
    "Average session duration": "Durata medie a sesiunii",
    "Engagement time": "Timp de implicare",
    "Views": "Afișări de pagină",
    "Views per session": "Afișări pe sesiune",
    "Events": "Evenimente",
    "Events per user": "Evenimente pe utilizator",
    "Event value": "Valoarea evenimentelor",
    "Key events": "Evenimente cheie",
    "Session key event rate": "Rata evenimentelor cheie pe sesiune",
    "User key event rate": "Rata evenimentelor cheie pe utilizator",
    "Revenue": "Venituri",
    "Purchase revenue": "Venituri din achiziții",
    "Transactions": "Tranzacții",
    "Purchases": "Achiziții",
    "Average purchase revenue": "Venit mediu pe achiziție",
    "Adds to cart": "Adăugări în coș",
    "Checkouts": "Finalizări începute",
    "Impressions": "Afișări",
    "Clicks": "Clicuri",
    "CTR": "CTR",
    "Cost": "Cost",
    "Average CPC": "CPC mediu",
    "Conversions": "Conversii",
    "Conversion rate": "Rata de conversie",
    "Cost per conversion": "Cost pe conversie",
    "Conversion value": "Valoarea conversiilor",
    "ROAS": "ROAS",
    "Search impression share": "Cota de afișări în căutare",
    "Impression share lost to budget": "Cota de afișări pierdută din buget",
    "Impression share lost to rank": "Cota de afișări pierdută din rang",
    "Date": "Data",
    "Page": "Pagina",
    "Page title": "Titlul paginii",
    "Title": "Titlu",
    "Landing page": "Pagina de destinație",
    "Channel": "Canal",
    "First channel": "Primul canal",
    "Source / medium": "Sursă / mediu",
    "Source": "Sursă",
    "Campaign": "Campanie",
    "Device": "Dispozitiv",
    "Country": "Țară",
    "City": "Oraș",
    "Browser": "Browser",
    "Operating system": "Sistem de operare",
    "New or returning": "Nou sau revenit",
    "Age": "Vârstă",
    "Gender": "Gen",
    "Event": "Eveniment",
    "Step": "Pas",
    "Share of the step before": "Din pasul anterior",
    "Share of the first step": "Din primul pas",
    "Status": "Stare",
    "State": "Stare",
    "Reason": "Motiv",
    "Type": "Tip",
    "Ad group": "Grup de anunțuri",
    "Keyword": "Cuvânt cheie",
    "Match type": "Tip de potrivire",
    "Quality score": "Scor de calitate",
    "Search term": "Termen de căutare",
    "Share of spend": "Din cheltuială",
    "Daily budget": "Buget zilnic",
    "Month budget": "Bugetul lunii",
    "Spent": "Cheltuit",
    "Projected": "Proiecție",
    "Spent share": "Cheltuit din buget",
    "Projected share": "Proiecție din buget",
    "Metric": "Indicator",
    "Value": "Valoare",
    "Usual": "De obicei",
    "Main cause": "Cauza principală",
    "Account": "Cont",
    "Account id": "Id cont",
    "Currency": "Moneda",
    "Time zone": "Fus orar",
    "Connection": "Conexiune",
}

TITLES_RO = {
    "GA4 overview": "Privire de ansamblu GA4",
    "Google Ads overview": "Privire de ansamblu Google Ads",
    "Top pages": "Cele mai vizitate pagini",
    "Organic landing pages": "Pagini de destinație din căutarea organică",
    "Organic search traffic": "Trafic din căutarea organică",
    "Organic search": "Căutarea organică",
    "Organic sessions": "Sesiuni organice",
    "Events": "Evenimente",
    "Traffic": "Trafic",
    "Audience": "Public",
    "Last 30 minutes": "Ultimele 30 de minute",
    "Campaigns": "Campanii",
    "Ad groups": "Grupuri de anunțuri",
    "Keywords": "Cuvinte cheie",
    "Search terms": "Termeni de căutare",
    "Search terms with cost and no conversion": "Termeni de căutare cu cost și fără conversii",
    "Cost without conversions": "Cost fără conversii",
    "Budget pacing this month": "Ritmul bugetelor în această lună",
    "Unusual days in Google Ads": "Zile neobișnuite în Google Ads",
    "Connections of this client": "Conexiunile acestui client",
    "CT balance": "Sold CT",
    "day": "zi",
    "page": "pagină",
    "channel": "canal",
    "source medium": "sursă și mediu",
    "campaign": "campanie",
    "first channel": "primul canal",
    "ad group": "grup de anunțuri",
    "search term": "termen de căutare",
    "landing page": "pagină de destinație",
    "country": "țară",
    "city": "oraș",
    "device": "dispozitiv",
    "browser": "browser",
    "operating system": "sistem de operare",
    "new or returning": "noi sau reveniți",
    "age": "vârstă",
    "gender": "gen",
    "event": "eveniment",
}


TABS_RO = {
    "Overview": "Privire de ansamblu",
    "Pages": "Pagini",
    "Traffic sources": "Surse de trafic",
    "Funnels": "Pâlnii",
    "Realtime": "În timp real",
    "Budgets": "Bugete",
    "Metrics": "Indicatori",
    "Changes": "Modificări",
    "Totals": "Total",
    "By day": "Pe zile",
    "Channels": "Canale",
    "Devices": "Dispozitive",
    "Countries": "Țări",
    "Landing pages": "Pagini de destinație",
    "Sources and mediums": "Surse și medii",
    "Channels that first brought the users": "Canalele care au adus prima dată utilizatorii",
    "From visit to purchase": "De la vizită la achiziție",
    "New and returning": "Noi și reveniți",
    "Countries and cities": "Țări și orașe",
    "Devices, systems and browsers": "Dispozitive, sisteme și browsere",
    "Last 30 minutes": "Ultimele 30 de minute",
    "Users by page, country and device": "Utilizatori pe pagină, țară și dispozitiv",
    "Time": "Ora",
    "Changed by": "Modificat de",
    "What changed": "Ce s-a modificat",
    "Operation": "Operațiune",
    "Field": "Câmp",
    "Before": "Înainte",
    "After": "După",
    "Completed": "Finalizate",
    "Completion rate": "Rata de finalizare",
    "Budget of the period": "Bugetul perioadei",
    "Budget used": "Buget folosit",
    "Session start": "Început de sesiune",
    "View item": "Produs văzut",
    "Add to cart": "Adăugare în coș",
    "Begin checkout": "Început de comandă",
    "Purchase": "Achiziție",
}


def label(english: str) -> str:
    """The Romanian of a label or title; what has no translation stays as it is."""
    known = LABELS_RO.get(english) or TITLES_RO.get(english) or TABS_RO.get(english)
    if known is not None:
        return known
    for ending, romanian in ((" before", " înainte"), (" change", " (variație)"), (" there", " acolo")):
        if english.endswith(ending):
            return label(english.removesuffix(ending)) + romanian
    what, by, how = english.partition(" by ")
    if by:
        return f"{label(what)} după {label(how)}"
    if ", " in english:
        return ", ".join(each if n == 0 else each.lower() for n, each in enumerate(map(label, english.split(", "))))
    below = LABELS_RO.get(english.capitalize())
    return below.lower() if below is not None else english


def in_romanian(result: ToolResult) -> ToolResult:
    columns = [_column(column) for column in result.columns]
    return result.model_copy(
        update={"title": label(result.title), "columns": columns, "blocks": [_block(b, columns) for b in result.blocks]}
    )


def _column(column: Column) -> Column:
    return column.model_copy(update={"label": label(column.label)})


def _block(block: Block, columns: list[Column]) -> Block:
    if isinstance(block, MetricBlock):
        return block.model_copy(update={"label": label(block.label)})
    if isinstance(block, TableBlock):
        return block.model_copy(update={"title": label(block.title), "columns": columns})
    if isinstance(block, ChartBlock):
        series = [each.model_copy(update={"label": label(each.label)}) for each in block.series]
        return block.model_copy(update={"title": label(block.title), "series": series})
    return block
