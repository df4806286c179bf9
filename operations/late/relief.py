"""Relief by an operator: the person's budget, what fits it, and an offer that the person accepts."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.admin import keep_look
from collection import services as collection
from collection.queries import name_of_plan
from collection.relieving import BUDGET, RELIEF, ReliefByTwo
from collection.services.cases import MAY_WORK
from collection.services.relieving import standard_of
from controls.models import Proposal
from controls.queries import find_open_proposal
from core import clock
from core.admin import find_row
from core.amounts import AmountField
from core.clock import local_date
from core.moments import amount_words, desk_locale
from core.once import new_key
from core.unreadable import Unreadable, listing
from operations.frame import act_in_form, may_see, operator, show
from operations.wording import names_of
from plans.hardship import Answers, Relief, find_offer, open_of, relief_of, rules_in
from plans.models import Budget as KeptBudget
from plans.models import Hardship, Plan, ReliefOffer
from plans.queries import installments_of
from plans.rules.budgets import Budget, fitting_count, takes_two
from plans.rules.hardship import SMALLER

SHOWN = 10
AMOUNTS = ("income", "housing", "living", "priority")
"""The amounts of a budget."""


class ReliefForm(forms.Form):
    """A household's month in units of the plan's currency, and what is offered."""

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        money: dict[str, Any] = {"currency": currency, "locale": desk_locale(), "zero": True}
        with_currency = {"currency": currency}
        self.fields["income"] = AmountField(label=_("Income in a month, after tax, %(currency)s") % with_currency, **money)
        self.fields["housing"] = AmountField(label=_("Housing in a month, %(currency)s") % with_currency, **money)
        self.fields["living"] = AmountField(label=_("Other living costs in a month, %(currency)s") % with_currency, **money)
        self.fields["dependants"] = forms.IntegerField(label=_("Dependants"), min_value=0, max_value=20, initial=0)
        self.fields["priority"] = AmountField(
            label=_("Debts that come first, in a month (arrears of rent, power, maintenance), %(currency)s") % with_currency, **money
        )
        self.fields["reason"] = forms.ChoiceField(label=_("Why the person cannot pay"), choices=Hardship.REASONS)
        self.fields["lasts"] = forms.ChoiceField(label=_("How long it lasts"), choices=Hardship.LASTS)
        self.fields["kind"] = forms.ChoiceField(label=_("What is offered"), choices=Hardship.KINDS)
        self.fields["number"] = forms.IntegerField(label=_("Days or payments"), min_value=1, required=False)
        self.fields["note"] = forms.CharField(label=_("Why, where two people decide"), max_length=500, required=False)

    def budget(self) -> Budget:
        """Return the household's month."""
        told = self.cleaned_data
        return Budget(told["income"], told["housing"], told["living"], told["dependants"], told["priority"])

    def offer(self) -> dict[str, Any]:
        """Return what is offered, and the person's answers."""
        told = self.cleaned_data
        answers = Answers(told["reason"], told["lasts"], can_pay=told["kind"] == SMALLER)
        return {"kind": told["kind"], "number": told["number"] or 0, "answers": answers, "note": told["note"]}


def relief(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the last budget of a plan's person, the offers and the form; calculate what fits a budget, and offer relief or propose it.

    Who decides about proposals of relief reads the page, without the form.
    """
    may_work = operator(request).may(MAY_WORK)
    if not (may_see(request) and (may_work or (operator(request).may(ReliefByTwo().may_approve) and request.method == "GET"))):
        raise PermissionDenied
    plan, at = find_row(Plan.objects.select_related("product", "consumer"), pk), clock.now()
    keep_look(request, "person", [plan.consumer_id])
    form = ReliefForm(request.POST or None, currency=plan.currency)
    fits: Mapping[str, str] = {}
    if request.method == "POST" and form.is_valid():
        budget, offered = form.budget(), form.offer()
        fits = _fits(plan, budget, standard_of(plan, budget.dependants, at))
        if "offer" in request.POST and act_in_form(request, form, collection.relieve, plan_id=plan.pk, budget=budget, **offered):
            proposed = takes_two(offered["kind"], offered["number"], rules_in(plan.product.market_id, local_date(at, plan.time_zone)))
            messages.success(request, _("Proposed. Another person decides now.") if proposed else _("Offered. The person is told."))
            return HttpResponseRedirect(reverse("admin:collection_relief", args=[plan.pk]))
    facts = _facts(plan, at)
    facts["preview"] = _preview(plan, form, at)
    shown = {"form": form if may_work else None, "fits": fits, "once": new_key(), "kept": _kept(plan, facts["waiting"], form)}
    return show(request, "late/relief.html", _("Relief"), **shown, **facts)


def _kept(plan: Plan, waiting: Proposal | None, form: ReliefForm) -> dict[str, Any] | None:
    """Return the budget that a proposal rests on, else the newest of the person, in words; None without one that can be read."""
    with listing():
        budgets = KeptBudget.objects.filter(consumer=plan.consumer_id)
        kept = (budgets.filter(pk=waiting.after[BUDGET]) if waiting else budgets).order_by("-id").first()
    if kept is None or isinstance(kept.figures, Unreadable):
        return None
    told, budget = kept.figures, Budget(**kept.figures)
    words = {str(form.fields[name].label): amount_words(told[f"{name}_minor"], plan.currency) for name in AMOUNTS}
    words |= {str(form.fields["dependants"].label): str(budget.dependants)}
    return {"at": kept.at, "by": names_of({kept.actor})[kept.actor], "words": words | _fits(plan, budget, kept.living_minor)}


def _fits(plan: Plan, budget: Budget, standard: int) -> dict[str, str]:
    """Return in words what the market counts for living, what is left in a month, and how many payments that would be."""
    left, count = budget.left_minor(standard), fitting_count(_open_minor(plan), budget.left_minor(standard), plan.terms)
    return {
        _("Standard for living costs"): amount_words(standard, plan.currency),
        _("Left in a month"): amount_words(left, plan.currency),
        _("Payments that fit"): str(count) if count else _("none: offer a pause"),
    }


def _preview(plan: Plan, form: ReliefForm, at: datetime) -> Relief | None:
    """Return the payments that come of what is filled in, else of the offer that waits for the person, as they would be today; or None."""
    today, rows = local_date(at, plan.time_zone), installments_of(plan)
    if form.is_bound and form.is_valid() and form.cleaned_data["number"]:
        kind, number = form.cleaned_data["kind"], form.cleaned_data["number"]
    elif (waiting := find_offer(plan, today)) is not None:
        kind, number = waiting.kind, waiting.days or waiting.count
    else:
        return None
    rules = rules_in(plan.product.market_id, today)
    is_possible = number <= (rules.two_count if kind == SMALLER else rules.two_days) and any(row.open_minor for row in open_of(rows))
    return relief_of(kind, plan, rows, number, number, today) if is_possible else None


def _open_minor(plan: Plan) -> int:
    return sum(row.open_minor for row in open_of(installments_of(plan)))


def _facts(plan: Plan, at: datetime) -> dict[str, Any]:
    today = local_date(at, plan.time_zone)
    offers = list(ReliefOffer.objects.filter(plan=plan).order_by("-id")[:SHOWN])
    names = names_of({one.actor for one in offers})
    return {
        "plan": plan,
        "name": name_of_plan(str(plan.pk)),
        "open_minor": _open_minor(plan),
        "rules": rules_in(plan.product.market_id, today),
        "waiting": find_open_proposal(RELIEF, str(plan.pk)),
        "offers": [
            {
                "what": one.get_kind_display(),
                "number": _number_words(one),
                "by": names[one.actor],
                "at": one.at,
                "until": one.until,
                "word": _state(one, today),
            }
            for one in offers
        ],
    }


def _number_words(offer: ReliefOffer) -> str:
    if offer.days:
        return ngettext("%(n)s day", "%(n)s days", offer.days) % {"n": offer.days}
    return ngettext("%(n)s payment", "%(n)s payments", offer.count) % {"n": offer.count}


def _state(offer: ReliefOffer, today: date) -> str:
    if offer.relief_id is not None:
        return _("Accepted")
    if offer.closed_at is not None:
        return _("Replaced")
    return _("Waits for the person") if offer.until >= today else _("Over")
