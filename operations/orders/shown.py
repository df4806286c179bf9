"""The plans that a person was shown after a decision, as they were shown, for the decision's page."""

from datetime import date
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.models import ShownOffer
from checkout.showing import ShownPlan, Why, plans_of
from checkout.texts import cause_text
from core.moments import amount_words, day_words, percent_words
from core.readable import words
from core.sentences import Text
from credit.models import Decision
from plans.known import PLANS

WHY: dict[str, Text] = {
    Why.EVERYBODY: gettext_lazy("Offered to everybody"),
    Why.RULE: gettext_lazy("Offered by a rule"),
    Why.AUDIENCE: gettext_lazy("Only offered by a rule, and none did"),
    Why.SCOPE: gettext_lazy("Not meant for this purchase"),
    Why.REPLACED: gettext_lazy("Another plan is offered in its place"),
    Why.AMOUNT: gettext_lazy("Not offered for this amount"),
    Why.WITHHELD: gettext_lazy("Left out by a rule"),
    Why.LAW: gettext_lazy("Forbidden by the law by then"),
    Why.STATE: gettext_lazy("Above the cap of the person's state"),
    Why.PAYMENTS: gettext_lazy("The payments are more than the person can afford"),
}


def shown_after(decision: Decision) -> list[dict[str, Any]]:
    """Return the offers that a person was shown after a decision, the oldest first; one query."""
    found = ShownOffer.objects.filter(decision=decision).order_by("id")
    return [{"at": one.at, "plans": [_plan(one, plan, decision.currency) for plan in plans_of(one)]} for one in found]


def _plan(shown: ShownOffer, plan: ShownPlan, currency: str) -> dict[str, Any]:
    rule = shown.ruled.get(plan.product)
    why = str(WHY[plan.why])
    return {
        "name": PLANS.get(plan.product, words(plan.product)),
        "version": plan.version,
        "offered": plan.is_offered,
        "why": f"{why} · {cause_text({'code': 'rule', 'facts': rule})}" if rule else why,
        "total": plan.total_minor,
        "price": " · ".join(_price(plan, currency)) if plan.is_offered else "",
    }


def _price(plan: ShownPlan, currency: str) -> list[str]:
    """Return each payment with its first date, the deposit, the interest and the APR, in words."""
    amounts = [principal + interest for _day, principal, interest in plan.installments]
    parts = [(len(list(same)), amount) for amount, same in groupby(amounts)]
    told = [" + ".join(_("%(count)s × %(amount)s") % {"count": count, "amount": amount_words(amount, currency)} for count, amount in parts)]
    told += [_("last on %(day)s") % {"day": day_words(date.fromisoformat(plan.installments[-1][0]))}] if plan.installments else []
    told += [_("deposit %(amount)s") % {"amount": amount_words(plan.deposit_minor, currency)}] if plan.deposit_minor else []
    told += [_("service fee %(amount)s") % {"amount": amount_words(plan.service_minor, currency)}] if plan.service_minor else []
    told += [_("interest %(amount)s") % {"amount": amount_words(plan.interest_minor, currency)}] if plan.interest_minor else []
    return [*told, _("APR %(rate)s") % {"rate": percent_words(plan.apr_bps)}]
