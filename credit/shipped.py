"""The built-in rules about limits and grades, in force until operators choose others.

Limits: who paid late has less, and gets it back step by step. Grades: those of `credit.rules.grades`.
"""

from typing import Any

from controls.rule_kinds import shipped_rule
from credit.rules.grades import GRADES_1, RISK_GRADES

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
_BY_POINTS = ("Points for grade A", "Points for grade B", "Points for grade C")
_BY_RISK = ("Probability for grade A", "Probability for grade B", "Probability for grade C")


def _graded(key: str, name: str, place: int, when: str, letter: str, share_pct: int) -> dict[str, Any]:
    """Return a built-in rule about a grade; the first that holds counts."""
    return shipped_rule(f"{key}-{letter.lower()}", name, place, when, f"grade_{letter.lower()}", "counted", value=share_pct / 100)


_GRADES = [
    *(
        _graded("points", name, 10 + place, f"!by_model && points >= {lowest}", letter, share)
        for place, (name, (lowest, letter, share)) in enumerate(zip(_BY_POINTS, GRADES_1, strict=True))
    ),
    *(
        _graded("risk", name, 20 + place, f"by_model && probability <= {highest / 10_000}", letter, share)
        for place, (name, (highest, letter, share)) in enumerate(zip(_BY_RISK, RISK_GRADES, strict=True))
    ),
]
_EXAMPLES = [
    {"name": "Just enough points for grade B", "facts": {"by_model": False, "points": 600}, "expects": ["grade_b", "grade_c"]},
    {"name": "A probability of 3 % is grade B", "facts": {"by_model": True, "probability": 3.0}, "expects": ["grade_b", "grade_c"]},
    {"name": "Points give no grade where a model decides", "facts": {"by_model": True, "points": 900, "probability": 12.0}, "expects": []},
]
GRADES_SHIPPED: dict[str, Any] = {"rules": _GRADES, "examples": _EXAMPLES}
