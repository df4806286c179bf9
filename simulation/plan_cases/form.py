"""Parsing a file of cases: plans, dated steps, and expected states. Amounts in minor units, dates in the consumer's time zone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from plans.rules.fees import (
    CONSUMER_YEAR,
    DEFAULT,
    DEFAULT_ONLY_FIRST,
    DEFAULT_ONLY_LATER,
    FROM_DAYS,
    INSTALLMENT,
    INSTALLMENT_BPS,
    ORDER,
    ORDER_BPS,
    OTHER_FIRST,
    OTHER_LATER,
    TOTAL_COST,
    Caps,
    FeeTerms,
)
from plans.rules.refunds import RefundRule
from plans.rules.schedule import ProductTerms

Expected = Mapping[str, Any]
CAPS = {
    "cap_installment": INSTALLMENT,
    "cap_installment_bps": INSTALLMENT_BPS,
    "cap_order": ORDER,
    "cap_order_bps": ORDER_BPS,
    "cap_consumer_12m": CONSUMER_YEAR,
    "cap_total_cost_bps": TOTAL_COST,
}
"""Caps of a fee policy, and their names in the product."""


@dataclass(frozen=True, slots=True)
class PlanCase:
    """One plan of a case: its product, and its first capture with its date."""

    key: str
    terms: ProductTerms
    refund_rule: RefundRule
    currency: str
    amount_minor: int
    captured: date


@dataclass(frozen=True, slots=True)
class Step:
    """An action on a date: `do`, with its arguments, and the state expected after it."""

    id: str
    on: date
    do: str
    given: Mapping[str, Any]
    expect: Expected = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One consumer with their plans, by key; `raw` is the case as the file has it."""

    name: str
    market: str
    plans: dict[str, PlanCase]
    steps: tuple[Step, ...]
    end: Expected
    raw: Mapping[str, Any]
    fees: FeeTerms
    caps: Caps
    charge_off_days: int | None

    def plans_of(self, step: Step) -> list[str]:
        """Return the keys of the plans that a step affects: the one that it names, or all."""
        return [step.given["plan"]] if step.given.get("plan") else list(self.plans)


def read_cases(text: str) -> list[Mapping[str, Any]]:
    """Return the cases of a file unparsed; ValueError or KeyError if the file has another format."""
    data = json.loads(text)
    return list(data["cases"] if isinstance(data, dict) else data)


def read_case(raw: Mapping[str, Any]) -> Case:
    """Parse one case; KeyError, TypeError or ValueError if something is missing or invalid."""
    steps = tuple(_step(item) for item in raw["steps"])
    if [step.on for step in steps] != sorted(step.on for step in steps):
        raise ValueError("the steps are not in the order of their days")
    plans = {key: _plan(key, item) for key, item in raw["plans"].items()}
    policy = raw.get("fee_policy") or {}
    market, end = str(raw.get("market", "XX")), raw.get("end") or {}
    fees, days = FeeTerms.from_json(policy), raw.get("charge_off_days")
    return Case(str(raw["name"]), market, plans, steps, end, raw, fees, _caps(policy), days)


def _caps(policy: Mapping[str, Any]) -> Caps:
    """Return the caps of a fee policy by the names of the product's setting."""
    found = {name: policy[key] for key, name in CAPS.items() if policy.get(key) is not None}
    for (days, most), (day, minor) in zip(FROM_DAYS, policy.get("cap_by_days_late") or (), strict=False):
        found |= {days: day, most: minor}
    if told := policy.get("cap_au"):
        found |= {OTHER_FIRST: told["other"][0], OTHER_LATER: told["other"][1], DEFAULT: told["default"]}
        found |= {DEFAULT_ONLY_FIRST: told["default_only"][0], DEFAULT_ONLY_LATER: told["default_only"][1]}
    return found


def _step(raw: Mapping[str, Any]) -> Step:
    given = {name: value for name, value in raw.items() if name not in {"id", "on", "do", "expect"}}
    if "rule" in given:
        given["rule"] = _rule(given["rule"])
    return Step(str(raw["id"]), date.fromisoformat(raw["on"]), str(raw["do"]), given, raw.get("expect") or {})


def _rule(name: str) -> RefundRule:
    """Return a refund rule by its name; some files use an earlier spelling of one."""
    return cast("RefundRule", "reamortize" if name == "reamortise" else name)


def _plan(key: str, raw: Mapping[str, Any]) -> PlanCase:
    product = raw["product"]
    terms = ProductTerms(
        code=f"case_{key}"[:20],
        count=product["count"],
        interval=product["interval"],
        interval_days=product.get("interval_days") or 0,
        first=product["first"],
        rate_bps=product.get("rate_bps") or 0,
        remainder=product.get("remainder", "last"),
    )
    return PlanCase(
        key, terms, _rule(product.get("refund_rule", "last_first")), raw["currency"], raw["amount"], date.fromisoformat(raw["captured"])
    )
