"""The settings of a market: title, parts with units and bounds, and whether the product already uses the setting.

Lists of places (`address.regions`, `address.time_zones`) come with the product and are not included.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.moments import amount_words, number_words, percent_words
from core.money import MAX_MINOR
from core.sentences import Sentence, Text

Unit = Literal["days", "months", "years", "number", "percent", "amount", "yes", "text", "hour", "points", "choice"]
MOST: dict[str, int] = {"days": 3_660, "months": 600, "years": 50, "number": 1_000, "percent": 100_000, "amount": MAX_MINOR}
"""The largest value of each unit that is a number: basis points for percent, minor units for amounts."""
WHOLE = ""
"""The name of the single part of a setting with one value."""
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a setting: its title, its unit, its smallest value, its choices, and whether it is optional.

    `most` is its largest value where that is less than the unit's (`MOST`).
    """

    title: Text
    unit: Unit
    least: int = 0
    choices: Mapping[str, Text] = field(default_factory=dict)
    optional: bool = False
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """A setting; `used`: the product reads it, and does not only store it for future features."""

    title: Text
    parts: Mapping[str, Part]
    used: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is a single value, not several named ones."""
        return set(self.parts) == {WHOLE}


def _one(title: Text, unit: Unit, *, least: int = 0, used: bool = False, choices: Mapping[str, Text] | None = None) -> Spec:
    return Spec(title, {WHOLE: Part(title, unit, least, choices or {})}, used)


_FORMULAS = {"us_actuarial": _("nominal, by unit periods (Appendix J)"), "eu_annex": _("effective, by days of the year (annex III)")}
_ROUNDING = {"half_up": _("half up")}
_CHECKS = {
    "file": _("the credit file alone, and income against costs from where they are asked"),
    "figures": _("income against costs, for every agreement"),
}
_HITS = {"refuse": _("refuses the purchase"), "refer": _("has a person look at it"), "reduce": _("lowers the limit to a share")}
_SILENT = {"go_on": _("is decided without it"), "refer": _("has a person look at it"), "reduce": _("lowers the limit to a share")}
_BUCKETS = {
    "past_due.penalty": _("late: late fees"),
    "past_due.fee": _("late: other fees"),
    "past_due.interest": _("late: interest"),
    "past_due.principal": _("late: the price"),
    "due.penalty": _("due that day: late fees"),
    "due.fee": _("due that day: other fees"),
    "due.interest": _("due that day: interest"),
    "due.principal": _("due that day: the price"),
    "in_advance.penalty": _("to come: late fees"),
    "in_advance.fee": _("to come: other fees"),
    "in_advance.interest": _("to come: interest"),
    "in_advance.principal": _("to come: the price"),
}
"""The twelve buckets that a free payment fills (`plans.rules.allocation`)."""


def _register(title: Text) -> Spec:
    """Return the setting of a register of payment remarks or debtors that decisions ask."""
    parts = {
        "code": Part(_("Its code, as accounts with providers name it"), "text"),
        "name": Part(_("Its name, as a refusal tells it"), "text"),
        "address": Part(_("Its address, as a refusal tells it"), "text"),
        "from_minor": Part(_("It is asked from a debt of"), "amount"),
        "owed_from_minor": Part(_("Remarks count from what is owed in all"), "amount"),
        "hit": Part(_("A purchase with a remark"), "choice", choices=_HITS),
        "silent": Part(_("A purchase without its answer"), "choice", choices=_SILENT),
        "share_bps": Part(_("Share of the limit that is left where it lowers it"), "percent", most=10_000),
        "valid_days": Part(_("Days for which its answer counts"), "days", 1),
    }
    return Spec(title, parts, used=True)


_SETTINGS: dict[str, Spec] = {
    "apr.cap_bps": _one(_("Highest APR"), "percent", used=True),
    "apr.military_cap_bps": _one(_("Highest APR for members of the armed forces"), "percent", used=True),
    "apr.new_york_cap_bps": _one(_("Highest APR in New York"), "percent", used=True),
    "interest.cap_above_reference_bps": _one(_("Highest interest above the reference rate"), "percent", used=True),
    "interest.reference_bps": _one(_("Reference rate"), "percent", used=True),
    "total_cost.cap_bps": _one(_("Most that a credit may cost, of its amount"), "percent", used=True),
    "advertising.apr_below_bps": _one(_("APR from which a credit is not advertised"), "percent", used=True),
    "apr.formula": _one(_("How the APR is computed"), "choice", choices=_FORMULAS),
    "apr.decimals": Spec(
        _("How the APR is rounded"),
        {"decimals": Part(_("Decimals"), "number"), "rounding": Part(_("Rounding"), "choice", choices=_ROUNDING)},
    ),
    "apr.tolerance_points": Spec(
        _("How exact the APR must be, in percentage points"),
        {"regular": Part(_("Regular payments"), "points"), "irregular": Part(_("Irregular payments"), "points")},
    ),
    "withdrawal.days": _one(_("Days to withdraw from an agreement"), "days", least=1, used=True),
    "withdrawal.outer_limit": Spec(
        _("Longest time to withdraw, where nobody was told of it"),
        {"months": Part(_("Months"), "months"), "days": Part(_("Days"), "days")},
    ),
    "disclosure.closed_end": Spec(
        _("When closed-end disclosures are due"),
        {
            "finance_charge": Part(_("With any finance charge"), "yes"),
            "installments_above": Part(_("With more payments than"), "number"),
            "down_payment_counts": Part(_("A down payment counts as a payment"), "yes"),
        },
        used=True,
    ),
    "disclosure.key_product_information": _one(_("Key product information before the agreement"), "yes", used=True),
    "disclosure.standard_information": _one(_("Standard information before the agreement"), "yes", used=True),
    "deferred_payment_credit": Spec(
        _("What is deferred payment credit"),
        {
            "max_installments": Part(_("Most payments"), "number", 1),
            "max_months": Part(_("Most months"), "months", 1),
            "interest_free": Part(_("Free of interest"), "yes"),
            "third_party": Part(_("Lent by another than the shop"), "yes"),
        },
        used=True,
    ),
    "consumer_credit.applies": Spec(
        _("What the law of consumer credit covers"),
        {
            "interest_free_third_party": Part(_("Also credit free of interest, by another than the shop"), "yes"),
            "merchant_deferral_days": Part(_("Not a shop's own, of at most so many days"), "days"),
        },
    ),
    "consent.active": _one(_("Consent is active: no box is ticked beforehand"), "yes"),
    "affordability": Spec(
        _("Whether a person can afford a credit"),
        {
            "check": Part(_("What is assessed"), "choice", choices=_CHECKS),
            "declared_from_minor": Part(_("Income and costs are asked from a debt of"), "amount", 1, optional=True),
            "verified_from_minor": Part(_("They are verified from a debt of"), "amount", 1, optional=True),
            "living_minor": Part(_("What an adult needs in a month, without housing"), "amount"),
            "dependant_minor": Part(_("What each dependant needs in a month"), "amount"),
            "buffer_minor": Part(_("What must be left in a month after the payments"), "amount"),
            "valid_days": Part(_("Days for which declared figures count"), "days", 1),
            "differs_bps": Part(_("Declared figures may leave more than verified ones by"), "percent"),
        },
        used=True,
    ),
    "credit_report.purpose": Spec(
        _("What allows a question to a credit bureau"),
        {"law": Part(_("The law that allows it"), "text"), "told": Part(_("The person is told before"), "yes")},
        used=True,
    ),
    "register.first": _register(_("First register of payment remarks")),
    "register.second": _register(_("Second register of payment remarks")),
    "register.third": _register(_("Third register of payment remarks")),
    "credit.counter_offer": _one(_("A purchase above what is left of a limit is offered with a deposit"), "yes", used=True),
    "price_by_risk": Spec(
        _("Whether the price of a credit may follow the risk"),
        {"allowed": Part(_("It may"), "yes"), "law": Part(_("The law that says so"), "text")},
        used=True,
    ),
    # At most the whole limit, since no limit exceeds what a person's income carries.
    "credit.economy_bps": Spec(
        _("Share of each computed limit that is given"),
        {WHOLE: Part(_("Share of each computed limit that is given"), "percent", 1_000, most=10_000)},
        used=True,
    ),
    # What `affordability` says since it exists; older installations have rows of these.
    "creditworthiness.every_agreement": _one(_("Creditworthiness is assessed for every agreement"), "yes"),
    "credit_check.partial_from_minor": _one(_("Open amount from which a partial credit check is made"), "amount"),
    "assessment.valid_days": _one(_("Days for which an assessment holds"), "days", least=1),
    "decision.human_review": _one(_("A person reviews a decision when asked"), "yes"),
    "adverse_action.agency": _one(_("Agency that a refusal names"), "text", used=True),
    "adverse_action.free_report_days": _one(_("Days in which a refused person gets a free report"), "days", least=1, used=True),
    "adverse_action.max_reasons": _one(_("Most reasons that a refusal names"), "number", least=1),
    "adverse_action.within_days": _one(_("Days until a refusal is told"), "days", least=1),
    "request.closure.days": _one(_("Days to answer who closes their account"), "days", least=1, used=True),
    "request.copy.days": _one(_("Days to answer who asks for their data"), "days", least=1, used=True),
    "request.correction.days": _one(_("Days to answer who corrects their data"), "days", least=1, used=True),
    "request.review.days": _one(_("Days to answer who asks for a review"), "days", least=1, used=True),
    "request.hardship.days": _one(_("Days to answer who cannot pay"), "days", least=1, used=True),
    "request.withdrawal.days": _one(_("Days to pay back after a withdrawal"), "days", least=1, used=True),
    "payment.order": Spec(
        _("What a free payment pays, in this order"),
        {str(place): Part(str(place), "choice", choices=_BUCKETS) for place in range(1, len(_BUCKETS) + 1)},
        used=True,
    ),
    "payment.move": Spec(
        _("Moving a due date by oneself"),
        {
            "most_days": Part(_("Most days later, or 0 for never"), "days", most=90),
            "an_order": Part(_("Moves of an order"), "number"),
            "a_year": Part(_("Moves of a person within twelve months"), "number"),
            "account_days": Part(_("Days of a new account without"), "days"),
        },
        used=True,
    ),
    "charge_off.days": _one(_("Days late before a plan can be given up"), "days", least=30, used=True),
    "reminder": Spec(
        _("Reminders"),
        {
            "fee_minor": Part(_("Fee of a reminder"), "amount"),
            "maximum": Part(_("Most reminders"), "number", optional=True),
            "days_apart": Part(_("Days between two reminders"), "days", optional=True),
        },
    ),
    "collection_demand.fee_minor": _one(_("Fee of a collection demand"), "amount"),
    "default_interest.above_base_bps": _one(_("Interest on what is late, above the base rate"), "percent"),
    "late_fee.practice_minor": _one(_("Late fee by the practice of the trade"), "amount"),
    "late_fee.california": Spec(
        _("Late fee in California"),
        {
            "day_10_minor": Part(_("From the 10th day"), "amount"),
            "day_15_minor": Part(_("From the 15th day"), "amount"),
            "per_default": Part(_("Fees for each default"), "number"),
        },
    ),
    "fee_cap.default_minor": Spec(
        _("Most fees for being late"),
        {
            "period": Part(_("In a period"), "amount"),
            "only_default_first": Part(_("In the first period, without other fees"), "amount"),
            "only_default_later": Part(_("In a later period, without other fees"), "amount"),
            "period_months": Part(_("Length of a period"), "months", 1),
        },
    ),
    "fee_cap.other_minor": Spec(
        _("Most other fees"),
        {
            "first_period": Part(_("In the first period"), "amount"),
            "later": Part(_("In a later period"), "amount"),
            "period_months": Part(_("Length of a period"), "months", 1),
        },
    ),
    "hardship": Spec(
        _("Hardship"),
        {
            "decide_days": Part(_("Days to decide"), "days", 1),
            "no_enforcement_days": Part(_("Days without enforcement after a refusal"), "days"),
            "default_notice_days": Part(_("Days of a default notice"), "days"),
        },
    ),
    "contact.hours": Spec(
        _("Hours in which people are contacted"), {"from": Part(_("From"), "hour"), "to": Part(_("Until the hour"), "hour")}
    ),
    "contact.max_calls": Spec(
        _("Most calls to a person"),
        {
            "calls": Part(_("Calls"), "number"),
            "days": Part(_("Within days"), "days", 1),
            "pause_after_talk_days": Part(_("Days without a call after a talk"), "days"),
        },
    ),
    "debit.notice_days": _one(_("Days of notice before a debit of another amount"), "days"),
    "debit.balance_before": _one(_("The balance is looked at before a debit, where the person allows it"), "yes", used=True),
    "debit.stop_business_days": _one(_("Business days before a debit in which it can be stopped"), "days"),
    "sca.low_value": Spec(
        _("Small payments without strong authentication"),
        {
            "single_minor": Part(_("One payment"), "amount"),
            "sum_minor": Part(_("All since the last authentication"), "amount"),
            "payments": Part(_("Payments since the last authentication"), "number"),
        },
    ),
    "provisions.stage_days": Spec(
        _("Days late of the stages of provisions"),
        {"stage_2_above": Part(_("Stage 2 above"), "days", 1), "stage_3_at": Part(_("Stage 3 from"), "days", 1)},
    ),
    "records.keep_identity_years": _one(_("Years for which identification is kept"), "years", least=1),
    "records.keep_months": _one(_("Months for which records of decisions are kept"), "months", least=1),
}
SETTINGS: Mapping[str, Spec] = _SETTINGS
"""All settings that need two people for a change, by key, in display order."""


def value_faults(key: str, value: Any) -> dict[str, str]:
    """Return the faults of a setting's value, by part; the part of a single value is `value`."""
    spec = SETTINGS[key]
    if spec.is_whole:
        fault = _fault(spec.parts[WHOLE], value)
        return {"value": fault} if fault else {}
    if not isinstance(value, dict) or not value.keys() <= spec.parts.keys():
        return {"value": Sentence("must have the parts of this setting")}
    found = {name: _fault(part, value.get(name)) for name, part in spec.parts.items() if name in value or not part.optional}
    faults = {name: fault for name, fault in found.items() if fault}
    if not faults and key == "affordability" and value.get("verified_from_minor", MAX_MINOR) < value.get("declared_from_minor", 0):
        faults["verified_from_minor"] = Sentence("must not be less than the debt from which they are asked")
    if not faults and key == "payment.order" and len(set(value.values())) < len(value):
        faults["value"] = Sentence("must name each of the twelve once")
    if not faults and key == "contact.hours" and value["from"] >= value["to"]:
        faults["to"] = Sentence("must be later than the beginning")
    return faults


def _fault(part: Part, value: Any) -> str:
    if part.unit in MOST:
        most = MOST[part.unit] if part.most is None else part.most
        right = type(value) is int and part.least <= value <= most
        return "" if right else Sentence("must be a number from %(least)s to %(most)s", least=part.least, most=most)
    fits = {
        "yes": isinstance(value, bool),
        "choice": isinstance(value, str) and value in part.choices,
        "hour": isinstance(value, str) and _HOUR.fullmatch(value) is not None,
        "points": _is_points(value),
        "text": isinstance(value, str) and 1 <= len(value.strip()) <= 200 and value.isprintable(),
    }
    return "" if fits[part.unit] else Sentence("is not a value of this kind")


def _is_points(value: Any) -> bool:
    try:
        return isinstance(value, str) and 0 <= Decimal(value) <= 10
    except InvalidOperation:
        return False


def value_text(key: str, value: Any, currency: str) -> str:
    """Format a setting's value for people; minor units are in `currency`. The value of an unlisted setting is returned as stored."""
    spec = SETTINGS.get(key)
    if spec is None:
        return gettext("comes with the product")
    if spec.is_whole or not isinstance(value, dict):
        return part_text(spec.parts[WHOLE], value, currency) if spec.is_whole else str(value)
    return " · ".join(f"{part.title}: {part_text(part, value[name], currency)}" for name, part in spec.parts.items() if name in value)


def part_text(part: Part, value: Any, currency: str) -> str:
    """Format one part of a setting."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if part.unit == "amount":
        return amount_words(value, currency)
    counted = {
        "percent": lambda: percent_words(value),
        "points": lambda: number_words(value),
        "days": lambda: ngettext("%(count)s day", "%(count)s days", value) % {"count": value},
        "months": lambda: ngettext("%(count)s month", "%(count)s months", value) % {"count": value},
        "years": lambda: ngettext("%(count)s year", "%(count)s years", value) % {"count": value},
    }
    return counted[part.unit]() if part.unit in counted else str(part.choices.get(value, value))
