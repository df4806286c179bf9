"""The inputs of a credit decision as facts to learn from: ratios in place of amounts, so that cases of all currencies stand together."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from credit.models import Decision

FACTS = (
    *("bureau_score", "thin_file", "delinquencies_24m", "open_accounts", "utilization_pct", "inquiries_6m", "oldest_account_months"),
    *("fraud_alert", "amount_to_income", "used_to_income", "paid_on_time", "paid_late"),
    *("gambling_share", "lenders_to_income", "below_zero_30d", "lowest_to_income", "returned_90d", "steady_income"),
)
"""No limit, points or outcome of the decision itself, and nothing about who the person is.

The last six are what the person's own bank accounts showed, unknown unless they agreed to that. None is about a device: the law of many
markets lets only what is financial count (ADR 0083).
"""
RISING = frozenset(
    {
        *("delinquencies_24m", "utilization_pct", "inquiries_6m", "amount_to_income", "used_to_income", "paid_late"),
        *("gambling_share", "lenders_to_income", "below_zero_30d", "returned_90d"),
    }
)
FALLING = frozenset({"bureau_score", "oldest_account_months", "paid_on_time", "lowest_to_income", "steady_income"})
"""Facts with which the risk may only rise, or only fall: a refusal has to be explained by them."""

TOLD = {
    "bureau_score": "credit_record",
    "thin_file": "short_history",
    "delinquencies_24m": "late_payments",
    "open_accounts": "account_mix",
    "utilization_pct": "high_utilization",
    "inquiries_6m": "many_inquiries",
    "oldest_account_months": "short_history",
    "fraud_alert": "fraud_alert_not_cleared",
    "amount_to_income": "income_insufficient",
    "used_to_income": "owed_for_income",
    "paid_on_time": "little_history_with_us",
    "paid_late": "late_with_us",
    "gambling_share": "much_gambling",
    "lenders_to_income": "much_to_lenders",
    "below_zero_30d": "below_zero",
    "lowest_to_income": "low_balances",
    "returned_90d": "debits_returned",
    "steady_income": "income_unsteady",
}
"""The reason code by which a person is told that a fact counted against them (`credit.reasons`)."""


def facts_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a decision's stored inputs; None where bureau or bank said nothing.

    Ratios are to one month's disposable income; those of the bank's figures to one month's regular income.
    """
    bureau, history = inputs["bureau"] or {}, inputs["history"]
    income = bureau.get("disposable_income_minor") or 0
    return {
        "bureau_score": bureau.get("score"),
        "thin_file": _flag(bureau.get("thin")),
        "delinquencies_24m": bureau.get("delinquencies_24m"),
        "open_accounts": bureau.get("open_accounts"),
        "utilization_pct": bureau.get("utilization_pct"),
        "inquiries_6m": bureau.get("inquiries_6m"),
        "oldest_account_months": bureau.get("oldest_account_months"),
        "fraud_alert": _flag(bureau.get("fraud_alert")),
        "amount_to_income": _ratio(inputs["amount_minor"], income),
        "used_to_income": _ratio(inputs["used_minor"], income),
        "paid_on_time": history["paid_on_time"],
        "paid_late": history["paid_late"],
        **_of_bank(inputs.get("banked") or {}),
    }


def _of_bank(banked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of what bank accounts showed; None for what they did not, or what was not counted yet."""
    income, lowest = banked.get("income_minor") or 0, banked.get("lowest_minor")
    return {
        "gambling_share": _share(banked.get("gambling_bps")),
        "lenders_to_income": _ratio(banked.get("lenders_minor", 0), income),
        "below_zero_30d": banked.get("below_zero_30d"),
        "lowest_to_income": None if lowest is None else _ratio(lowest, income),
        "returned_90d": banked.get("returned_90d"),
        "steady_income": _share(banked.get("steady_bps")),
    }


def list_recent(*, at: datetime, since: datetime) -> Iterator[list[Any]]:
    """Yield a row of fact names, then a row for each approval since then, the newest first.

    Models are trained on plans, so that refusals would look like a drift.
    """
    yield list(FACTS)
    recent = Decision.objects.filter(at__gt=since, at__lte=at, outcome="approve").order_by("-id").values_list("inputs", flat=True)
    for inputs in recent.iterator(chunk_size=2_000):
        facts = facts_of(inputs)
        yield [facts[name] for name in FACTS]


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _ratio(minor: int, income_minor: int) -> str | None:
    """Return an amount as a multiple of an income with four decimals; None without income."""
    if income_minor <= 0:
        return None
    whole, rest = divmod(abs(minor) * 10_000 // income_minor, 10_000)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:04}"


def _share(bps: int | None) -> str | None:
    return None if bps is None else _ratio(bps, 10_000)
