"""Settling all late plans of a person in one currency by one offer: what is open of each, the offer or its proposal, and offers before."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.admin import keep_look
from collection import services as collection
from collection.joint import FEWEST, Member, list_joint, list_late_together, may_together
from collection.models import JointSettlement, Settlement
from collection.queries import names_of_plans
from collection.services.cases import MAY_WORK
from collection.settlement_proposals import SettlingAllByTwo
from collection.settling import REFUSED, stage_of
from collection.settling_guards import SETTLING_ALL
from collection.states import SETTLEMENT_LIVE, SettlementStatus
from controls.queries import find_open_proposal
from core import clock
from core.admin import find_row
from core.clock import local_date
from core.once import new_key
from core.sentences import translated
from operations.frame import act_in_form, may_see, operator, show
from operations.late.settle import SettleForm, shown_offer
from operations.wording import status_of
from plans.models import Plan


def settle_all(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show what may be settled of all late plans of a plan's person in its currency, and offer or propose it as one.

    Who decides about proposals reads the page, without the form.
    """
    may_work = operator(request).may(MAY_WORK)
    if not (may_see(request) and (may_work or (operator(request).may(SettlingAllByTwo().may_approve) and request.method == "GET"))):
        raise PermissionDenied
    plan, at = find_row(Plan.objects.select_related("consumer"), pk), clock.now()
    keep_look(request, "person", [plan.consumer_id])
    members, left_out = list_late_together(plan.consumer, plan.currency, at)
    today, keys = local_date(at, plan.time_zone), [one.plan.pk for one in members]
    form = SettleForm(request.POST or None, currency=plan.currency, today=today)
    if request.method == "POST" and request.POST.get("plans", "") != _joined(keys):
        form.add_error(None, _("What is late changed since you looked. Look at it again."))
    if request.method == "POST" and form.is_valid():
        terms = form.terms()
        alone = len(members) >= FEWEST and may_together(members, terms, today)
        if act_in_form(request, form, collection.settle_together, plan_ids=keys, terms=terms, note=form.cleaned_data["reason"]):
            messages.success(request, _("Offered. The person is told.") if alone else _("Proposed. Another person decides now."))
            return HttpResponseRedirect(reverse("admin:collection_settle_all", args=[pk]))
    offers = list_joint(plan.consumer_id, plan.currency)
    names = names_of_plans({plan.pk, *keys, *left_out, *(one.plan_id for joint in offers for one in joint.members.all())})
    facts = {
        "plan": plan,
        "name": names.get(plan.pk, ""),
        "open_minor": sum(one.open_minor for one in members),
        "lines": [_line(one, names, today) for one in members],
        "left_out": [{"id": key, "name": names.get(key, ""), "why": translated(REFUSED[why])} for key, why in left_out.items()],
        "form": form if may_work and len(members) >= FEWEST else None,
        "plans": _joined(keys),
        "waiting": find_open_proposal(SETTLING_ALL, str(keys[0])) if keys else None,
        "offers": [_shown(one, names, today) for one in offers],
        "may_work": may_work,
        "once": new_key(),
    }
    return show(request, "late/settle_all.html", _("Settle several for less"), **facts)


def _joined(keys: list[uuid.UUID]) -> str:
    return ",".join(map(str, keys))


def _line(one: Member, names: Mapping[uuid.UUID, str], today: date) -> dict[str, Any]:
    stage = dict(Settlement.STAGES)[stage_of(one.plan, one.rows, today)]
    return {"id": one.plan.pk, "name": names.get(one.plan.pk, ""), "minor": one.open_minor, "stage": stage}


def _shown(joint: JointSettlement, names: Mapping[uuid.UUID, str], today: date) -> dict[str, Any]:
    """Show an offer over several plans by what became of its parts: those that are live, or else that were not done before."""
    members = list(joint.members.all())
    telling = [one for one in members if one.status != SettlementStatus.FELL_AWAY] or members
    telling.sort(key=lambda one: one.status not in SETTLEMENT_LIVE)
    can_accept = telling[0].status == SettlementStatus.OFFERED and joint.until >= today
    lines = [
        {"id": one.plan_id, "name": names.get(one.plan_id, ""), "minor": one.amount_minor, "status": status_of(one.status)}
        for one in sorted(members, key=lambda one: one.plan_id)
    ]
    return shown_offer(joint, telling, can_accept=can_accept) | {"lines": lines}
