"""The pretended bank's account and movements in the form of Plaid's."""

from datetime import date
from typing import Any

from sandbox.bank_lives import Line, balance_of, currency_of, factor_of
from sandbox.bank_lives import movements as lived

ACCOUNT = "acc_everyday"


def account_of(country: str, life: str) -> dict[str, Any]:
    """The account of a life, in the form of Plaid's."""
    currency = currency_of(country)
    balance = balance_of(country, life)
    return {
        "account_id": ACCOUNT,
        "balances": {
            "available": balance,
            "current": balance,
            "limit": None,
            "iso_currency_code": currency,
            "unofficial_currency_code": None,
        },
        "mask": "0000",
        "name": "Everyday account",
        "official_name": None,
        "type": "depository",
        "subtype": "checking",
    }


def movements(life: str, country: str, today: date) -> list[dict[str, Any]]:
    """The movements of the last months, the oldest first, in the form of Plaid's: amounts above zero go out."""
    return [_movement(number, day, line, country) for number, (day, line) in enumerate(lived(life, today))]


def _movement(number: int, day: date, line: Line, country: str) -> dict[str, Any]:
    return {
        "transaction_id": f"tx_{day:%Y%m%d}_{number}",
        "account_id": ACCOUNT,
        "amount": -line.units * factor_of(country),
        "iso_currency_code": currency_of(country),
        "unofficial_currency_code": None,
        "date": day.isoformat(),
        "name": line.text,
        "original_description": line.text,
        "merchant_name": None,
        "pending": False,
        "pending_transaction_id": None,
        "personal_finance_category": {"primary": line.category.partition("_")[0], "detailed": line.category, "confidence_level": "HIGH"},
    }
