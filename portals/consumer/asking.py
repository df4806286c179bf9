"""Requests to a person at the lender: the form, earlier requests, and the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import queries as people
from accounts import services as accounts
from accounts.models import ConsumerRequest
from accounts.rules.requests import KINDS, MOST_TEXT
from accounts.states import RequestStatus
from checkout.models import Checkout, Order
from checkout.queries import access_purchase, get_checkout
from checkout.states import OrderStatus
from core.clock import local_date
from core.errors import Conflict, DomainError, Invalid, NotFound
from core.ids import parse_id
from markets.queries import get_market
from plans.queries import get_plan, quote_early
from portals.again import ask_again, find_kept, form_again
from portals.checkout.agreement import withdrawal_days
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.queries import list_purchases, with_installments
from portals.formats import day_text
from portals.forms import add_errors
from portals.once import act_once

TITLES: dict[str, Any] = {
    "copy": gettext_lazy("Ask about your data"),
    "correction": gettext_lazy("Correct your data"),
    "closure": gettext_lazy("Close your account"),
    "review": gettext_lazy("Have a person look again"),
    "purchase": gettext_lazy("Something is wrong with a purchase"),
    "hardship": gettext_lazy("You cannot pay"),
    "withdrawal": gettext_lazy("Withdraw from an agreement"),
    "complaint": gettext_lazy("Complain or ask"),
}
LEADS: dict[str, Any] = {
    "copy": gettext_lazy("Your profile lets you download what we keep. Say what else you want to know."),
    "correction": gettext_lazy("Say what is wrong and how it is right."),
    "closure": gettext_lazy("A person looks at what can be closed and deleted now, and at what the law makes us keep, and tells you."),
    "review": gettext_lazy("A person looks at what the computer decided from. Say what it may have got wrong, if you like."),
    "purchase": gettext_lazy("Say what happened: it did not come, is broken, or you did not buy it. A person can stop its payments."),
    "hardship": gettext_lazy("Say what you can pay and when. There is no late fee."),
    "withdrawal": gettext_lazy("You need no reason. You withdraw from the credit: the goods are between you and the shop."),
    "complaint": gettext_lazy("Say what it is about. You never need to send a card number or a code."),
}
OUTCOME_PILLS: dict[str, tuple[Any, str]] = {
    "done": (gettext_lazy("Done as asked"), "good"),
    "partly": (gettext_lazy("Done in part"), "info"),
    "refused": (gettext_lazy("Not done"), "warn"),
}
WITHDRAWAL = "withdrawal"
CHOICES = 25
ENDED = {OrderStatus.VOIDED, OrderStatus.EXPIRED, OrderStatus.REJECTED}


class AskForm(forms.Form):
    """The consumer's text, and a choice of purchases unless the address already names the purchase."""

    about = forms.ChoiceField(label=gettext_lazy("Which purchase"), error_messages={"required": gettext_lazy("Choose the purchase.")})
    text = forms.CharField(strip=False, widget=forms.Textarea(attrs={"rows": 6, "maxlength": MOST_TEXT}))

    def __init__(self, *args: Any, kind: str, purchases: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer a choice of purchases, or none; the text is optional where nothing depends on it."""
        super().__init__(*args, **kwargs)
        needed = KINDS[kind].needs_text
        if purchases:
            self.fields["about"].choices = [("", _("Choose one")), *purchases]  # type: ignore[attr-defined]
        else:
            del self.fields["about"]
        field = self.fields["text"]
        field.required, field.label = needed, _("What you want to say")
        field.error_messages["required"] = _("Say in a few words what it is about.")


class TooLate(Conflict):
    """The time to withdraw from an agreement is over."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about: public id, name, and page."""

    reference: str = ""
    name: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A row of a list of requests: the status as a pill, and a note with the date that matters."""

    title: str
    path: str
    pill: str
    tone: str
    note: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request: the outcome as a pill, the text, its author and its time."""

    pill: str
    tone: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A request as its own page shows it. `reply` is None while it waits; with `withdrawn` it is a withdrawal, which needs no answer."""

    asked: Asked
    public_id: str
    text: str
    asked_at: datetime
    due_date: date
    withdrawn: bool
    overdue: bool
    reply: Reply | None


@consumer_page("GET")
def requests(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """List the consumer's requests, newest first, and the kinds of request on offer."""
    found = people.list_requests(visitor.consumer)
    kinds = [(kind, title) for kind, title in TITLES.items() if kind != WITHDRAWAL]
    return show(request, visitor, "requests", "help", {"asked": rows_of(found, visitor), "kinds": kinds})


def rows_of(found: Sequence[ConsumerRequest], visitor: Visitor) -> list[Asked]:
    """Return requests as lists show them."""
    return [_asked(one, visitor) for one in found]


def _asked(one: ConsumerRequest, visitor: Visitor) -> Asked:
    if one.answered_at is not None:
        pill, tone, note, day = _("Answered"), "good", _("Answered on %(day)s"), visitor.day(one.answered_at)
    elif one.kind == WITHDRAWAL:
        pill, tone, note, day = _("Withdrawn"), "info", _("Withdrawn on %(day)s"), visitor.day(one.asked_at)
    else:
        pill, tone, note, day = _("Waiting"), "info", _("Answer by %(day)s"), one.due_date
    path = reverse("request", args=[one.public_id])
    return Asked(str(TITLES[one.kind]), path, pill, tone, note % {"day": day_text(day, visitor.locale, "year")})


def _question(one: ConsumerRequest, visitor: Visitor) -> Question:
    waits = one.status == RequestStatus.OPEN
    return Question(
        asked=_asked(one, visitor),
        public_id=one.public_id,
        text=one.text,
        asked_at=one.asked_at,
        due_date=one.due_date,
        withdrawn=waits and one.kind == WITHDRAWAL,
        overdue=waits and one.due_date < visitor.today,
        reply=_reply(one),
    )


def _reply(one: ConsumerRequest) -> Reply | None:
    if one.answered_at is None:
        return None
    pill, tone = OUTCOME_PILLS[one.outcome]
    return Reply(str(pill), tone, one.answer, one.answered_by.name if one.answered_by else "", one.answered_at)


@consumer_page("GET", "POST")
def ask(request: HttpRequest, visitor: Visitor, kind: str) -> HttpResponse:
    """Take a request; if one like it is still waiting for its answer, show that one instead."""
    if kind not in KINDS:
        raise NotFound("There is no such request.")
    given = request.GET.get("about", "")
    subject = _subject(visitor, kind, given or request.POST.get("about", ""))
    if request.method == "POST":
        return _send(request, visitor, kind, subject)
    if kind == WITHDRAWAL:
        _allow_to_withdraw(visitor, subject)
    if (subject.reference or not KINDS[kind].about) and (waiting := people.find_open_request(visitor.consumer, kind, subject.reference)):
        return redirect("request", waiting.public_id)
    context = {
        "title": TITLES[kind],
        "asks_person": kind != WITHDRAWAL,
        "button": _("Withdraw from the agreement") if kind == WITHDRAWAL else _("Send to a person"),
        "lead": LEADS[kind],
        "subject": subject,
        "form": form_again(find_kept(request), lambda data: _form(visitor, kind, given, data)),
        "due": visitor.today + timedelta(days=people.answer_days(visitor.consumer, kind, visitor.today)),
    }
    if kind == WITHDRAWAL and subject.reference:
        context |= {"last": _last_day(visitor, subject), "owed": _owed(visitor, subject)}
    return show(request, visitor, "ask", "help", context)


def _send(request: HttpRequest, visitor: Visitor, kind: str, subject: Subject) -> HttpResponse:
    """Carry the form out once; errors are shown beside the form."""
    form = _form(visitor, kind, request.GET.get("about", ""), request.POST)
    if not form.is_valid():
        return ask_again(request, form=form)
    text = form.cleaned_data["text"]
    try:
        told, _before = act_once(request, scope=visitor.consumer.public_id, at=visitor.at, work=lambda: _open(visitor, kind, subject, text))
    except NotFound:
        raise
    except TooLate as error:
        messages.error(request, error.detail)
        return redirect(subject.path)
    except DomainError as error:
        add_errors(form, error)
        return ask_again(request, form=form)
    return redirect("request", told["request"])


def _open(visitor: Visitor, kind: str, subject: Subject, text: str) -> dict[str, str]:
    """Save a request. Invalid where it names no purchase but must; TooLate for a withdrawal after its last day."""
    if KINDS[kind].about and not subject.reference:
        raise Invalid(_("Choose the purchase."))
    if kind == WITHDRAWAL and not may_withdraw(visitor, access_purchase(parse_id(Order.PREFIX, subject.reference), visitor.consumer)):
        raise TooLate(_("You cannot withdraw from this agreement any more. You can pay early at any time, at no cost."))
    opened = accounts.open_request(consumer=visitor.consumer, kind=kind, text=text, reference=subject.reference, at=visitor.at)
    return {"request": opened.public_id}


def _allow_to_withdraw(visitor: Visitor, subject: Subject) -> None:
    """Raise NotFound unless the consumer can withdraw from the agreement in question, or from any where none is named."""
    if subject.reference:
        allowed = may_withdraw(visitor, access_purchase(parse_id(Order.PREFIX, subject.reference), visitor.consumer))
    else:
        allowed = bool(_purchases(visitor, "withdrawal"))
    if not allowed:
        raise NotFound("There is no agreement to withdraw from.")


def _form(visitor: Visitor, kind: str, given: str, data: QueryDict | None) -> AskForm:
    return AskForm(data, kind=kind, purchases=_purchases(visitor, kind) if KINDS[kind].about and not given else ())


def _purchases(visitor: Visitor, kind: str) -> list[tuple[str, str]]:
    """Return the purchases that somebody may choose from, as `Nordlys Lamps, R-1`."""
    bought = [one.order for one in list_purchases(visitor.consumer, limit=CHOICES)]
    open_to = [order for order in bought if kind != WITHDRAWAL or may_withdraw(visitor, order)]
    return [(order.public_id, f"{order.merchant.name}, {order.merchant_reference}") for order in open_to]


def _subject(visitor: Visitor, kind: str, about: str) -> Subject:
    """Return the subject of a request: one of the visitor's own purchases or checkouts; NotFound for any other."""
    if not about:
        return Subject()
    if about.startswith(f"{Order.PREFIX}_"):
        order = access_purchase(parse_id(Order.PREFIX, about), visitor.consumer)
        return Subject(order.public_id, f"{order.merchant.name}, {order.merchant_reference}", reverse("purchase", args=[order.public_id]))
    checkout = get_checkout(parse_id(Checkout.PREFIX, about))
    if checkout.consumer_id != visitor.consumer.pk or KINDS[kind].about:
        raise NotFound("There is no such request.")
    return Subject(checkout.public_id, f"{checkout.merchant.name}, {checkout.merchant_reference}")


def _last_day(visitor: Visitor, subject: Subject) -> date:
    """Return the last day to withdraw from a purchase's agreement; NotFound where the law has no right of withdrawal."""
    order = access_purchase(parse_id(Order.PREFIX, subject.reference), visitor.consumer)
    last = last_day_to_withdraw(visitor, order)
    if last is None:
        raise NotFound("Nobody can withdraw from this agreement.")
    return last


def last_day_to_withdraw(visitor: Visitor, order: Order) -> date | None:
    """Return the last day to withdraw from a purchase's agreement; None where the law has no such right, or that day is past."""
    market, agreed = get_market(order.merchant.market_id), local_date(order.created_at, visitor.consumer.time_zone)
    days = withdrawal_days(market.code, market.law, agreed)
    return agreed + timedelta(days=days) if days and order.status not in ENDED else None


def may_withdraw(visitor: Visitor, order: Order) -> bool:
    """Return whether a purchase's agreement can be withdrawn from today and has not been yet."""
    if order.plan.repay_by is not None:
        return False
    last = last_day_to_withdraw(visitor, order)
    return last is not None and visitor.today <= last


def _owed(visitor: Visitor, subject: Subject) -> dict[str, Any]:
    """Return what the consumer repays on withdrawal: the credit, and its interest up to the day of withdrawal."""
    order = access_purchase(parse_id(Order.PREFIX, subject.reference), visitor.consumer)
    found = with_installments([order])[0]
    quote = quote_early(get_plan(order.plan_id), found.rows, scope="all", day=visitor.today)
    days = [row.due_date for row in found.opened]
    by = max(days, default=None) if order.plan.repay_by else None
    return {"minor": quote.amount_minor, "currency": order.currency, "by": by, "pay": reverse("purchase_pay", args=[order.public_id])}


@consumer_page("GET")
def asked(request: HttpRequest, visitor: Visitor, request_id: str) -> HttpResponse:
    """Show a request, its state, and the answer."""
    found = people.access_request(visitor.consumer, request_id)
    try:
        subject = _subject(visitor, found.kind, found.reference)
    except NotFound:
        # A checkout that has ended has no page any more.
        subject = Subject(found.reference)
    context = {
        "question": _question(found, visitor),
        "subject": subject,
        "owed": _owed(visitor, subject) if found.kind == WITHDRAWAL else None,
    }
    return show(request, visitor, "asked", "help", context)
