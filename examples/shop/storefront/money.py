"""Formatting of amounts."""

SIGNS = {"USD": ("$", "", ",", "."), "DKK": ("", "\N{NO-BREAK SPACE}kr.", ".", ",")}


def write_money(minor: int, currency: str) -> str:
    """Format an amount in minor units: `$1,180.00`, `1.299,00 kr.`; KeyError for a currency that no shop uses."""
    before, after, group, point = SIGNS[currency]
    units, cents = divmod(abs(minor), 100)
    grouped = f"{units:,}".replace(",", group)
    return f"{'-' if minor < 0 else ''}{before}{grouped}{point}{cents:02}{after}"
