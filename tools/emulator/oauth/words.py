"""The page's words, English and Romanian. Google's product names stay."""

from __future__ import annotations

from tools.emulator.oauth.scopes import ADS, ANALYTICS, EMAIL, OPENID, PROFILE

Words = dict[str, str]

WORDS: dict[str, Words] = {
    "en": {
        "title": "Sign in – Demo Google",
        "brand": "Demo Google",
        "made_up": "Made-up data, no real account. Nothing here reaches Google.",
        "wants": "{name} wants to use a demo account",
        "back_to": "Afterwards you go back to {host}.",
        "account": "Choose an account",
        "scopes": "What {name} may do",
        "identity": "{name} learns {what}.",
        "email": "the account's e-mail address",
        "email_profile": "the account's e-mail address and name",
        "subject": "the account's number",
        "optional": "Untick what you do not want to allow. You can take it back later by disconnecting.",
        "allowed_before": "allowed before",
        "allow": "Allow",
        "deny": "Deny",
        "every_client": "Manager of the demo agency: every property, every Ads account",
        "other_clients": "Manager of another agency: managers under managers, closed accounts",
        "analytics_only": "Reads every property, has no Ads account",
        "one_client": "Works for one client: its own property and Ads account",
        "nothing": "Has neither a property nor an Ads account",
        "unverified": "Its e-mail address was never confirmed; it sees nothing",
        "problem_title": "Access blocked – Demo Google",
        "problem": "Access blocked: the request is not valid",
        "problem_about": "The program that sent you here asked for something this demo of Google cannot give. "
        "Go back and try again; if it happens again, tell whoever runs the program.",
        "error": "Error {status}: {code}",
        ANALYTICS: "See and download your Google Analytics data",
        ADS: "See, edit, create, and delete your Google Ads accounts and data",
        f"{ANALYTICS} about": "Properties, reports and realtime. Nothing is changed.",
        f"{ADS} about": "Accounts, campaigns, costs and search terms. Google has no read-only permission for Ads.",
    },
    "ro": {
        "title": "Conectare – Google demonstrativ",
        "brand": "Google demonstrativ",
        "made_up": "Date inventate, niciun cont real. Nimic de aici nu ajunge la Google.",
        "wants": "{name} vrea să folosească un cont demonstrativ",
        "back_to": "Apoi te întorci la {host}.",
        "account": "Alege un cont",
        "scopes": "Ce poate face {name}",
        "identity": "{name} află {what}.",
        "email": "adresa de e-mail a contului",
        "email_profile": "adresa de e-mail și numele contului",
        "subject": "numărul contului",
        "optional": "Debifează ce nu vrei să permiți. Poți retrage acordul mai târziu, prin deconectare.",
        "allowed_before": "permis anterior",
        "allow": "Permite",
        "deny": "Refuză",
        "every_client": "Managerul agenției demonstrative: toate proprietățile, toate conturile Ads",
        "other_clients": "Managerul altei agenții: manageri sub manageri, conturi închise",
        "analytics_only": "Citește toate proprietățile, nu are niciun cont Ads",
        "one_client": "Lucrează pentru un client: proprietatea și contul lui Ads",
        "nothing": "Nu are nicio proprietate și niciun cont Ads",
        "unverified": "Adresa lui de e-mail nu a fost confirmată; nu vede nimic",
        "problem_title": "Acces blocat – Google demonstrativ",
        "problem": "Acces blocat: cererea nu este validă",
        "problem_about": "Programul care te-a trimis aici a cerut ceva ce acest Google demonstrativ nu poate da. "
        "Întoarce-te și încearcă din nou; dacă se repetă, anunță-l pe cel care administrează programul.",
        "error": "Eroare {status}: {code}",
        ANALYTICS: "Să vadă și să descarce datele tale Google Analytics",
        ADS: "Să vadă, să modifice, să creeze și să șteargă conturile și datele tale Google Ads",
        f"{ANALYTICS} about": "Proprietăți, rapoarte și timp real. Nu schimbă nimic.",
        f"{ADS} about": "Conturi, campanii, costuri și termeni de căutare. "
        "Pentru Ads, Google nu are o permisiune doar de citire.",
    },
}


def of_identity(scopes: tuple[str, ...]) -> str | None:
    """Which words say what signing in tells the program; None when it is told nothing."""
    if PROFILE in scopes:
        return "email_profile"
    if EMAIL in scopes:
        return "email"
    return "subject" if OPENID in scopes else None
