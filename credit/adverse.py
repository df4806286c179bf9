"""What a market's law asks for when somebody is refused: the notice's contents, and for how long records are kept."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from brands.models import DEFAULT
from brands.queries import get_brand
from credit.reasons import MAX_REASONS
from markets.queries import rows_in_force

DECISION_MONTHS = 25
"""Months for which an application, its decision and its notice are kept where the market's `records.keep_months` says nothing."""
KEEP_MONTHS = "records.keep_months"
ADVERSE = (
    "adverse_action.agency",
    "adverse_action.free_report_days",
    "adverse_action.max_reasons",
    "adverse_action.within_days",
    "decision.human_review",
    KEEP_MONTHS,
)
"""The dated settings of a market by which a notice of refusal is written, sent and kept."""
KEPT_FOR = f"""make_interval(months => coalesce((
    SELECT (s.value #>> '{{}}')::int FROM markets_marketsetting s
    WHERE s.market_id = c.market_id AND s.key = '{KEEP_MONTHS}' AND s.valid_from <= (%(at)s)::date
        AND (s.valid_to IS NULL OR s.valid_to > (%(at)s)::date)
    ORDER BY s.valid_from DESC LIMIT 1), {DECISION_MONTHS}))"""  # noqa: S608
"""SQL: for how long decisions about a consumer `c` are kept, by the market's setting at the parameter `at`."""


def notice_of_refusal(market_code: str, on: date, *, brand: str = DEFAULT) -> dict[str, Any]:
    """Return what a market's law requires in a notice of refusal besides the reasons, on a date; empty if nothing more. One query.

    `human_review` names the law by which a person looks at what a computer decided. In the United States also the lender, the agency for
    complaints, and the days within which the credit bureau owes a free report.
    """
    law = rows_in_force(market_code, ADVERSE, on)
    told: dict[str, Any] = {}
    if (review := law.get("decision.human_review")) and review.value:
        told["human_review"] = review.source
    if agency := law.get("adverse_action.agency"):
        lender, free = get_brand(brand), law.get("adverse_action.free_report_days")
        told |= {"agency": agency.value, "creditor": {"name": lender.legal_name, "address": lender.address}}
        told["free_report_days"] = free.value if free else 0
    return told


def told_reasons(codes: Sequence[str], market_code: str, on: date) -> list[str]:
    """Return the codes of the reasons that a notice names, in their order: at most as many as the market's law advises, on a date."""
    most = rows_in_force(market_code, ["adverse_action.max_reasons"], on).get("adverse_action.max_reasons")
    return list(codes)[: min(MAX_REASONS, most.value) if most else MAX_REASONS]


def keep_months(market_code: str, on: date) -> int:
    """Return for how many months a market keeps decisions and notices, by its setting on a date."""
    found = rows_in_force(market_code, [KEEP_MONTHS], on).get(KEEP_MONTHS)
    return int(found.value) if found else DECISION_MONTHS
