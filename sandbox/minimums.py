"""The smallest amounts that card networks accept, in minor units, as Stripe lists them; a currency not listed has no minimum."""

SMALLEST = {
    "USD": 50,
    "EUR": 50,
    "AUD": 50,
    "CAD": 50,
    "CHF": 50,
    "NZD": 50,
    "SGD": 50,
    "BRL": 50,
    "INR": 50,
    "GBP": 30,
    "JPY": 50,
    "DKK": 250,
    "SEK": 300,
    "NOK": 300,
    "PLN": 200,
    "RON": 200,
    "AED": 200,
    "MYR": 200,
    "HKD": 400,
    "MXN": 1000,
    "THB": 1000,
    "CZK": 1500,
    "HUF": 17_500,
}


def smallest(currency: str) -> int:
    """The smallest charge in a currency."""
    return SMALLEST.get(currency.upper(), 1)
