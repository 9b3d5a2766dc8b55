"""Code lists that packs and actors are checked against: ISO 3166 and PLOVER."""

from __future__ import annotations

from functools import cache

import pycountry

ACTOR_TYPES = frozenset(
    (
        "state",
        "government",
        "military",
        "armed_group",
        "igo",
        "ngo",
        "media",
        "person",
        "legislature",
        "organisation",
        "company",
        "group",
    )
)

PLOVER_INTERNATIONAL = {
    "UNO": "United Nations",
    "EUR": "European Union",
    "IGO": "other international governmental organisations",
    "NGO": "international non-governmental organisations",
    "ISM": "international social movements",
    "IMG": "international militarised groups",
    "MNC": "multinational corporations",
}
"""International actors stand in the place of the country (PLOVER manual, chapter on actors)."""

PLOVER_SECTORS = {
    "GOV": "government executive",
    "MIL": "armed forces",
    "REB": "rebels",
    "COP": "police and other internal security",
    "JUD": "judiciary",
    "LEG": "legislature",
    "SPY": "intelligence",
    "PRM": "paramilitary groups tied to a government",
    "PTY": "political parties",
    "UAF": "unidentified armed forces",
    "UNK": "unknown",
    "AGR": "agriculture",
    "BUS": "business",
    "CRM": "organised crime",
    "CVL": "civilians",
    "EDU": "education",
    "ELI": "elites",
    "JRN": "journalists and media",
    "LAB": "labour",
    "MED": "health",
    "REF": "refugees",
    "OPP": "opposition",
    "PRE": "prisoners",
    "REL": "religious groups",
    "SOC": "civil society",
}
"""Sectors of the PLOVER ontology (openeventdata/PLOVER)."""

SUBDIVISIONS = frozenset(division.code for division in pycountry.subdivisions)
"""All ISO 3166-2 codes."""


@cache
def alpha3(country: str) -> str | None:
    """ISO 3166-1 alpha-3 code of an alpha-2 code; Kosovo's user-assigned XK is XKX. None for an unknown code."""
    if country == "XK":
        return "XKX"
    known = pycountry.countries.get(alpha_2=country)
    return str(known.alpha_3) if known and country.isupper() else None


def is_alpha3(code: str) -> bool:
    """Whether a code is an ISO 3166-1 alpha-3 code, Kosovo's XKX among them."""
    return code == "XKX" or (code.isupper() and pycountry.countries.get(alpha_3=code) is not None)
