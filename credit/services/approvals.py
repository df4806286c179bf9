"""A person overrules a refusal: the same purchase is approved when it is decided on again."""

import uuid
from datetime import datetime, timedelta

from accounts.queries import lock_person_of
from core.adjusting import value_of
from core.db import unit
from core.errors import Conflict, Forbidden, Invalid, refuse
from core.sentences import Sentence
from core.writes import insert
from credit import queries
from credit.models import Approval, Decision
from credit.overruling import may_overrule
from credit.reasons import GROUNDS
from credit.settable import APPROVAL_DAYS


def overrule(
    *, decision_id: uuid.UUID, amount_minor: int, left_minor: int | None = None, why: str, note: str, actor: str, at: datetime
) -> Approval:
    """Approve up to `amount_minor` of a refused purchase, for as long as the setting says; return the approval.

    What the person owes meanwhile stands beside it: they may owe it and this amount, and nothing more. `left_minor` is what was proven to
    be left of a month's income. Invalid names `amount`, `why` (also for grounds that the rules do not allow) or `note`, or `left` if the
    law would refuse it all the same; Forbidden for one operator where the rules want two (`credit.overruling`); Conflict if the decision
    is no refusal that people may overrule, if it is not the newest about its purchase, or if it was overruled already.
    """
    with unit():
        decision = Decision.objects.select_related("consumer").get(pk=decision_id)
        lock_person_of(decision.consumer_id)
        refuse(
            {
                "amount": "" if 0 < amount_minor <= decision.amount_minor else Sentence("at most what was asked for"),
                "why": "" if why in GROUNDS else Sentence("choose the grounds"),
                "note": "" if note.strip() else Sentence("say what you saw"),
            }
        )
        said = may_overrule(decision, amount_minor=amount_minor, left_minor=left_minor, why=why, at=at)
        if not said.is_allowed:
            told = Sentence("do not count here, by the rules about refusals overruled")
            raise Invalid("These grounds do not count here.", code="credit.grounds_refused", fields={"why": told})
        if not actor.startswith("proposal:") and not said.is_alone:
            raise Forbidden("So much takes two people.", code="credit.two_people")
        if not queries.can_be_overruled(decision):
            raise Conflict("This refusal cannot be overruled.", code="credit.refusal_final")
        if queries.reasons_beside(decision, left_minor):
            told = Sentence("does not carry the payments, as the law asks")
            raise Invalid("The income does not carry the payments.", code="credit.payments_too_high", fields={"left": told})
        if queries.newest_decision(decision.consumer_id, decision.reference) != decision.pk:
            raise Conflict("Something newer was decided about this purchase.", code="credit.decided_since")
        if Approval.objects.filter(decision=decision).exists():
            raise Conflict("This was approved already.", code="credit.approved_already")
        insert(said.case)
        owed = queries.exposure(queries.lock_lines(decision.consumer), decision.currency, at.date())
        given = {"why": why, "note": note.strip(), "actor": actor, "at": at, "until": at + timedelta(days=value_of(APPROVAL_DAYS))}
        return Approval.objects.create(
            decision=decision,
            consumer=decision.consumer,
            currency=decision.currency,
            amount_minor=amount_minor,
            granted_minor=owed + amount_minor,
            left_minor=left_minor,
            **given,
        )
