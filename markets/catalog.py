"""The settings of a market: title, and parts with units and bounds. The product reads each of them.

Lists of places (`address.regions`, `address.time_zones`) come with the product and are not included.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.moments import amount_words, percent_words
from core.money import MAX_MINOR
from core.sentences import Sentence, Text
from markets.catalog_agencies import AGENCIES
from markets.catalog_hardship import HARDSHIP
from markets.catalog_letters import LETTERS, letter_faults
from markets.catalog_steps import BRANDED, OF_BRAND, STEPS, step_faults
from markets.parts import WHOLE, Part, Spec, Unit

MOST: dict[str, int] = {"days": 3_660, "months": 600, "years": 50, "number": 1_000, "percent": 100_000, "amount": MAX_MINOR}
"""The largest value of each unit that is a number: basis points for percent, minor units for amounts."""
TEXT, SCRIPT = 200, 500
"""The longest text of a part, in characters, and of one that is read out on a call."""
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _one(title: Text, unit: Unit, *, least: int = 0, choices: Mapping[str, Text] | None = None) -> Spec:
    return Spec(title, {WHOLE: Part(title, unit, least, choices or {})})


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
    return Spec(title, parts)


def _caps(title: Text) -> Spec:
    """Return the setting of caps on fees (`plans.rules.fees`); a cap without an amount does not bind."""

    def cap(name: Text, unit: Unit = "amount", most: int | None = None) -> Part:
        return Part(name, unit, optional=True, most=most)

    parts = {
        "installment_minor": cap(_("Most on one payment")),
        "installment_bps": cap(_("Most on one payment, of what it asks"), "percent", 10_000),
        "order_minor": cap(_("Most on one purchase")),
        "order_bps": cap(_("Most on one purchase, of its price"), "percent", 10_000),
        "consumer_year_minor": cap(_("Most of a person within twelve months")),
        "total_cost_bps": cap(_("Most with all interest, of the price"), "percent", 10_000),
        "first_days": cap(_("A late fee, one on each payment, from days late"), "days"),
        "first_days_minor": cap(_("Then at most")),
        "second_days": cap(_("A higher one from days late"), "days"),
        "second_days_minor": cap(_("Then at most (higher)")),
        "reminder_minor": cap(_("Most for a reminder")),
        "reminders_apart_days": cap(_("Days between two reminders with a fee"), "days"),
        "reminders_most": cap(_("Most reminders with a fee, of one payment and while a plan is late without a break"), "number"),
        "period_other_first_minor": cap(_("Fees for services of a person in the first twelve months")),
        "period_other_later_minor": cap(_("Fees for services of a person in later twelve months")),
        "period_default_minor": cap(_("Fees for being late of a person in twelve months")),
        "period_default_only_first_minor": cap(_("The same in the first twelve months without fees for services")),
        "period_default_only_later_minor": cap(_("The same in later twelve months without fees for services")),
    }
    return Spec(title, parts)


def _script(title: Text) -> Spec:
    """Return the setting of what an operator says on a call to a late person; {person}, {operator} and {company} are filled in."""
    parts = {
        "identity": Part(_("First: who is speaking to whom"), "text", most=SCRIPT),
        "disclosure": Part(_("Then: what has to be said before anything else"), "text", most=SCRIPT),
        "rights": Part(_("Before the end: what the person may do"), "text", most=SCRIPT),
    }
    return Spec(title, parts)


def _notice(title: Text) -> Spec:
    """Return the setting of a notice that the law demands while a plan is late (`collection.models.LateNotice`)."""
    parts = {
        "from_days": Part(_("From days late"), "days", 1, most=365),
        "payments": Part(_("With late payments"), "number", 1),
        "share_bps": Part(_("That are of the credit at least"), "percent", optional=True, most=10_000),
        "days": Part(_("Days to pay after it is told"), "days", most=90),
        "again_days": Part(_("Told again after days"), "days", 1, optional=True),
        "paper": Part(_("Counts only on paper"), "yes", optional=True),
        "law": Part(_("The law that demands it"), "text"),
    }
    return Spec(title, parts)


def _settlement(title: Text) -> Spec:
    least = Part(_("Least share of what is open that one operator may take"), "percent", 1, most=10_000)
    most = Part(_("Most payments that one operator may agree on"), "number", 1, most=12)
    return Spec(title, {"least_bps": least, "most_parts": most, "days": Part(_("Days until the offer ends"), "days", 1, most=60)})


_SETTINGS: dict[str, Spec] = {
    "apr.cap_bps": _one(_("Highest APR"), "percent"),
    "apr.military_cap_bps": _one(_("Highest APR for members of the armed forces"), "percent"),
    "apr.new_york_cap_bps": _one(_("Highest APR in New York"), "percent"),
    "interest.cap_above_reference_bps": _one(_("Highest interest above the reference rate"), "percent"),
    "interest.reference_bps": _one(_("Reference rate"), "percent"),
    "total_cost.cap_bps": _one(_("Most that a credit may cost, of its amount"), "percent"),
    "advertising.apr_below_bps": _one(_("APR from which a credit is not advertised"), "percent"),
    "withdrawal.days": _one(_("Days to withdraw from an agreement"), "days", least=1),
    "disclosure.closed_end": Spec(
        _("When closed-end disclosures are due"),
        {
            "finance_charge": Part(_("With any finance charge"), "yes"),
            "installments_above": Part(_("With more payments than"), "number"),
            "down_payment_counts": Part(_("A down payment counts as a payment"), "yes"),
        },
    ),
    "disclosure.key_product_information": _one(_("Key product information before the agreement"), "yes"),
    "disclosure.standard_information": _one(_("Standard information before the agreement"), "yes"),
    "deferred_payment_credit": Spec(
        _("What is deferred payment credit"),
        {
            "max_installments": Part(_("Most payments"), "number", 1),
            "max_months": Part(_("Most months"), "months", 1),
            "interest_free": Part(_("Free of interest"), "yes"),
            "third_party": Part(_("Lent by another than the shop"), "yes"),
        },
    ),
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
    ),
    "credit_report.purpose": Spec(
        _("What allows a question to a credit bureau"),
        {"law": Part(_("The law that allows it"), "text"), "told": Part(_("The person is told before"), "yes")},
    ),
    "register.first": _register(_("First register of payment remarks")),
    "register.second": _register(_("Second register of payment remarks")),
    "register.third": _register(_("Third register of payment remarks")),
    "screening": Spec(
        _("Screening against lists of sanctions and exposed persons"),
        {
            "days": Part(_("Days after which everybody is screened again"), "days", 1),
            "decision_days": Part(_("Days after which a decision screens first"), "days", 1),
            "late_days": Part(_("Days more for which a clear answer counts while none comes"), "days"),
        },
    ),
    "identity.levels": Spec(
        _("Large purchases need pictures of a document"),
        {
            "document_from_minor": Part(_("A document is asked for from an amount of"), "amount", 1, optional=True),
            "selfie_from_minor": Part(_("A document and a selfie are asked for from an amount of"), "amount", 1, optional=True),
        },
    ),
    "credit.counter_offer": _one(_("A purchase above what is left of a limit is offered with a deposit"), "yes"),
    "price_by_risk": Spec(
        _("Whether the price of a credit may follow the risk"),
        {
            "allowed": Part(_("It may"), "yes"),
            "notice": Part(_("Only with a notice to who gets less favorable terms"), "yes", optional=True),
            "law": Part(_("The law that says so"), "text"),
        },
    ),
    # At most the whole limit, since no limit exceeds what a person's income carries.
    "credit.economy_bps": Spec(
        _("Share of each computed limit that is given"),
        {WHOLE: Part(_("Share of each computed limit that is given"), "percent", 1_000, most=10_000)},
    ),
    "credit_check.partial_from_minor": _one(_("Open amount from which a partial credit check is made"), "amount"),
    "decision.human_review": _one(_("A person reviews a decision when asked"), "yes"),
    "adverse_action.agency": _one(_("Agency that a refusal names"), "text"),
    "adverse_action.free_report_days": _one(_("Days in which a refused person gets a free report"), "days", least=1),
    "adverse_action.max_reasons": _one(_("Most reasons that a refusal names"), "number", least=1),
    "adverse_action.within_days": _one(_("Days until a refusal is told"), "days", least=1),
    "request.closure.days": _one(_("Days to answer who closes their account"), "days", least=1),
    "request.copy.days": _one(_("Days to answer who asks for their data"), "days", least=1),
    "request.correction.days": _one(_("Days to answer who corrects their data"), "days", least=1),
    "request.restriction.days": _one(_("Days to answer who wants their data restricted"), "days", least=1),
    "request.objection.days": _one(_("Days to answer who objects to the use of their data"), "days", least=1),
    "request.no_sale.days": _one(_("Days to answer who forbids selling their data"), "days", least=1),
    "request.limit_use.days": _one(_("Days to answer who limits the use of sensitive data"), "days", least=1),
    "request.review.days": _one(_("Days to answer who asks for a review"), "days", least=1),
    "request.hardship.days": _one(_("Days to answer who cannot pay"), "days", least=1),
    "request.complaint.days": _one(_("Days to answer who complains"), "days", least=1),
    "request.question.days": _one(_("Days to answer who asks a question"), "days", least=1),
    "request.withdrawal.days": _one(_("Days to pay back after a withdrawal"), "days", least=1),
    "payment.order": Spec(
        _("What a free payment pays, in this order"),
        {str(place): Part(str(place), "choice", choices=_BUCKETS) for place in range(1, len(_BUCKETS) + 1)},
    ),
    "payment.move": Spec(
        _("Moving a due date by oneself"),
        {
            "most_days": Part(_("Most days later, or 0 for never"), "days", most=90),
            "an_order": Part(_("Moves of an order"), "number"),
            "a_year": Part(_("Moves of a person within twelve months"), "number"),
            "account_days": Part(_("Days of a new account without"), "days"),
        },
    ),
    "payment.payday": Spec(
        _("Putting dates on pay-days by oneself"),
        {
            "most_days": Part(_("Most days later, or 0 for never"), "days", most=90),
            "a_year": Part(_("Times within twelve months, for one purchase"), "number"),
            "alone_days": Part(_("Days of a pause that one operator may offer"), "days", most=366, optional=True),
            "alone_count": Part(_("Payments that one operator may offer"), "number", most=120, optional=True),
            "two_days": Part(_("Days of a pause that two may offer"), "days", most=366, optional=True),
            "two_count": Part(_("Payments that two may offer"), "number", most=120, optional=True),
        },
    ),
    "payment.rearrange": Spec(
        _("Laying out the payments of a plan anew"),
        {
            "least_days": Part(_("Days since the first goods were sent, at least"), "days"),
            "least_paid": Part(_("Payments that are paid, at least"), "number"),
            "a_year": Part(_("Times within twelve months, for one purchase"), "number"),
            "five_years": Part(_("Times within five years, for one purchase"), "number"),
            "most_count": Part(_("Most payments to come"), "number", 1),
        },
    ),
    "payment.hardship": Spec(
        _("Help for who cannot pay"),
        {
            "pause_days": Part(_("Days of a pause, or 0 for none"), "days", most=180),
            "times": Part(_("Smaller payments in place of one, or 0 for none"), "number"),
            "most_count": Part(_("Most smaller payments"), "number"),
            "a_year": Part(_("Times within twelve months, for one purchase"), "number"),
        },
    ),
    "payment.return_days": _one(_("Days for which payments wait for a return, or 0 for none"), "days"),
    "debt_advice": Spec(
        _("Free debt advice that people are told of"),
        {
            "name": Part(_("Who gives it"), "text"),
            "phone": Part(_("Telephone"), "text", optional=True),
            "site": Part(_("Web address, without https://"), "text"),
        },
    ),
    "charge_off.days": _one(_("Days late before a plan can be given up"), "days", least=30),
    "charge_off.by_day": _one(_("Days late when the close of day gives a plan up by itself"), "days", least=60),
    "tax.canceled_debt": Spec(
        _("Canceled debts that tax authorities hear of"),
        {
            "form": Part(_("Form"), "text"),
            "least_minor": Part(_("From an amount of"), "amount", 1),
            "uncollectible": Part(_("Code where it cannot be collected"), "text", optional=True),
            "deceased": Part(_("Code after a death"), "text", optional=True),
            "insolvent": Part(_("Code after an insolvency"), "text", optional=True),
            "fraud": Part(_("Code after a fraud"), "text", optional=True),
            "uneconomic": Part(_("Code where it costs more than it brings"), "text", optional=True),
            "by_day": Part(_("Code where it was late for very long"), "text", optional=True),
            "settlement": Part(_("Code where it was settled for less"), "text", optional=True),
        },
    ),
    "fee.late": Spec(
        _("Late fees that new plans agree on"),
        {
            "first_days": Part(_("First one after days late"), "days"),
            "first_minor": Part(_("Its amount"), "amount", optional=True),
            "first_bps": Part(_("Its share of what is open"), "percent", optional=True, most=10_000),
            "second_days": Part(_("Second one after days late"), "days", optional=True),
            "second_minor": Part(_("Amount of the second one"), "amount", optional=True),
            "second_bps": Part(_("Share of the second one of what is open"), "percent", optional=True, most=10_000),
        },
    ),
    "fee.reminder": Spec(
        _("Reminder fees that new plans agree on"),
        {
            "fee_minor": Part(_("Fee of a reminder"), "amount", 1),
            "days": Part(_("First one after days late"), "days"),
            "apart": Part(_("Days between two reminders"), "days", 1),
            "most": Part(_("Most reminders while a plan is late without a break"), "number", 1),
        },
    ),
    "fee.returned": _one(_("Fee for a debit given back for lack of cover, that new plans agree on"), "amount", least=1),
    "fee.reschedule": _one(_("Fee for a date that the person moves, that new plans agree on"), "amount", least=1),
    "fee.service": _one(_("Most that the service fee of a purchase may be"), "amount", least=1),
    "reward.early": Spec(
        _("Money back for early payments"),
        {
            "share_bps": Part(_("Most of a payment"), "percent", 1, most=10_000),
            "plan_minor": Part(_("Most for one purchase"), "amount", 1),
            "person_year_minor": Part(_("Most of a person in twelve months"), "amount", 1),
            "credit_days": Part(_("Days for which a credit against fees counts (365 where it is empty)"), "days", 1, optional=True),
        },
    ),
    "fee.caps": _caps(_("Most that fees may come to")),
    "fee.caps.CA": _caps(_("Most that fees may come to in California")),
    "contact.hours": Spec(
        _("Hours in which people are contacted"), {"from": Part(_("From"), "hour"), "to": Part(_("Until the hour"), "hour")}
    ),
    "provisions.stage_days": Spec(
        _("Stages of expected losses"),
        {
            "over": Part(_("Stage 2 above days late"), "days", most=90),
            "from": Part(_("Stage 3 from days late on"), "days", 1, most=180),
        },
    ),
    "contact.calls": Spec(
        _("Calls to who is late"),
        {
            "most": Part(_("Most calls about a debt"), "number", 1),
            "days": Part(_("Within days"), "days", 1, most=90),
            "quiet_days": Part(_("Days without a call, that of a talk included"), "days", 1, most=90),
        },
    ),
    "reminder.before_days": Spec(
        _("Reminder before a payment"), {WHOLE: Part(_("Days before a payment on which people are reminded of it"), "days", 1, most=14)}
    ),
    **STEPS,
    "notice.arrears": _notice(_("Notice of arrears")),
    "notice.default": _notice(_("Notice before a plan is given up")),
    "notice.hand_over": _notice(_("Notice before an agency gets a plan")),
    "contact.messages": Spec(
        _("Messages that ask who is late to pay"),
        {"most": Part(_("Most messages to a person"), "number", 1), "days": Part(_("Within days"), "days", 1, most=90)},
    ),
    "contact.quiet": Spec(
        _("Days on which nobody is asked to pay"),
        {
            "sundays": Part(_("On Sundays"), "yes"),
            "holidays": Part(_("On national holidays"), "yes"),
        },
    ),
    "settlement.late": _settlement(_("Settlements for less, late by up to 90 days")),
    "settlement.long_late": _settlement(_("Settlements for less, late for longer than 90 days")),
    "settlement.charged_off": _settlement(_("Settlements for less, of what was given up")),
    "complaints": Spec(
        _("Complaints of who is late"),
        {
            "team": Part(_("Who answers them"), "text"),
            "days": Part(_("Answered within days"), "days", 1, most=90),
            "body": Part(_("Where people go who do not agree"), "text"),
            "site": Part(_("Web address, without https://"), "text"),
        },
    ),
    **HARDSHIP,
    **AGENCIES,
    "script.en": _script(_("What an operator says on a call, in English")),
    "script.da": _script(_("What an operator says on a call, in Danish")),
    "script.sv": _script(_("What an operator says on a call, in Swedish")),
    "script.de": _script(_("What an operator says on a call, in German")),
    **LETTERS,
    "debit.balance_before": _one(_("The balance is looked at before a debit, where the person allows it"), "yes"),
    "records.keep_identity_years": _one(_("Years for which identification is kept"), "years", least=1),
    "records.keep_months": _one(_("Months for which records of decisions are kept"), "months", least=1),
}
SETTINGS: Mapping[str, Spec] = _SETTINGS
"""All settings that need two people for a change, by key, in display order."""


FORBIDDEN: Mapping[str, Mapping[str, str]] = {
    "fee.service": {
        "DE": "BGB 307",
        "DK": "Directive (EU) 2023/2225, Article 29",
        "SE": "Directive (EU) 2023/2225, Article 29",
        "GB": "Consumer Credit (Early Settlement) Regulations 2004",
    },
    "fee.returned": {"DE": "BGB 309 Nr. 5"},
    "fee.reschedule": {"DE": "BGB 307"},
}
"""The laws that forbid a setting, by key and market: in Germany a lump sum may not exceed what a returned debit costs, and a fee for what
the lender does in its own interest, as for making a credit, is void. In the European Union and the United Kingdom who pays early gets back
a share of all costs, while a service fee stays as it was charged."""


def spec_of(key: str) -> Spec | None:
    """Return a setting by its key, with or without a brand; None for a key that the product does not have."""
    base, sign, brand = key.partition(OF_BRAND)
    return None if sign and not (brand and base.startswith(BRANDED)) else SETTINGS.get(base)


def title_of(key: str) -> str:
    """Return a setting's title; the key itself of one that the product no longer has."""
    spec, (_base, sign, brand) = spec_of(key), key.partition(OF_BRAND)
    return key if spec is None else f"{spec.title} ({brand})" if sign else str(spec.title)


def value_faults(key: str, value: Any) -> dict[str, str]:
    """Return the faults of a setting's value, by part; the part of a single value is `value`."""
    spec = spec_of(key)
    assert spec is not None
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
    if not faults and key in LETTERS:
        faults |= letter_faults(value)
    if not faults and key.startswith("reminder.steps"):
        faults |= step_faults(value)
    if not faults and key == "hardship.respite" and value["review_days"] >= min(value.get("days", 367), value.get("hold_days", 367)):
        faults["review_days"] = Sentence("must be less than the days of a breathing space")
    if not faults and key == "provisions.stage_days" and value["from"] <= value["over"]:
        faults["from"] = Sentence("must be more than the days above which stage 2 begins")
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
        "text": isinstance(value, str) and _is_text(value, part.most or TEXT),
    }
    return "" if fits[part.unit] else Sentence("is not a value of this kind")


def value_text(key: str, value: Any, currency: str) -> str:
    """Format a setting's value for people; minor units are in `currency`. The value of an unlisted setting is returned as stored."""
    spec = spec_of(key)
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
        "days": lambda: ngettext("%(count)s day", "%(count)s days", value) % {"count": value},
        "months": lambda: ngettext("%(count)s month", "%(count)s months", value) % {"count": value},
        "years": lambda: ngettext("%(count)s year", "%(count)s years", value) % {"count": value},
    }
    return counted[part.unit]() if part.unit in counted else str(part.choices.get(value, value))


def _is_text(value: str, most: int) -> bool:
    """Return whether a value is a text of at most so many characters; one that may be longer than a line has paragraphs."""
    lines = value.split("\n") if most > TEXT else [value]
    return 1 <= len(value.strip()) <= most and all(line.isprintable() for line in lines)
