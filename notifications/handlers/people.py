"""Messages about people: identity, refusals, limits, and their requests."""

from datetime import datetime
from functools import partial
from typing import Any

from accounts.contacts.queries import get_change
from accounts.models import ConsumerRequest
from accounts.queries import get_consumer, get_request
from accounts.states import ContactStatus, Identity, ProofStatus
from checkout.queries import find_shop_of
from collection.asking import HARDSHIP, REFUSED
from core.clock import local_date
from core.ids import parse_id
from core.outbox import Event
from credit.cuts import get_cut
from credit.models import Decision
from credit.queries import access_refusal
from markets.queries import find_help_refused
from notifications.facts import day, of_change, of_cut
from notifications.queries import get_order
from notifications.services import keep_cut, keep_refusal, queue_for_consumer
from notifications.telling import card_of_order, notice_of_refusal_to, of_notice, tell
from plans.queries import find_change


def on_application_declined(event: Event, *, at: datetime) -> None:
    """Send a refused consumer the notice with the principal reasons, at once (12 CFR 1002.9(a)(1): within 30 days)."""
    told = event.payload()
    consumer = get_consumer(told["consumer"])
    context = {name: told[name] for name in ("decision", "amount_minor", "currency")} | notice_of_refusal_to(consumer, at)
    if not consumer.is_erased:
        decision = access_refusal(parse_id(Decision.PREFIX, told["decision"]), consumer)
        context |= of_notice(keep_refusal(decision=decision, at=at))
    if shop := find_shop_of(told["reference"]):
        context["merchant"] = shop.public_id
    queue_for_consumer(consumer=consumer, kind="application_refused", subject=told["decision"], context=context, at=at)


def on_identity_settled(event: Event, *, at: datetime) -> None:
    """Tell the consumer that their identity could not be confirmed."""
    told = event.payload()
    if told["identity"] == Identity.REJECTED:
        consumer = get_consumer(told["consumer"])
        queue_for_consumer(
            consumer=consumer, kind="identity_refused", subject=told["check"], context=notice_of_refusal_to(consumer, at), at=at
        )


def on_request_opened(event: Event, *, at: datetime) -> None:
    """Tell the consumer that their request has arrived, and by when it will be answered; for a withdrawal, also its effects."""
    asked = get_request(event.payload()["request"])
    if asked.kind == "withdrawal" and asked.reference:
        _tell_of_withdrawal(asked, at)
    else:
        _tell_of_request(event, "request_received", at)


def _tell_of_withdrawal(asked: ConsumerRequest, at: datetime) -> None:
    order = get_order(asked.reference)
    change = find_change(order.plan, "withdrawal", "")
    facts = of_change(change, order.currency) if change else {}
    left = facts.get("left")
    context = {
        "request": asked.public_id,
        "asked": asked.kind,
        "due_date": asked.due_date.isoformat(),
        "amount_minor": left["minor"] if left else None,
        "card": card_of_order(order, at),
    }
    tell(order, "agreement_withdrawn", asked.public_id, context, at, facts=facts)


def on_request_answered(event: Event, *, at: datetime) -> None:
    """Tell the consumer that their request has an answer; the answer itself is shown only on their page."""
    _tell_of_request(event, "request_answered", at)


def _tell_of_request(event: Event, kind: str, at: datetime) -> None:
    asked = get_request(event.payload()["request"])
    context: dict[str, Any] = {"request": asked.public_id, "asked": asked.kind, "due_date": asked.due_date.isoformat()}
    if asked.kind == HARDSHIP and asked.outcome == REFUSED:
        context["rights"] = find_help_refused(asked.consumer.market_id, local_date(at, asked.consumer.time_zone))
    queue_for_consumer(consumer=get_consumer(event.payload()["consumer"]), kind=kind, subject=asked.public_id, context=context, at=at)


def on_security_changed(event: Event, *, at: datetime) -> None:
    """Tell a consumer at once that how they sign in has changed, and what to do if it was not them."""
    told = event.payload()
    context = {"what": told["what"]}
    queue_for_consumer(
        consumer=get_consumer(told["consumer"]),
        kind="security_changed",
        subject=f"{told['reference']}:{told['what']}",
        context=context,
        at=at,
    )


_MOVED = {ContactStatus.WAITING: "soon", ContactStatus.MADE: "done", ContactStatus.UNDONE: "kept", ContactStatus.DROPPED: "impossible"}


def on_contact_moved(event: Event, *, at: datetime) -> None:
    """Tell a consumer at once what comes of a change of a contact: in the inbox, and by every contact that signs in, or did until now.

    Each goes where it belonged at that moment, whatever the account's row holds when it is sent.
    """
    told = event.payload()
    change = get_change(told["change"])
    consumer, made = change.consumer, told["status"] == ContactStatus.MADE
    queue = partial(
        queue_for_consumer,
        consumer=consumer,
        kind="contact_change",
        context={"change": change.public_id, "what": _MOVED[ContactStatus(told["status"])], "channel": change.channel},
        at=at,
    )
    subject = f"{change.public_id}:{told['status']}"
    facts: dict[str, Any] = {"changes_on": day(local_date(change.due_at, consumer.time_zone))}
    queue(subject=subject, first="inbox", facts=facts)
    other = ("sms", consumer.phone, consumer.phone_hash) if change.channel == "email" else ("email", consumer.email, consumer.email_hash)
    ways = [(subject, other[0], other[1])] if other[2] else []
    if made:
        ways.append((subject, change.channel, change.contact))
    if change.former:
        ways.append((f"{subject}:old" if made else subject, change.channel, change.former))
    for about, by, to in ways:
        queue(subject=about, by=by, facts=facts | {"to": to})


_PROOF = {ProofStatus.ACCEPTED: "proved", ProofStatus.REFUSED: "unclear", ProofStatus.ENDED: "lapsed"}


def on_proof_settled(event: Event, *, at: datetime) -> None:
    """Tell a consumer what came of the pictures that they sent, or that the document has ended."""
    told = event.payload()
    subject, context = f"{told['proof']}:{told['status']}", {"what": _PROOF[told["status"]]}
    queue_for_consumer(consumer=get_consumer(told["consumer"]), kind="identity_proof", subject=subject, context=context, at=at)


def on_limit_changed(event: Event, *, at: datetime) -> None:
    """Note in the consumer's inbox that the limit has changed."""
    told = event.payload()
    subject = f"{told['consumer']}:{told['currency']}:{at:%Y%m%d%H%M%S%f}"
    queue_for_consumer(consumer=get_consumer(told["consumer"]), kind="limit_changed", subject=subject, context=told, at=at)


def on_limit_lowered(event: Event, *, at: datetime) -> None:
    """Send a consumer the notice of a lower limit with its main reasons, at once (12 CFR 1002.9(a)(1): within 30 days)."""
    told = event.payload()
    consumer = get_consumer(told["consumer"])
    context = {name: told[name] for name in ("notice", "currency", "before_minor", "after_minor")} | notice_of_refusal_to(consumer, at)
    cut = get_cut(told["notice"], consumer)
    facts = of_cut(cut)
    if not consumer.is_erased:
        context |= of_notice(keep_cut(cut=cut, at=at))
    queue_for_consumer(consumer=consumer, kind="limit_cut", subject=told["notice"], context=context, facts=facts, at=at)
