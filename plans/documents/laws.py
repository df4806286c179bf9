"""What the law of each market adds to the documents: sheets before consent, the right to withdraw, who supervises, who decides."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from markets.queries import document_settings, find_setting
from plans.documents.facts import Law, SheetKind

# Directive (EU) 2023/2225, art. 26 and Consumer Credit Act 1974, s. 66A. Used if a market has no dated setting of its own.
WITHDRAWAL_DAYS = {"EU": 14, "UK": 14}
_SHEETS: dict[str, SheetKind] = {
    "disclosure.standard_information": "standard",
    "disclosure.key_product_information": "key",
    "disclosure.closed_end": "lending",
}


@dataclass(frozen=True, slots=True)
class Places:
    """The supervisor and the complaints body of a market, each with its web page; `complaint` is the sentence about the complaints body."""

    supervisor: str
    supervisor_page: str
    complaint: Any
    decider: str
    decider_page: str


PLACES = {
    "US": Places(
        "Consumer Financial Protection Bureau",
        "https://www.consumerfinance.gov",
        _("You can also complain to the Consumer Financial Protection Bureau."),
        "consumerfinance.gov/complaint",
        "https://www.consumerfinance.gov/complaint",
    ),
    "GB": Places(
        "Financial Conduct Authority",
        "https://www.fca.org.uk",
        _("If we do not agree, the Financial Ombudsman Service decides free of charge."),
        "financial-ombudsman.org.uk",
        "https://www.financial-ombudsman.org.uk",
    ),
    "DK": Places(
        "Finanstilsynet",
        "https://www.finanstilsynet.dk",
        _("If we do not agree, turn to Det finansielle ankenævn."),
        "fanke.dk",
        "https://fanke.dk",
    ),
    "SE": Places(
        "Finansinspektionen",
        "https://www.fi.se",
        _("If we do not agree, turn to Allmänna reklamationsnämnden."),
        "arn.se",
        "https://www.arn.se",
    ),
    "DE": Places(
        "Bundesanstalt für Finanzdienstleistungsaufsicht (BaFin)",
        "https://www.bafin.de",
        _("If we do not agree, turn to the arbitration board of Deutsche Bundesbank."),
        "bundesbank.de/schlichtungsstelle",
        "https://www.bundesbank.de/schlichtungsstelle",
    ),
    "AU": Places(
        "Australian Securities and Investments Commission",
        "https://asic.gov.au",
        _("If we do not agree, the Australian Financial Complaints Authority decides free of charge."),
        "afca.org.au",
        "https://www.afca.org.au",
    ),
}
"""By market; a market without an entry names none. Which supervisor it is depends on the lender's license: its lawyer confirms it."""


def law_of(market_code: str, law: str, on: date, *, count: int, cost_minor: int) -> Law:
    """Return what a market's law requires on a date for a credit with `count` payments that costs `cost_minor`; one query."""
    settings = document_settings(market_code, on)
    sheet: SheetKind = ""
    for key, kind in _SHEETS.items():
        if key in settings and (kind != "lending" or cost_minor or count > settings[key]["installments_above"]):
            sheet = kind
    return Law(market_code, int(settings.get("withdrawal.days", WITHDRAWAL_DAYS.get(law, 0))), sheet)


def withdrawal_days(market_code: str, law: str, on: date) -> int:
    """Return the number of days for withdrawing from an agreement made on a date; 0 where the law has no right of withdrawal."""
    setting = find_setting(market_code, "withdrawal.days", on)
    return int(setting.value) if setting else WITHDRAWAL_DAYS.get(law, 0)
