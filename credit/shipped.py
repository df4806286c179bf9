"""The built-in rules about limits, grades and overruled refusals, in force until operators choose others.

Limits: who paid late has less, and gets it back step by step. Grades: those of `credit.rules.grades`. Overruled refusals: all grounds
count, and one person approves alone up to an amount of each market.
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

_NAMES = {
    "figures_proven": "Income or costs were proven",
    "file_wrong": "The credit file is wrong or old",
    "passing": "It has passed",
    "known_well": "Known well",
    "our_fault": "Our mistake",
}
_ALONE = {"US": 500, "GB": 500, "DE": 500, "AU": 750, "DK": 4_000, "SE": 5_000}
"""The largest amount that one person approves alone, by market, in whole units of its currency."""
_OVERRULES = [
    *(shipped_rule(code.replace("_", "-"), name, 10, f"grounds == '{code}'", "allow", "policy") for code, name in _NAMES.items()),
    *(
        shipped_rule(f"alone-{market.lower()}", "One person alone", 20, "true", "alone", "amount", value=amount)
        | {"scope": {"market": market}}
        for market, amount in _ALONE.items()
    ),
]
_OVERRULED = [
    {
        "name": "An income that was proven counts, and one person may decide",
        "facts": {"grounds": "figures_proven", "amount": 20_000},
        "place": {"market": "US"},
        "expects": ["allow", "alone"],
    },
    {"name": "Where no amount is set, two people decide", "facts": {"grounds": "passing", "amount": 20_000}, "expects": ["allow"]},
]
OVERRULES_SHIPPED: dict[str, Any] = {"rules": _OVERRULES, "examples": _OVERRULED}
