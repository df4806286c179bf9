"""All data of a person's page in the back office, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Min, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.classes import Classes, class_of, class_title, list_class_changes, pins_of
from accounts.desk import list_blocks, list_notes
from accounts.models import ClassChange, Consumer, ConsumerRequest, CustomerClass
from accounts.queries import account_ids, latest_identity_check, list_accounts, list_consents
from accounts.rules import age_on
from accounts.texts import CONSENT_NAMES
from checkout.classing import CUSTOMERS
from checkout.models import Order
from controls.models import Proposal
from controls.rule_kinds import name_shown
from controls.states import PROPOSAL_OPEN, ProposalStatus
from core.unreadable import Unreadable
from credit.models import Decision
from credit.proposals import ORDER_LIMIT, UNTIL, Limit, OrderLimit, subject_of_limit
from credit.queries import list_limit_changes, list_spending
from credit.reasons import sentences
from notifications.letters import compose_briefs
from notifications.models import Message
from notifications.queries import list_notices
from notifications.states import MessageStatus
from operations.orders.line import other_account
from operations.orders.notice import line_of
from operations.people.forms import PinForm, UnpinForm
from operations.tasklist import operators_by_key
from operations.wording import status_of
from payments.models import PaymentMethod
from payments.texts import method_name
from plans.models import Installment
from plans.states import INSTALLMENT_OPEN, PLAN_OWED, InstallmentStatus
from plans.texts import product_name

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Person:
    """A person's account with its key facts; `accounts` are all accounts of the same person."""

    consumer: Consumer
    accounts: list[Consumer]
    today: date

    @property
    def name(self) -> str:
        """The name, or a placeholder if it is unknown or unreadable."""
        return str(self.consumer.name or _("Nobody told us the name"))


def account_parts(person: Person) -> dict[str, Any]:
    """Return the parts of a person's page that do not identify the person, as plain values."""
    consumer = person.consumer
    return {
        "consumer": consumer,
        "others": [one for one in person.accounts if one.pk != consumer.pk],
        "identity": status_of(consumer.identity),
        "owes": what_is_owed(person),
        "limits": _limits(person),
        "orders": _orders(person),
    }


def everything(person: Person) -> dict[str, Any]:
    """Return all parts of a person's page, as plain values."""
    consumer = person.consumer
    blocks = list_blocks(consumer.holder_id, limit=SHOWN)
    return account_parts(person) | {
        "person": person,
        "identity_check": latest_identity_check(consumer),
        "home": _home(consumer),
        "born": _born(person),
        "methods": _methods(person),
        "decisions": _decisions(person),
        "messages_sent": _messages(person),
        "notices": [line_of(one) for one in list_notices(consumer, limit=SHOWN)],
        "requests": _requests(person),
        "notes": list_notes(consumer.holder_id, limit=SHOWN),
        "blocks": blocks,
        "blocked": next((one for one in blocks if one.lifted_at is None), None),
        "consents": [_consent(row) for row in list_consents(consumer)[:SHOWN]],
    }


def classes_of(person: Person, forms: dict[str, Any], *, may_pin: bool) -> list[dict[str, Any]]:
    """Return a person's class on each axis with its history and, for operators who may pin it, a form; two queries."""
    consumer = next((one for one in person.accounts if one.pk == person.consumer.holder_id), person.consumer)
    people, pinned = operators_by_key(), pins_of(consumer)
    changes = list(list_class_changes(consumer)[: 4 * SHOWN])
    found = []
    for axis, title in CustomerClass.AXES.items():
        own = [change for change in changes if change.axis == axis]
        code, is_pinned = class_of(consumer, axis) or "", axis in pinned
        form = UnpinForm(axis=axis) if is_pinned else PinForm(axis=axis, current=code)
        found.append(
            {
                "axis": axis,
                "title": title,
                "value": class_title(axis, code),
                "pinned": is_pinned,
                "why": _why(own[0], people) if own else "",
                "history": [_class_line(change, people) for change in own[:SHOWN]],
                "form": (forms.get(axis) or form) if may_pin and (is_pinned or Classes(axis)) else None,
            }
        )
    return found


def _why(change: ClassChange, people: dict[str, str]) -> str:
    if change.rule:
        return _("Rule “%(rule)s”, version %(version)s") % {"rule": name_shown(change.rule_name), "version": change.version}
    if change.actor.startswith("rules:"):
        return _("No rule holds any more")
    told = {"name": people.get(change.actor, change.actor), "reason": change.reason}
    return _("Pinned by %(name)s: %(reason)s") % told if change.pinned else _("Let go by %(name)s: %(reason)s") % told


def _class_line(change: ClassChange, people: dict[str, str]) -> dict[str, Any]:
    link = reverse("admin:controls_rules_version", args=[CUSTOMERS, change.version]) if change.rule else ""
    return {
        "before": class_title(change.axis, change.before),
        "after": class_title(change.axis, change.value),
        "why": _why(change, people),
        "link": link,
        "at": change.at,
    }


def load_person(consumer: Consumer, today: date) -> Person:
    """Return a person by one of their accounts."""
    return Person(consumer, list_accounts(consumer), today)


def what_is_owed(person: Person) -> list[dict[str, Any]]:
    """Return a person's debt by currency, in minor units: the total, the late part, and the next due date; one query."""
    late = Q(status=InstallmentStatus.OVERDUE)
    left = F("principal_minor") + F("interest_minor") - F("paid_principal_minor") - F("paid_interest_minor")
    found = Installment.objects.filter(
        plan__consumer__in=account_ids(person.consumer.holder_id), plan__status__in=PLAN_OWED, status__in=INSTALLMENT_OPEN
    )
    by_currency = found.values(currency=F("plan__currency")).order_by("currency")
    owed: Any = by_currency.annotate(
        minor=Sum(left),
        late_minor=Sum(left, filter=late, default=0),
        late_count=Count("id", filter=late),
        next_day=Min("due_date", filter=~late),
        late_since=Min("due_date", filter=late),
    )
    return list(owed)


def _home(consumer: Consumer) -> str:
    home = consumer.address
    if isinstance(home, Unreadable):
        return str(home)
    place = " ".join(filter(None, (home.get("postal_code", ""), home.get("city", ""), home.get("region", ""))))
    return ", ".join(filter(None, (home.get("line1"), home.get("line2"), place, str(consumer.market) if place else "")))


def _born(person: Person) -> tuple[date | None, int, str]:
    """Return the date of birth and the age, or a placeholder if the date cannot be decrypted."""
    born = person.consumer.birth_date
    if not born or isinstance(born, Unreadable):
        return None, 0, str(born)
    day = date.fromisoformat(born)
    return day, age_on(day, person.today), ""


def _limits(person: Person) -> list[dict[str, Any]]:
    changes = list_limit_changes(person.consumer.holder_id, limit=4 * SHOWN, own=person.consumer.pk)
    lines = list_spending(person.consumer, person.today)
    wanted = {subject_of_limit(one, found.line.currency) for one in person.accounts for found in lines}
    proposed = Proposal.objects.filter(kind__in=[Limit.name, OrderLimit.name], subject__in=wanted)
    waiting = {
        (row.kind, row.subject.rpartition(":")[2]): row for row in proposed.filter(status__in=list(PROPOSAL_OPEN)).order_by("-id")[:SHOWN]
    }
    by_hand = list(proposed.filter(kind=OrderLimit.name, status=ProposalStatus.APPLIED).order_by("-id")[: 4 * SHOWN])
    people = operators_by_key() if by_hand else {}
    return [
        {
            "currency": found.line.currency,
            "limit": found.line.limit_minor,
            "own": found.own_minor,
            "order_limit": found.line.order_limit_minor,
            "used": found.exposure_minor,
            "left": found.left_minor,
            "by_hand": found.line.by_hand_minor is not None,
            "changes": [
                {"change": change, "account": other_account(change, person.consumer)}
                for change in changes
                if change.line.currency == found.line.currency
            ][:SHOWN],
            "waiting": waiting.get((Limit.name, found.line.currency)),
            "order_until": found.line.order_by_hand_until,
            "order_waiting": waiting.get((OrderLimit.name, found.line.currency)),
            "order_changes": [_order_limit(row, people) for row in by_hand if row.subject.endswith(f":{found.line.currency}")][:SHOWN],
        }
        for found in lines
    ]


def _order_limit(row: Proposal, people: dict[str, str]) -> dict[str, Any]:
    """Return an order limit that two people set or later removed."""
    until = row.after[UNTIL]
    return {
        "id": row.pk,
        "minor": row.after[ORDER_LIMIT],
        "until": date.fromisoformat(until) if until else None,
        "by": [people.get(key, key) for key in (row.proposed_by, row.decided_by)],
        "reason": row.reason,
        "at": row.ended_at,
    }


def _orders(person: Person) -> list[dict[str, Any]]:
    """Return the newest orders with the open amount of their plans; two queries."""
    mine = Order.objects.filter(consumer__in=account_ids(person.consumer.holder_id))
    found = list(
        mine.select_related("merchant", "plan__product").defer("plan__agreement", "plan__agreement_before").order_by("-id")[:SHOWN]
    )
    rows: dict[Any, list[Installment]] = {}
    for row in Installment.objects.filter(plan__in=[order.plan_id for order in found]).order_by("due_date"):
        rows.setdefault(row.plan_id, []).append(row)
    return [_order(order, rows.get(order.plan_id, [])) for order in found]


def _order(order: Order, rows: Sequence[Installment]) -> dict[str, Any]:
    opened = [row for row in rows if row.status in INSTALLMENT_OPEN]
    return {
        "id": order.pk,
        "plan_id": order.plan_id,
        "reference": order.merchant_reference or order.public_id,
        "shop": order.merchant.name,
        "product": product_name(order.plan.product),
        "at": order.created_at,
        "currency": order.currency,
        "minor": order.amount_minor,
        "left": sum(row.open_minor for row in opened),
        "next_day": min((row.due_date for row in opened), default=None),
        "late": any(row.status == InstallmentStatus.OVERDUE for row in opened),
        "status": status_of(order.status),
    }


def _methods(person: Person) -> list[dict[str, Any]]:
    found = PaymentMethod.objects.filter(consumer__in=account_ids(person.consumer.holder_id)).order_by("removed_at", "position", "-id")
    return [
        {
            "name": method_name(one.kind, one.shown),
            "until": f"{one.shown['exp_month']:02}/{one.shown['exp_year']}" if one.shown.get("exp_month") else "",
            "added_at": one.created_at,
            "state": _("Removed") if one.removed_at else _("Refused by the bank") if one.blocked_at else "",
        }
        for one in found[:SHOWN]
    ]


def _decisions(person: Person) -> list[dict[str, Any]]:
    found = Decision.objects.filter(consumer__in=account_ids(person.consumer.holder_id)).order_by("-id")
    return [
        {
            "id": one.pk,
            "at": one.at,
            "outcome": status_of(one.outcome),
            "minor": one.amount_minor,
            "currency": one.currency,
            "reasons": sentences(one.reasons) if one.outcome != "approve" else [],
        }
        for one in found[:SHOWN]
    ]


def _messages(person: Person) -> list[dict[str, Any]]:
    found = list(Message.objects.filter(consumer=person.consumer).order_by("-id")[:SHOWN])
    readable = [one for one in found if not isinstance(one.facts, Unreadable)]
    for one in readable:
        one.consumer = person.consumer
    headings = {brief.id: brief.heading for brief in compose_briefs(readable)}
    return [
        {
            "id": one.pk,
            "heading": headings.get(one.public_id) or str(one.facts),
            "channel": one.get_channel_display(),
            "status": status_of(one.status),
            "at": one.sent_at or one.at,
            "again": one.channel != "inbox" and one.public_id in headings and one.status != MessageStatus.QUEUED,
        }
        for one in found
    ]


def _requests(person: Person) -> list[dict[str, Any]]:
    found = ConsumerRequest.objects.filter(consumer__in=account_ids(person.consumer.holder_id)).order_by("-id")
    return [
        {"id": one.pk, "kind": one.get_kind_display(), "status": status_of(one.status), "asked_at": one.asked_at, "due": one.due_date}
        for one in found[:SHOWN]
    ]


def _consent(row: Any) -> dict[str, Any]:
    return {
        "what": str(CONSENT_NAMES.get(row.kind) or row.kind),
        "version": row.version,
        "language": row.language,
        "given": row.given,
        "how": row.get_how_display(),
        "at": row.at,
    }
