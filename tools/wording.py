"""The sentences of findings in both languages. Models get them as they are."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {
    "empty": {
        "en": "No data from {start} to {end}: the account answered and recorded nothing that fits. This is no error.",
        "ro": "Nu există date între {start} și {end}: contul a răspuns, dar nu a înregistrat nimic potrivit. Nu este "
        "o eroare.",
    },
    "no_past": {
        "en": "There is no data in the period compared with, {start} to {end}.",
        "ro": "Nu există date în perioada de comparație, {start} – {end}.",
    },
    "empty_now": {
        "en": "Nobody was active in the last 30 minutes. This is not an error.",
        "ro": "Nimeni nu a fost activ în ultimele 30 de minute. Nu este o eroare.",
    },
    "moved": {
        "en": "{what}: {metric} {now} against {before} ({change}).",
        "ro": "{what}: {metric} {now} față de {before} ({change}).",
    },
    "appeared": {
        "en": "{what}: {metric} {now}, none in the period before.",
        "ro": "{what}: {metric} {now}, zero în perioada dinainte.",
    },
    "share": {
        "en": "{what} makes up {share} of {metric}.",
        "ro": "{what} reprezintă {share} din {metric}.",
    },
    "days": {
        "en": "Best day for {metric}: {best} ({best_value}); weakest: {worst} ({worst_value}).",
        "ro": "Cea mai bună zi pentru {metric}: {best} ({best_value}); cea mai slabă: {worst} ({worst_value}).",
    },
    "weak_page": {
        "en": "{what} engages {rate} of its {sessions} sessions, against {whole} for all landing pages.",
        "ro": "{what} implică {rate} din cele {sessions} sesiuni, față de {whole} pe toate paginile de destinație.",
    },
    "funnel_loss": {
        "en": "Most users are lost between {step} and {next}: {lost} ({share} of that step).",
        "ro": "Cei mai mulți utilizatori se pierd între {step} și {next}: {lost} ({share} din acel pas).",
    },
    "funnel_silent": {
        "en": "No user reached these steps; the events may not be recorded: {events}.",
        "ro": "Niciun utilizator nu a ajuns la acești pași; poate că evenimentele nu se înregistrează: {events}.",
    },
    "funnel_segment": {
        "en": "{by} {what}: {last} of {first} users finish ({share}).",
        "ro": "{by} {what}: {last} din {first} utilizatori ajung la final ({share}).",
    },
    "waste": {
        "en": "{count} search terms cost {cost} and brought no conversion: {share} of the {spend} spent.",
        "ro": "{count} termeni de căutare au costat {cost} fără nicio conversie: {share} din {spend} cheltuiți.",
    },
    "waste_one": {
        "en": "One search term cost {cost} and brought no conversion: {share} of the {spend} spent.",
        "ro": "Un termen de căutare a costat {cost} fără nicio conversie: {share} din {spend} cheltuiți.",
    },
    "waste_none": {
        "en": "No search term with a cost of {minimum} or more was without a conversion.",
        "ro": "Niciun termen de căutare cu un cost de cel puțin {minimum} nu a rămas fără conversii.",
    },
    "terms_none": {
        "en": "Google shows no search term for the {spend} spent.",
        "ro": "Google nu arată niciun termen de căutare pentru {spend} cheltuiți.",
    },
    "waste_top": {
        "en": "Largest: {terms}.",
        "ro": "Cei mai mari: {terms}.",
    },
    "waste_negative": {
        "en": "Before excluding a term check that it is not new and that its conversions are not delayed.",
        "ro": "Înainte de a exclude un termen, verificați că nu este nou și că nu are conversii întârziate.",
    },
    "terms_cover": {
        "en": "Google shows search terms for {share} of the spend; the rest is hidden or has no search term.",
        "ro": "Google arată termenii de căutare pentru {share} din cheltuială; restul este ascuns sau nu are termen.",
    },
    "expensive": {
        "en": "{what}: cost per conversion {cpa}, against {whole} overall.",
        "ro": "{what}: cost pe conversie {cpa}, față de {whole} în total.",
    },
    "no_conversions": {
        "en": "{what} cost {cost} ({share} of the spend) without a conversion.",
        "ro": "{what} a costat {cost} ({share} din cheltuială) fără nicio conversie.",
    },
    "lost_to_budget": {
        "en": "{what} loses {share} of its search impressions to its budget.",
        "ro": "{what} pierde {share} din afișările în căutare din cauza bugetului.",
    },
    "low_quality": {
        "en": "Keywords with a quality score of 4 or less cost {cost} ({share} of the listed spend): {words}.",
        "ro": "Cuvintele cheie cu scor de calitate de cel mult 4 au costat {cost} ({share} din cheltuiala listată): "
        "{words}.",
    },
    "pacing": {
        "en": "Spent {spent} by {through}, {share} of the month's {budget}; at the last 7 days' pace the month ends at "
        "{projected} ({end_share} of the budget).",
        "ro": "S-au cheltuit {spent} până la {through}, {share} din cei {budget} ai lunii; în ritmul ultimelor 7 zile "
        "luna se încheie la {projected} ({end_share} din buget).",
    },
    "over": {
        "en": "{what} is on course for {share} of its budget.",
        "ro": "{what} se îndreaptă spre {share} din buget.",
    },
    "under": {
        "en": "{what} is on course for only {share} of its budget.",
        "ro": "{what} se îndreaptă spre doar {share} din buget.",
    },
    "month_start": {
        "en": "The month has no complete day yet, so there is nothing to project from.",
        "ro": "Luna nu are încă nicio zi încheiată, deci nu există din ce proiecta.",
    },
    "anomaly": {
        "en": "{day}{where}: {metric} {now}, usually {usual} on that weekday (z {z}).{cause}",
        "ro": "{day}{where}: {metric} {now}, de obicei {usual} în acea zi a săptămânii (z {z}).{cause}",
    },
    "where": {
        "en": " in {what}",
        "ro": " în {what}",
    },
    "cause": {
        "en": " Mostly from {what}: {now}, usually {usual}.",
        "ro": " Mai ales din {what}: {now}, de obicei {usual}.",
    },
    "anomaly_none": {
        "en": "No day stands out against the same weekdays of the {weeks} weeks before.",
        "ro": "Nicio zi nu iese în evidență față de aceleași zile ale săptămânii din cele {weeks} săptămâni dinainte.",
    },
    "history_short": {
        "en": "There are too few earlier weeks to judge some of the days.",
        "ro": "Sunt prea puține săptămâni anterioare pentru a judeca unele zile.",
    },
    "balance": {
        "en": "{available} CT can be used now; {left} CT of today's limit are left.",
        "ro": "{available} CT pot fi folosite acum; din limita de azi au rămas {left} CT.",
    },
}
