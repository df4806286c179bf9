"""Rules about orders that a demo begins with: no installation gets them by itself, but their names are known in every language."""

from typing import Any

from controls.rule_kinds import shipped_rule
from credit.bank_facts import ORDERS_SUGGESTED

HOLD = "hold"
SUGGESTED: dict[str, list[dict[str, Any]]] = {
    "rules": [
        shipped_rule("many-of-one-thing", "Many of one thing", 10, "most_pieces >= 4", HOLD, "resold"),
        shipped_rule("large-first-order", "Large order of a new customer", 20, "amount > 500.0 && customer_days < 2", HOLD, "new_customer")
        | {"scope": {"market": "US"}},
        shipped_rule("little-known", "Little known, and much of the limit used", 30, "thin_file && used > 0.5", HOLD, "unusual"),
        ORDERS_SUGGESTED,
    ],
    "examples": [
        {"name": "Six phones", "facts": {"most_pieces": 6}, "expects": [HOLD]},
        {"name": "One lamp", "facts": {"most_pieces": 1, "amount": 8_900, "customer_days": 40}, "place": {"market": "US"}, "expects": []},
    ],
}
