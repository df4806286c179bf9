"""The built-in rules that classify people; operators can change them like any rules."""

from typing import Any

from controls.rule_kinds import shipped_rule

_RULES = [
    shipped_rule("risk-high", "Late now, or lost before", 10, "plans_lost >= 1 || overdue >= 1", "risk_class", "history", value="high"),
    shipped_rule("risk-low", "Pays on time", 20, "paid_on_time >= 6 && paid_late == 0", "risk_class", "history", value="low"),
    shipped_rule("risk-medium", "Everybody else", 30, "true", "risk_class", "history", value="medium"),
    shipped_rule("loyal", "Several plans paid", 10, "plans_paid >= 3 && overdue == 0", "loyalty", "activity", value="loyal"),
    shipped_rule("returning", "Has bought before", 20, "orders >= 2", "loyalty", "activity", value="returning"),
    shipped_rule("new", "Everybody else", 30, "true", "loyalty", "activity", value="new"),
    shipped_rule("fees-late", "Late now, or twice in a year", 10, "overdue >= 1 || late_12m >= 2", "fee_status", "history", value="late"),
    shipped_rule(
        "fees-loyal", "A year without a late payment", 20, "on_time_since >= 6 && late_12m == 0", "fee_status", "history", value="loyal"
    ),
    shipped_rule("fees-new", "Few payments so far", 30, "paid_on_time + paid_late < 6", "fee_status", "history", value="new"),
    shipped_rule("fees-standard", "Everybody else", 40, "true", "fee_status", "history", value="standard"),
]

SHIPPED: dict[str, Any] = {"rules": _RULES, "examples": []}
