"""Settling a late plan for less: what one operator may agree on, the offer or its proposal, and what became of offers before."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.admin import keep_look
from collection import services as collection
from collection.models import JointSettlement, Settlement
from collection.queries import name_of_plan
from collection.services.cases import MAY_WORK
from collection.settlement_proposals import SettlingByTwo
from collection.settling import (
    LONGEST,
    REFUSED,
    Terms,
    list_settlements,
    may_alone,
    moved,
    open_minor_of,
    respites_of,
    stage_of,
    why_closed,
)
from collection.settling_guards import SETTLING
from collection.states import SettlementStatus
from controls.queries import find_open_proposal
from core import clock
from core.admin import find_row
from core.amounts import AmountField
from core.clock import local_date
from core.moments import amount_words, day_words, desk_locale, percent_words
from core.once import new_key
from core.sentences import translated
from markets.queries import find_settlement
from operations.frame import act_in_form, carry_out_once, may_see, operator, show
from operations.wording import names_of, status_of
from plans.models import Plan
from plans.queries import installments_of
from plans.states import PLAN_OWED

STEPS = [(7, "7"), (14, "14"), (30, "30")]
"""Days between two parts."""
MOST_PARTS = 24


class SettleForm(forms.Form):
    """What the person pays instead, in how many parts, and from which day on."""

    def __init__(self, *args: Any, currency: str, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        label = _("Paid instead of what is open, %(currency)s") % {"currency": currency}
        self.fields["amount"] = AmountField(label=label, currency=currency, locale=desk_locale())
        self.fields["parts"] = forms.IntegerField(label=_("In how many payments"), min_value=1, max_value=MOST_PARTS, initial=1)
        day = forms.DateInput(attrs={"type": "date", "min": today.isoformat()})
        self.fields["first"] = forms.DateField(label=_("The first one by the day"), widget=day)
        self.fields["every"] = forms.TypedChoiceField(label=_("Days between two payments"), choices=STEPS, coerce=int, initial=30)
        self.fields["reason"] = forms.CharField(label=_("Why, where two people decide"), max_length=500, required=False)

    def clean_first(self) -> date:
        """Refuse days from which on the others could not be counted; the service checks each of them."""
        first: date = self.cleaned_data["first"]
        if first > self.today + timedelta(days=LONGEST):
            raise forms.ValidationError(_("from today on, and all within a year"))
        return first

    def terms(self) -> Terms:
        """Return what is offered."""
        told = self.cleaned_data
        return Terms.even(told["amount"], told["parts"], told["first"], told["every"])


def settle(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show what may be settled of a plan, and offer or propose it; who decides about proposals reads the page, without the form."""
    may_work = operator(request).may(MAY_WORK)
    if not (may_see(request) and (may_work or (operator(request).may(SettlingByTwo().may_approve) and request.method == "GET"))):
        raise PermissionDenied
    plan, at = find_row(Plan.objects.select_related("product__market", "consumer"), pk), clock.now()
    keep_look(request, "person", [plan.consumer_id])
    rows, today = installments_of(plan), local_date(at, plan.time_zone)
    form = SettleForm(request.POST or None, currency=plan.currency, today=today)
    if request.method == "POST" and form.is_valid():
        terms = form.terms()
        alone = may_alone(plan, rows, terms, today)
        if act_in_form(request, form, collection.settle_for, plan_id=plan.pk, terms=terms, note=form.cleaned_data["reason"]):
            messages.success(request, _("Offered. The person is told.") if alone else _("Proposed. Another person decides now."))
            return HttpResponseRedirect(reverse("admin:collection_settle", args=[plan.pk]))
    closed, stage = why_closed(plan, rows, at), stage_of(plan, rows, today)
    allowed = find_settlement(plan.product.market_id, stage, today)
    facts = {
        "plan": plan,
        "name": name_of_plan(str(plan.pk)),
        "open_minor": open_minor_of(rows),
        "stage": dict(Settlement.STAGES)[stage],
        "least": percent_words(allowed["least_bps"]) if allowed else "",
        "most_parts": allowed.get("most_parts", 0),
        "closed": translated(REFUSED[closed]) if closed else "",
        "form": form if may_work and not closed else None,
        "waiting": find_open_proposal(SETTLING, str(plan.pk)),
        "offers": [_shown(one, today) for one in list_settlements(plan.pk)],
        "has_more": _has_more(plan),
        "may_work": may_work,
        "once": new_key(),
    }
    return show(request, "late/settle.html", _("Settle for less"), **facts)


def act_on(request: HttpRequest, pk: uuid.UUID, act: str) -> HttpResponse:
    """Note that the person accepted an offer on the phone, or take it back, once per form."""
    acts = {"accept": (collection.note_acceptance, _("Noted. The person gets a confirmation."))}
    acts["withdraw"] = collection.withdraw_settlement, _("Taken back.")
    if not may_see(request):
        raise PermissionDenied
    made = find_row(Settlement.objects.all(), pk)
    back = reverse("admin:collection_settle_all" if made.joint_id else "admin:collection_settle", args=[made.plan_id])
    if request.method != "POST" or act not in acts:
        return HttpResponseRedirect(back)
    service, done = acts[act]
    told: dict[str, Any] = {"settlement_id": made.pk, "user": operator(request), "at": clock.now()}
    return carry_out_once(request, lambda: service(**told), done=done, back=back)


def _has_more(plan: Plan) -> bool:
    """Return whether the plan's person owes something else in its currency."""
    others = Plan.objects.filter(consumer=plan.consumer_id, currency=plan.currency, status__in=PLAN_OWED)
    return others.exclude(pk=plan.pk).exists()


def _shown(one: Settlement, today: date) -> dict[str, Any]:
    """Show a settlement of a plan; the part of an offer over several is decided on with the others."""
    live = one.status == SettlementStatus.OFFERED and one.until >= today
    return shown_offer(one, [one], can_accept=live and one.joint_id is None) | {"together": one.joint_id and one.plan_id}


def shown_offer(offer: Settlement | JointSettlement, members: Sequence[Settlement], *, can_accept: bool) -> dict[str, Any]:
    """Return an offer over one plan or several as its page shows it; the first of the plans' settlements stands for all of them."""
    one = members[0]
    names = names_of({one.made_by, one.accepted_by} - {""})
    # A breathing space moves what is to come of an offer that was accepted.
    still = respites_of(one) if one.status == SettlementStatus.ACCEPTED else ()
    terms = moved(Terms.read(offer.parts), still, one.plan.time_zone)
    return {
        "id": one.pk,
        "minor": offer.amount_minor,
        "open_minor": offer.open_minor,
        "currency": offer.currency,
        "parts": ", ".join(f"{day_words(day)}: {amount_words(minor, offer.currency)}" for day, minor in terms.parts),
        "by": names.get(one.made_by, ""),
        "at": one.made_at,
        "until": one.until,
        "status": status_of(one.status),
        "accepted_by": names.get(one.accepted_by, "") or (_("the person") if one.accepted_by else ""),
        "accepted_at": one.accepted_at,
        "paid_minor": sum(each.paid_minor for each in members),
        "can_accept": can_accept,
    }
