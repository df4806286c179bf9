"""The words of messages: a kind's template filled with what its context names, in the reader's own form of amounts and dates.

Each kind is one template of named blocks (`templates/mail/kinds/`); it is poured into one layout for each use: the subject, the
heading and short text of the inbox and of SMS, the plain text, the HTML.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context
from django.template.loader import get_template

from checkout.models import Order
from checkout.queries import agreed_payments
from checkout.texts import WHEN, refund_sentences
from core.clock import local_date
from core.ids import parse_id
from core.money import Money
from credit.reasons import REJECTED_FOR, sentences
from merchants.models import Invitation
from merchants.queries import find_invitation_to_send, invitation_token
from notifications import rules
from notifications.models import Message
from notifications.queries import Facts, load_facts
from payments.texts import card_name, failure_text
from plans.models import Installment
from plans.queries import by_date, places_of

STAFF_LOCALE = "en_US"
LAYOUTS = "mail/layouts"


@dataclass(frozen=True, slots=True)
class Brief:
    """A message as the inbox shows it and as an SMS says it."""

    id: str
    kind: str
    heading: str
    text: str
    url: str
    at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as an e-mail says it."""

    subject: str
    text: str
    html: str


def compose_briefs(messages: Sequence[Message]) -> list[Brief]:
    """Write messages short, with where each leads; the same few statements for any number of them."""
    facts = load_facts(messages)
    return [compose_brief(message, facts) for message in messages]


def compose_brief(message: Message, facts: Facts) -> Brief:
    """Write a message short: heading, a sentence or two, and where it leads."""
    words = _words(message, facts)
    heading, text = (_plain(message.kind, layout, words) for layout in ("heading", "short"))
    return Brief(message.public_id, message.kind, heading, text, words["url"], message.at, message.read_at is not None)


def compose_letter(message: Message, facts: Facts) -> Letter:
    """Write a message as an e-mail: subject, plain text, and HTML with its styles inlined."""
    words = _words(message, facts)
    html = _pour(message.kind, "letter.html", words, escape=True)
    return Letter(_plain(message.kind, "subject", words), _text(message.kind, words), _inliner().inline(html))


def _plain(kind: str, layout: str, words: dict[str, Any]) -> str:
    """Pour a kind into a layout of one line."""
    return " ".join(_pour(kind, f"{layout}.txt", words, escape=False).split())


def _text(kind: str, words: dict[str, Any]) -> str:
    lines = (" ".join(line.split()) for line in _pour(kind, "letter.txt", words, escape=False).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _pour(kind: str, layout: str, words: dict[str, Any], *, escape: bool) -> str:
    template: Any = get_template(f"mail/kinds/{kind}.html")
    return str(template.template.render(Context({**words, "layout": f"{LAYOUTS}/{layout}"}, autoescape=escape)))


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False)


def _words(message: Message, facts: Facts) -> dict[str, Any]:
    """Return what a kind's template may say."""
    told = message.context
    consumer = message.consumer
    locale = rules.written_locale(consumer.locale) if consumer else STAFF_LOCALE
    zone = consumer.time_zone if consumer else "UTC"
    words: dict[str, Any] = {"brand": settings.BRAND, "locale": locale} | told
    words |= _amounts(told, locale) | _days(told, locale, zone) | _names(told, facts)
    if "schedule" in told:
        words |= _schedule(facts.orders[told["order"]], locale)
    if consumer and "plan" in told:
        words |= _standing(message.kind, told, facts.installments.get(told["plan"], []), locale)
    if refund := facts.refunds.get(told.get("refund", "")):
        words |= {"what": " ".join(refund_sentences(refund.outcome, lambda minor: Money(minor, told["currency"]).text(locale)))}
        words |= {"to_card": bool(refund.outcome.get("back"))}
    if message.kind.startswith("hold_"):
        words |= {"hold": facts.holds[told["order"]]}
    words |= _reasons(message, facts)
    return words | {"url": settings.BASE_URL + _path(message, facts)}


def _amounts(told: dict[str, Any], locale: str) -> dict[str, str]:
    """Return every `x_minor` as `x` in local form."""
    keys = [key for key in told if key.endswith("_minor")]
    return {key.removesuffix("_minor"): Money(told[key], told["currency"]).text(locale) for key in keys}


def _days(told: dict[str, Any], locale: str, zone: str) -> dict[str, str]:
    words = {}
    if told.get("due_date"):
        words["day"] = rules.day_text(date.fromisoformat(told["due_date"]), locale)
    if told.get("next_attempt_at"):
        words["retry_day"] = rules.day_text(local_date(datetime.fromisoformat(told["next_attempt_at"]), zone), locale)
    return words


def _names(told: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """Return the shop's name, and which payment it is of how many, counted by date as the plan stands now."""
    words: dict[str, Any] = {"merchant": facts.merchants[told["merchant"]]} if "merchant" in told else {}
    card = facts.cards.get(told.get("card", ""))
    words |= {"card": card_name(card.brand, card.last4) if card else "your card", "why": failure_text(told.get("failure", ""))}
    if "numbers" in told:
        places = places_of(facts.installments.get(told["plan"], ()))
        words["which"] = ", ".join(map(str, sorted(places.get(number, number) for number in told["numbers"])))
        words["count"] = len(places)
    return words


def _schedule(order: Order, locale: str) -> dict[str, Any]:
    """Return the agreed payments as the page of consent showed them, the total, and when the first is taken (`day`, `now`, `ships`)."""
    agreed = agreed_payments(order)
    rows = [
        {
            "number": one.number,
            "day": str(WHEN[one.when]) if one.when in WHEN else rules.day_text(one.due_date, locale),
            "amount": Money(one.amount_minor, order.currency).text(locale),
        }
        for one in agreed
    ]
    total = Money(order.plan.agreed["total_minor"], order.currency).text(locale)
    return {"payments": rows, "total": total, "first": agreed[0].when, "ships": order.capture == "manual"}


def _standing(kind: str, told: dict[str, Any], rows: Sequence[Installment], locale: str) -> dict[str, Any]:
    """Return what is left of a plan and what comes next; of what was just shipped its payments, the first of them maybe taken at once."""

    def money(minor: int) -> str:
        return Money(minor, told["currency"]).text(locale)

    opened = by_date(row for row in rows if row.status in Installment.OPEN)
    words: dict[str, Any] = {"left": money(sum(row.open_minor for row in opened)) if opened else ""}
    if opened:
        words |= {"next_amount": money(opened[0].open_minor), "next_day": rules.day_text(opened[0].due_date, locale)}
    if kind == "order_shipped":
        new = [row for row in rows if row.number in told.get("numbers", ())]
        days = ["Now" if row.due_date == row.start_date else rules.day_text(row.due_date, locale) for row in new]
        words |= {"payments": [{"day": day, "amount": money(row.amount_minor)} for day, row in zip(days, new, strict=True)]}
        words |= {"total": money(sum(row.amount_minor for row in new)), "first": "now" if days[:1] == ["Now"] else "day"}
    return words


def _reasons(message: Message, facts: Facts) -> dict[str, Any]:
    """Return why somebody was refused, as sentences, and whether a credit bureau was asked."""
    if decision := facts.decisions.get(message.context.get("decision", "")):
        return {"reasons": sentences(decision.reasons), "asked_bureau": decision.inquiry_id is not None}
    hold = facts.holds.get(message.context["order"]) if message.kind == "order_rejected" else None
    return {"reasons": sentences(dict.fromkeys(REJECTED_FOR[cause["reason"]] for cause in hold.causes))} if hold else {}


def _path(message: Message, facts: Facts) -> str:
    told = message.context
    if message.kind.startswith("hold_"):
        return f"/admin/checkout/hold/{facts.holds[told['order']].pk}/change/"
    if message.kind in {"limit_changed", "application_refused", "identity_refused"}:
        return "/limit"
    if "request" in told:
        return f"/requests/{told['request']}"
    if message.kind == "member_invited":
        return _invitation_path(message)
    if told.get("action") == "replace_method":
        return "/payments"
    return f"/purchases/{told['order']}"


def _invitation_path(message: Message) -> str:
    """Return where an invited person accepts."""
    known = message.context.get("invitation")
    invitation = find_invitation_to_send(parse_id(Invitation.PREFIX, known)) if known else None
    return f"/merchant/invitations/{invitation.public_id}/{invitation_token(invitation)}" if invitation else "/merchant/"


def is_stale(message: Message, facts: Facts) -> bool:
    """Return whether a message is no longer true: every installment that it speaks of is closed, or its plan is."""
    if not rules.KINDS[message.kind].while_open:
        return False
    told = message.context
    rows = facts.installments.get(told["plan"], [])
    return not any(row.number in told["numbers"] and row.open_minor > 0 and row.status != "canceled" for row in rows)
