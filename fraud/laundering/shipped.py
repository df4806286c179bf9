"""The built-in rules about money laundering, in force until operators choose others."""

from typing import Any

from controls.rule_kinds import shipped_rule
from fraud.states import ALERT_OUTCOME

_RULES = [
    shipped_rule(
        "structuring", "Many orders of alike amounts in a week", 10, "alike_7d >= 6 && limit_share_7d >= 0.6", ALERT_OUTCOME, "structuring"
    ),
    shipped_rule("elsewhere", "Several refunds to another card or account", 20, "elsewhere_90d >= 2", ALERT_OUTCOME, "elsewhere"),
    shipped_rule(
        "elsewhere-most",
        "Most was refunded, and to another card or account",
        21,
        "elsewhere_90d >= 1 && refund_share_90d >= 0.5",
        ALERT_OUTCOME,
        "elsewhere",
    ),
    shipped_rule(
        "paid-ahead",
        "Paid long before it was due, then refunded",
        22,
        "paid_ahead_30d >= 0.7 && refund_share_90d >= 0.5",
        ALERT_OUTCOME,
        "elsewhere",
    ),
    shipped_rule("own-cycles", "Bought and refunded again and again at one shop", 30, "cycles_90d >= 4", ALERT_OUTCOME, "cycles"),
    shipped_rule(
        "linked-cycles",
        "Linked people buy and are refunded at the same shop",
        31,
        "linked_people_90d >= 2 && linked_cycles_90d >= 4",
        ALERT_OUTCOME,
        "cycles",
    ),
    shipped_rule(
        "sudden",
        "Suddenly buys many times as much as before",
        40,
        "times_usual_30d >= 6.0 && orders_30d >= 5 && limit_share_7d >= 0.5",
        ALERT_OUTCOME,
        "change",
    ),
    shipped_rule(
        "awakened",
        "A quiet account buys much at once",
        41,
        "quiet_days >= 120 && orders_7d >= 4 && limit_share_7d >= 0.5",
        ALERT_OUTCOME,
        "change",
    ),
]
_EXAMPLES = [
    {
        "name": "An ordinary customer",
        "facts": {
            "orders_7d": 2,
            "alike_7d": 1,
            "limit_share_7d": 0.3,
            "times_usual_30d": 1.4,
            "orders_30d": 3,
            "quiet_days": 20,
            "elsewhere_90d": 0,
            "refund_share_90d": 0.1,
            "cycles_90d": 1,
            "linked_people_90d": 0,
            "linked_cycles_90d": 0,
            "paid_ahead_30d": 0.0,
        },
        "expects": [],
    },
    {"name": "Lost the card, and sends one thing back", "facts": {"elsewhere_90d": 1, "refund_share_90d": 0.2}, "expects": []},
    {"name": "Seven orders just below a threshold", "facts": {"alike_7d": 7, "limit_share_7d": 0.9}, "expects": ["alert"]},
    {"name": "All refunded to another card", "facts": {"elsewhere_90d": 1, "refund_share_90d": 1.0}, "expects": ["alert"]},
    {
        "name": "Three friends and a shop that refunds them",
        "facts": {"linked_people_90d": 2, "linked_cycles_90d": 4},
        "expects": ["alert"],
    },
]

SHIPPED: dict[str, Any] = {"rules": _RULES, "examples": _EXAMPLES}
