"""New payments of a running plan: an operator offers them, and the person agrees to exactly what they see, or declines."""

import uuid
from datetime import datetime
from typing import Any

from accounts.services import record_consent
from brands.queries import get_brand
from core.db import unit
from core.errors import Conflict
from core.outbox import append
from plans.documents.new_payments import VERSION, new_payments_text
from plans.errors import RearrangedByTwo
from plans.events import ScheduleChanged
from plans.models import Installment, Plan
from plans.queries import installments_of, lock_plan
from plans.rearranging import may_rearrange_alone, open_principal
from plans.restructuring import (
    DECLINED,
    REFUSED,
    Offer,
    find_offer,
    new_payments,
    offer_refused,
    still_offered,
    terms_refused,
    wanted_of,
)
from plans.rules.rearranging import OFFERED, RESTRUCTURED
from plans.services.creation import record_change, snapshot
from plans.services.new_plans import keep_new_terms
from plans.services.rearranging import checked_layouts, lay_out


def offer_restructure(*, plan_id: uuid.UUID, count: int, rate_bps: int, reason: str, actor: str, at: datetime) -> None:
    """Offer a person `count` payments to come at a yearly rate in place of the open ones; nothing changes until they agree.

    Conflict, with a code such as `plans.restructure_law`, where it may not be offered; RearrangedByTwo if it is more than the actor may do.
    """
    with unit():
        plan = lock_plan(plan_id)
        rows = installments_of(plan)
        if not may_rearrange_alone(plan, open_principal(rows), actor):
            raise RearrangedByTwo("You may not lay out so much anew alone. Propose it, and another person decides.")
        wanted = wanted_of(count, rate_bps)
        checked_layouts(plan, rows, wanted, at)
        if still_offered(plan, rows, at):
            raise _refusal("offered")
        if refused := offer_refused(plan, rows, wanted, at):
            raise _refusal(refused)
        _note(plan, rows, OFFERED, f"{count}:{rate_bps}", reason, actor, at)
        append(ScheduleChanged(plan=plan.public_id, reference=plan.reference, kind=OFFERED, cause=f"{OFFERED}:{at.isoformat()}"), at=at)


def accept_restructure(*, plan_id: uuid.UUID, seal: str, language: str, locale: str, actor: str, at: datetime) -> None:
    """Give a plan the payments that its person agrees to; `seal` is that of the `NewPayments` that they saw.

    The text of the agreement, in the active language, is kept with the version of the schedule. Conflict if there is no open offer, if its
    rate is above that of the plan by now (interest may have ended in hardship) or the law does not permit it any more, or if
    it is not what they saw any more.
    """
    with unit():
        plan = lock_plan(plan_id)
        rows, offer = installments_of(plan), _open_offer(plan, at)
        wanted = wanted_of(offer.count, offer.rate_bps)
        layouts = checked_layouts(plan, rows, wanted, at)
        if terms_refused(plan, rows, wanted, at):
            raise _refusal("gone")
        found = new_payments(plan, rows, wanted, at)
        if found.seal != seal:
            raise _refusal("changed")
        text = new_payments_text(plan, offer, found, get_brand(plan.consumer.brand_id).legal_name, locale)
        plan.rate_bps = offer.rate_bps
        plan.save(update_fields=["rate_bps"])
        told: dict[str, Any] = {"reference": str(offer.change.pk), "reason": "", "actor": actor, "at": at, "agreement": text}
        lay_out(plan=plan, rows=rows, layouts=layouts, kind=RESTRUCTURED, **told)
        keep_new_terms(plan=plan, text=text, language=language, at=at)
        version: dict[str, Any] = {"kind": RESTRUCTURED, "version": VERSION, "text": text, "language": language}
        record_consent(consumer=plan.consumer, how="account", reference=plan.public_id, at=at, **version)


def decline_restructure(*, plan_id: uuid.UUID, actor: str, at: datetime) -> None:
    """End a plan's open offer of new payments; Conflict if there is none."""
    with unit():
        plan = lock_plan(plan_id)
        offer = _open_offer(plan, at)
        _note(plan, installments_of(plan), DECLINED, str(offer.change.pk), "", actor, at)


def _open_offer(plan: Plan, at: datetime) -> Offer:
    offer = find_offer(plan, at)
    if offer is None:
        raise _refusal("gone")
    return offer


def _refusal(why: str) -> Conflict:
    return Conflict(REFUSED[why], code=f"plans.restructure_{why}")


def _note(plan: Plan, rows: list[Installment], kind: str, reference: str, reason: str, actor: str, at: datetime) -> None:
    """Keep a step that changes no payment among the versions of the schedule."""
    now = snapshot(rows)
    record_change(plan=plan, kind=kind, reference=reference, before=now, after=now, actor=actor, reason=reason, at=at)
