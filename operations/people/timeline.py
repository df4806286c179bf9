"""A person's history, newest first, a page at a time: rows of several tables, merged by time."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import Block, Consent, ConsumerChange, ConsumerRequest, Note
from accounts.queries import public_id_of
from accounts.texts import CONSENT_NAMES
from checkout.models import Capture, Order, OrderChange, Refund
from checkout.queries import begins_with
from collection.models import Call
from controls.models import Proposal
from core.moments import amount_words, moment_words
from core.unreadable import Unreadable
from credit.models import Decision, LimitChange
from credit.proposals import Limit, OrderLimit
from notifications.letters import Brief, compose_briefs
from notifications.models import Message
from notifications.states import MessageStatus
from operations.people.person import Person
from operations.unsent import why_unsent
from operations.wording import names_of, status_of
from payments.models import Charge, PaymentMethod
from payments.texts import method_name
from plans.models import Standstill

PAGE = 20
LATER = timedelta(minutes=5)
"""A message that was sent so long after it was written says when, since it may have waited for hours that are allowed."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the history: what happened, to what, by whom, and the link to its page."""

    at: datetime
    what: str
    detail: str = ""
    actor: str = ""
    link: str = ""
    by: str = ""
    message: uuid.UUID | None = None
    """The key of the message, if the entry is one that can be sent again."""
    consumer: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the history, and the cursor of the next older page; empty at the end."""

    rows: list[Happened]
    older: str


Source = Callable[[list[uuid.UUID], datetime | None, int], list[Happened]]


def timeline(person: Person, cursor: str = "") -> Page:
    """Return a page of a person's history; a constant number of queries, each of at most one page of rows.

    The cursor is the time of the last row of the previous page, and the number of rows with that time already shown.
    """
    before, shown = _read(cursor)
    keys = [one.pk for one in person.accounts]
    found = sorted((row for source in SOURCES for row in source(keys, before, PAGE + shown + 1)), key=lambda row: row.at, reverse=True)
    same = [row for row in found if row.at == before][shown:]
    rest = [*same, *(row for row in found if row.at != before)]
    rows, more = rest[:PAGE], rest[PAGE:]
    names = names_of({row.actor for row in rows if row.actor})
    told = [replace(row, by=names.get(row.actor, "")) for row in rows]
    return Page(told, _write(rows, before, shown) if more else "")


def _read(cursor: str) -> tuple[datetime | None, int]:
    text, _sign, count = cursor.partition("~")
    try:
        at = parse_datetime(text) if text else None
    except ValueError:
        at = None
    return (at, min(int(count), 500) if count.isdecimal() else 0) if at and at.tzinfo else (None, 0)


def _write(rows: Sequence[Happened], before: datetime | None, shown: int) -> str:
    last = rows[-1].at
    count = sum(row.at == last for row in rows) + (shown if last == before else 0)
    return f"{last.isoformat()}~{count}"


def _page(rows: QuerySet[Any], field: str, before: datetime | None, limit: int) -> list[Any]:
    return list((rows.filter(**{f"{field}__lte": before}) if before else rows).order_by(f"-{field}", "-pk")[:limit])


def _money(minor: int, currency: str) -> str:
    return amount_words(minor, currency)


def _of_order(order: Order) -> str:
    return reverse("admin:checkout_order_change", args=[order.pk])


def _orders(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    found = _page(Order.objects.filter(consumer__in=keys).select_related("merchant"), "created_at", before, limit)
    return [
        Happened(one.created_at, _("Bought"), f"{one.merchant.name}, {_money(one.amount_minor, one.currency)}", "con_", _of_order(one))
        for one in found
    ]


def _changes_of_orders(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    found = _page(OrderChange.objects.filter(order__consumer__in=keys).select_related("order__merchant"), "at", before, limit)
    told = {
        "approved": _("Order approved"),
        "rejected": _("Order rejected"),
        "voided": _("Order voided"),
        "released": _("Rest of an order released"),
        "expired": _("Order expired"),
        "extended": _("Authorization extended"),
    }
    return [Happened(one.at, told[one.kind], one.order.merchant.name, one.actor, _of_order(one.order)) for one in found]


def _captures(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    found = _page(Capture.objects.filter(order__consumer__in=keys).select_related("order__merchant"), "at", before, limit)
    return [
        Happened(one.at, _("The shop captured"), _shop_and(one.order, one.amount_minor), one.actor, _of_order(one.order)) for one in found
    ]


def _refunds(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    rows = Refund.objects.filter(order__consumer__in=keys).select_related("order__merchant").defer("reason", "reason_before")
    found = _page(rows, "at", before, limit)
    return [
        Happened(one.at, _("The shop refunded"), _shop_and(one.order, one.amount_minor), one.actor, _of_order(one.order)) for one in found
    ]


def _shop_and(order: Order, minor: int) -> str:
    return f"{order.merchant.name}, {_money(minor, order.currency)}"


def _charges(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    rows = Charge.objects.filter(payment_method__consumer__in=keys).select_related("payment_method")
    return [
        Happened(
            one.created_at,
            _("Charge: %(status)s") % {"status": status_of(one.status)["word"]},
            f"{_money(one.amount_minor, one.currency)}, {method_name(one.payment_method.kind, one.payment_method.shown)}",
            one.actor,
            reverse("admin:payments_charge_change", args=[one.pk]),
        )
        for one in _page(rows, "created_at", before, limit)
    ]


def _decisions(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    return [
        Happened(
            one.at,
            _("Decision: %(outcome)s") % {"outcome": status_of(one.outcome)["word"]},
            _money(one.amount_minor, one.currency),
            link=reverse("admin:credit_decision_change", args=[one.pk]),
        )
        for one in _page(Decision.objects.filter(consumer__in=keys), "at", before, limit)
    ]


def _limits(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    rows = LimitChange.objects.filter(line__consumer__in=keys).select_related("line")
    return [
        Happened(
            one.at,
            _("Limit: %(before)s to %(after)s")
            % {"before": _money(one.before_minor, one.line.currency), "after": _money(one.after_minor, one.line.currency)},
            one.reason_text,
        )
        for one in _page(rows, "at", before, limit)
    ]


def _proposals(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    about = begins_with("subject", [f"{public_id_of(key)}:" for key in keys])
    found = _page(Proposal.objects.filter(about, kind__in=[Limit.name, OrderLimit.name]), "proposed_at", before, limit)
    return [
        Happened(
            one.proposed_at,
            _("Limit proposed") if one.kind == Limit.name else _("Order limit proposed"),
            one.reason,
            one.proposed_by,
            reverse("admin:controls_proposal_change", args=[one.pk]),
        )
        for one in found
    ]


def _requests(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    rows = ConsumerRequest.objects.filter(consumer__in=keys).defer("text", "answer")
    return [
        Happened(
            one.asked_at,
            _("Asked a person"),
            one.get_kind_display(),
            "con_",
            reverse("admin:accounts_consumerrequest_change", args=[one.pk]),
        )
        for one in _page(rows, "asked_at", before, limit)
    ]


def _notes(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    return [
        Happened(one.at, _("Note"), one.text, str(one.by_id)) for one in _page(Note.objects.filter(consumer__in=keys), "at", before, limit)
    ]


def _blocks(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    rows = Block.objects.filter(consumer__in=keys)
    made = [
        Happened(one.blocked_at, _("Blocked: %(reason)s") % {"reason": one.get_reason_display()}, one.note, str(one.blocked_by_id))
        for one in _page(rows, "blocked_at", before, limit)
    ]
    ended = [
        Happened(one.lifted_at, _("Unblocked"), one.lifted_note, str(one.lifted_by_id))
        for one in _page(rows.exclude(lifted_at=None), "lifted_at", before, limit)
    ]
    return [*made, *ended]


def _consents(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    return [
        Happened(
            one.at,
            _("Agreed: %(what)s") % {"what": CONSENT_NAMES.get(one.kind, one.kind)}
            if one.given
            else _("Withdrew: %(what)s") % {"what": CONSENT_NAMES.get(one.kind, one.kind)},
            actor="con_",
        )
        for one in _page(Consent.objects.filter(consumer__in=keys), "at", before, limit)
    ]


def _details(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    told = {
        "details": _("Details changed"),
        "contact": _("Contact changed"),
        "identity": _("Identity checked"),
        "person": _("Accounts joined"),
    }
    rows = ConsumerChange.objects.filter(consumer__in=keys)
    return [Happened(one.at, told[one.subject], actor=one.actor) for one in _page(rows, "at", before, limit)]


def _methods(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    rows = PaymentMethod.objects.filter(consumer__in=keys)
    return [
        Happened(one.created_at, _("Payment method added"), method_name(one.kind, one.shown), "con_")
        for one in _page(rows, "created_at", before, limit)
    ]


def _messages(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    """Return e-mails and SMS, each with its channel and its delivery status; the inbox shows the same texts."""
    rows = Message.objects.filter(consumer__in=keys).exclude(channel="inbox").select_related("consumer")
    found = _page(rows, "at", before, limit)
    briefs = {one.id: one for one in compose_briefs([one for one in found if not isinstance(one.facts, Unreadable)])}
    return [_message(one, briefs.get(one.public_id)) for one in found]


def _message(row: Message, brief: Brief | None) -> Happened:
    told = {"channel": row.get_channel_display(), "heading": brief.heading if brief else str(row.facts)}
    again = row.context.get("again_by", "")
    what = _("%(channel)s, sent again: %(heading)s") if again else _("%(channel)s: %(heading)s")
    state = status_of(row.status)["word"]
    if row.sent_at is not None and row.sent_at >= row.at + LATER:
        state = f"{state}, {moment_words(row.sent_at)}"
    if row.error:
        state = f"{state}: {_(row.error) if row.status == MessageStatus.DROPPED else why_unsent(row.error)}"
    return Happened(
        row.at,
        what % told,
        state,
        again,
        message=row.pk if brief and row.status != MessageStatus.QUEUED else None,
        consumer=row.consumer_id,
    )


def _calls(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    found = _page(Call.objects.filter(consumer__in=keys), "begun_at", before, limit)
    return [
        Happened(
            one.begun_at,
            _("Called"),
            one.get_outcome_display() or _("The outcome is not noted yet"),
            one.begun_by,
            reverse("admin:collection_case_change", args=[one.case_id]),
        )
        for one in found
    ]


def _standstills(keys: list[uuid.UUID], before: datetime | None, limit: int) -> list[Happened]:
    rows = Standstill.objects.filter(consumer__in=keys)
    made = [
        Happened(one.noted_at, _("Collecting stands still"), one.get_kind_display(), one.noted_by)
        for one in _page(rows, "noted_at", before, limit)
    ]
    ended = [
        Happened(one.ended_at, _("Collecting goes on"), actor="proposal:")
        for one in _page(rows.exclude(ended_at=None), "ended_at", before, limit)
    ]
    return [*made, *ended]


SOURCES: tuple[Source, ...] = (
    *(_orders, _changes_of_orders, _captures, _refunds, _charges, _decisions, _limits, _proposals),
    *(_requests, _notes, _blocks, _consents, _details, _methods, _messages),
    *(_calls, _standstills),
)
