"""Where Stripe can be used: the countries in which companies can have accounts with it (stripe.com/global), by ISO 3166-1."""

_EUROPE = "AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
_ELSEWHERE = "AE AU BR CA HK IN JP MX MY NZ SG TH US"
COUNTRIES = frozenset(f"{_EUROPE} {_ELSEWHERE}".split())
