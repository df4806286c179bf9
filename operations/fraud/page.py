"""The content of a fraud case's page, as plain values, in a constant number of queries."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries import account_ids
from checkout.models import Checkout, OrderReview
from checkout.neighbors import linked_to
from checkout.queries import find_order_of
from controls.rule_kinds import get_rule_kind
from controls.telling import explain
from core import clock
from core.ids import parse_id
from core.moments import amount_words
from fraud.desk.queries import history_of, name_of, seen_at
from fraud.desk.services import MAY_LABEL
from fraud.lists.services import MAY_LIST
from fraud.lists.values import COLUMNS
from fraud.models import Assessment, FraudCase, ListEntry
from fraud.ruling import FRAUD, TITLES
from fraud.states import Said, Verdict
from fraud.telling import describe_assessment
from operations.frame import MAY_SEE
from operations.fraud.finding import rule_names
from operations.fraud.lists import BLOCKED_HERE, KINDS, NAMES, UntilForm
from operations.wording import names_of, status_of
from payments.queries import find_bank_answer
from payments.states import CheckState

OTHERS = 8
MARKS = {
    Verdict.ALLOW: "",
    Verdict.STEP_UP: "desk-prepared",
    Verdict.CONFIRM: "desk-prepared",
    Verdict.HOLD: "desk-waiting",
    Verdict.BLOCK: "desk-rejected",
}
SAID: dict[str, Any] = {Said.FRAUD: "desk-rejected", Said.HONEST: "desk-approved"}


def said(label: str) -> dict[str, str] | None:
    """Return a label as a pill (a colored badge); None if there is no label."""
    words = {Said.FRAUD: _("Fraud"), Said.HONEST: _("Honest")}
    return {"word": words[Said(label)], "mark": SAID[label]} if label else None


def facts_of(case: FraudCase, user: User) -> dict[str, Any]:
    """Return the content of a case's page: the attempt, why it is a case, its signals, who shares what, and its labels."""
    checkout = Checkout.objects.select_related("merchant").filter(pk=parse_id(Checkout.PREFIX, case.subject)).first()
    assessment, order = Assessment.objects.get(pk=case.pk), find_order_of(checkout) if checkout else None
    sees = user.may(MAY_SEE)
    return {
        "case": case,
        "amount": amount_words(case.amount_minor, case.currency),
        "verdict": {"word": TITLES[Verdict(case.verdict)], "mark": MARKS[Verdict(case.verdict)]},
        "label": said(case.label),
        "unproved": "" if assessment.proved_at else _unproved(case),
        "causes": [] if not assessment.findings else _causes(assessment),
        "assessed": describe_assessment(assessment, case.currency),
        "checkout": checkout,
        "items": checkout.items if checkout else [],
        "order": order,
        "order_status": status_of(order.status) if order else None,
        "review": OrderReview.objects.filter(order=order).first() if order else None,
        "consumer": case.consumer,
        "person": str(case.consumer.name or _("Nobody told us the name")) if sees else case.consumer.public_id,
        "identity": status_of(case.consumer.identity),
        "linked": linked_to(case.consumer) if sees else None,
        "others": _others(case),
        "history": _history(case),
        "can_label": user.may(MAY_LABEL),
        "seen": _seen(case),
        "block_form": UntilForm() if user.may(MAY_LIST) else None,
        "sees": sees,
    }


def _unproved(case: FraudCase) -> str:
    """Say how it came that the person did not prove what was asked; empty if nothing was."""
    if case.verdict == Verdict.STEP_UP:
        return _("The code was not entered.")
    if case.verdict != Verdict.CONFIRM:
        return ""
    answer = find_bank_answer(case.consumer_id, case.subject)
    if answer is CheckState.REFUSED:
        return _("The bank refused to confirm the card.")
    if answer is None:
        return _("The bank did not confirm the card.")
    return _("The bank was asked, and the person has not confirmed the card there.")


def _causes(assessment: Assessment) -> list[dict[str, str]]:
    """Return the rules that held: name, reason, condition in words, and the page of their version."""
    kind, version = get_rule_kind(FRAUD), assessment.version
    names = rule_names()
    return [
        {
            "name": names.get(rule, rule),
            "reason": str(kind.reasons.get(reason, reason)),
            "when": explain(kind, version, rule, row),
            "link": reverse("admin:controls_rules_version", args=[FRAUD, version]),
        }
        for rule, row, _outcome, reason, _value in assessment.findings
    ]


def _others(case: FraudCase) -> list[dict[str, Any]]:
    """Return the newest other cases of the same person."""
    mine = FraudCase.objects.filter(consumer__in=account_ids(case.consumer.holder_id)).exclude(pk=case.pk)
    return [
        {
            "id": one.pk,
            "at": one.at,
            "verdict": {"word": TITLES[Verdict(one.verdict)], "mark": MARKS[Verdict(one.verdict)]},
            "amount": amount_words(one.amount_minor, one.currency),
            "label": said(one.label),
        }
        for one in mine.order_by("-id")[:OTHERS]
    ]


def _history(case: FraudCase) -> list[dict[str, Any]]:
    """Return all labels that an attempt was ever given, newest first."""
    labels = history_of(name_of(case), case.subject)
    names = names_of({one.actor for one in labels} | {one.ended_by for one in labels})
    return [
        {"said": said(Said.FRAUD if one.is_fraud else Said.HONEST), "by": names[one.actor], "at": one.at, "reason": str(one.reason)}
        | {"ended_by": names[one.ended_by], "ended_at": one.ended_at}
        for one in labels
    ]


def _seen(case: FraudCase) -> list[dict[str, Any]]:
    """Return the values of an attempt that can be blocked, each with its list entries in force. Two queries."""
    seen = seen_at(case)
    keys = {kind: getattr(seen, COLUMNS[kind]) for kind in BLOCKED_HERE if seen and getattr(seen, COLUMNS[kind])}
    holding = ListEntry.objects.filter(ListEntry.holding(clock.now().date()), key__in=keys.values()).defer("reason", "end_reason")
    listed = [(entry.key, {"id": entry.pk, "list": NAMES[entry.listed], "until": entry.until}) for entry in holding]
    return [{"kind": kind, "title": KINDS[kind], "on": [one for key, one in listed if key == keys[kind]]} for kind in keys]
