"""The rules that classify people and come with the product; operators change them as any rules."""

from typing import Any


def _rule(key: str, name: str, priority: int, when: str, axis: str, value: str, reason: str) -> dict[str, Any]:
    return {"id": key, "name": name, "priority": priority, "when": when, "then": {"outcome": axis, "value": value, "reason": reason}}


_RULES = [
    _rule("risk-high", "Late now, or lost before", 10, "plans_lost >= 1 || overdue >= 1", "risk_class", "high", "history"),
    _rule("risk-low", "Pays on time", 20, "paid_on_time >= 6 && paid_late == 0", "risk_class", "low", "history"),
    _rule("risk-medium", "Everybody else", 30, "true", "risk_class", "medium", "history"),
    _rule("loyal", "Several plans paid", 10, "plans_paid >= 3 && overdue == 0", "loyalty", "loyal", "activity"),
    _rule("returning", "Has bought before", 20, "orders >= 2", "loyalty", "returning", "activity"),
    _rule("new", "Everybody else", 30, "true", "loyalty", "new", "activity"),
]

SHIPPED: dict[str, Any] = {"rules": _RULES, "examples": []}
