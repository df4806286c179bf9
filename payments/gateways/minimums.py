"""The smallest amounts that card networks accept."""

# Stripe, docs.stripe.com/currencies, "Minimum and maximum charge amounts"; minor units.
CARDS = {
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


def smallest_on_cards(currency: str) -> int:
    """Return the smallest amount that can be charged to a card, in minor units; 1 for a currency without such a limit."""
    return CARDS.get(currency, 1)
