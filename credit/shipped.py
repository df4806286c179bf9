"""The built-in rules about limits, in force until operators choose others: who paid late has less, and gets it back step by step."""

from typing import Any

from controls.rule_kinds import shipped_rule

_RULES = [
    shipped_rule(
        "late-of-late",
        "Paid late, and fewer than four installments on time since",
        10,
        "paid_late > 0 && on_time_run < 4",
        "factor",
        "late_with_us",
        value=0.6,
    ),
    shipped_rule(
        "late-before",
        "Paid late, and four to seven installments on time since",
        20,
        "paid_late > 0 && on_time_run >= 4 && on_time_run < 8",
        "factor",
        "late_with_us",
        value=0.8,
    ),
]
SHIPPED: dict[str, Any] = {"rules": _RULES, "examples": []}
