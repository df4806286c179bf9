"""Amounts in the format of the sandbox's own pages and errors."""

from decimal import Decimal

# ISO 4217, list one, 2026-01-01: the currencies without two decimals.
DECIMALS = {
    **dict.fromkeys(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"], 0),
    **dict.fromkeys(["XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}


def amount_text(minor: int, currency: str) -> str:
    """Minor units as people read them: 5725 of USD is "57.25 USD"."""
    code = currency.upper()
    return f"{Decimal(minor).scaleb(-DECIMALS.get(code, 2)):,f} {code}"
