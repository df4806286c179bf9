"""Help; requests to a person at the lender: the form, earlier requests, and the answers."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import queries as people
from accounts import services as accounts
from accounts.rules.requests import KINDS
from checkout.models import Checkout, Order
from checkout.queries import access_purchase, get_checkout
from checkout.states import CheckoutStatus
from core.errors import DomainError, Invalid, NotFound
from core.ids import parse_id
from core.once import act_once
from markets.queries import find_debt_advice
from plans.fees import open_service_minor
from plans.queries import get_plan, quote_early
from portals import sessions
from portals.again import ask_again, find_kept, form_again
from portals.consumer.account.kept import list_kept
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.purchases.queries import list_purchases, with_installments
from portals.consumer.requests.forms import AskForm
from portals.consumer.requests.page import LEADS, TITLES, WITHDRAWAL, Subject, question_of, rows_of
from portals.consumer.requests.withdrawing import TooLate, last_day_to_withdraw, may_withdraw
from portals.consumer.security.confirming import confirm_path
from portals.forms import add_errors

CHOICES = 25
CLOSURE = "closure"
"""Closing an account cannot be taken back: the person shows once more who they are."""


@consumer_page("GET")
def help_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Answer common questions, and say how to reach a person."""
    advice = find_debt_advice(visitor.consumer.market_id, visitor.today)
    return show(request, visitor, "requests/help", "help", {"advice": advice})


@consumer_page("GET")
def requests(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """List the consumer's requests, newest first, and the kinds of request on offer."""
    found = people.list_requests(visitor.consumer)
    kinds = [
        (kind, title)
        for kind, title in TITLES.items()
        if kind != WITHDRAWAL and people.offers_request(visitor.consumer, kind, visitor.today)
    ]
    return show(request, visitor, "requests/requests", "help", {"asked": rows_of(found, visitor), "kinds": kinds})


@consumer_page("GET", "POST")
def ask(request: HttpRequest, visitor: Visitor, kind: str) -> HttpResponse:
    """Take a request; if one like it is still waiting for its answer, show that one instead."""
    if kind not in KINDS or not people.offers_request(visitor.consumer, kind, visitor.today):
        raise NotFound("There is no such request.")
    given = request.GET.get("about", "")
    subject = _subject(visitor, kind, given or request.POST.get("about", ""))
    if kind == CLOSURE and not sessions.is_fresh(request, visitor.at):
        return redirect(confirm_path(request.path))
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
        "kept": list_kept(visitor) if kind == CLOSURE else [],
    }
    if kind == WITHDRAWAL and subject.reference:
        context |= {"last": _last_day(visitor, subject), "owed": _owed(visitor, subject)}
    return show(request, visitor, "requests/ask", "help", context)


def _send(request: HttpRequest, visitor: Visitor, kind: str, subject: Subject) -> HttpResponse:
    """Carry out the form once; errors are shown beside the form."""
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
    """Save a request. Invalid if it must name a purchase and does not; TooLate for a withdrawal after its last day."""
    if KINDS[kind].about and not subject.reference:
        raise Invalid(_("Choose the purchase."))
    if kind == WITHDRAWAL and not may_withdraw(visitor, access_purchase(parse_id(Order.PREFIX, subject.reference), visitor.consumer)):
        raise TooLate(_("You cannot withdraw from this agreement any more. You can pay early at any time, at no cost."))
    opened = accounts.open_request(consumer=visitor.consumer, kind=kind, text=text, reference=subject.reference, at=visitor.at)
    return {"request": opened.public_id}


def _allow_to_withdraw(visitor: Visitor, subject: Subject) -> None:
    """Raise NotFound unless the consumer can withdraw from this agreement, or, if none is named, from any."""
    if subject.reference:
        allowed = may_withdraw(visitor, access_purchase(parse_id(Order.PREFIX, subject.reference), visitor.consumer))
    else:
        allowed = bool(_purchases(visitor, "withdrawal"))
    if not allowed:
        raise NotFound("There is no agreement to withdraw from.")


def _form(visitor: Visitor, kind: str, given: str, data: QueryDict | None) -> AskForm:
    return AskForm(data, kind=kind, purchases=_purchases(visitor, kind) if KINDS[kind].about and not given else ())


def _purchases(visitor: Visitor, kind: str) -> list[tuple[str, str]]:
    """Return the purchases that the person can choose from, as `Nordlys Lamps, R-1`."""
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
    is_open = checkout.status == CheckoutStatus.OPEN and checkout.expires_at > visitor.at
    path = reverse("checkout", args=[checkout.public_id]) if is_open else ""
    return Subject(checkout.public_id, f"{checkout.merchant.name}, {checkout.merchant_reference}", path)


def _last_day(visitor: Visitor, subject: Subject) -> date:
    """Return the last day to withdraw from a purchase's agreement; NotFound if the law gives no right of withdrawal."""
    order = access_purchase(parse_id(Order.PREFIX, subject.reference), visitor.consumer)
    last = last_day_to_withdraw(visitor, order)
    if last is None:
        raise NotFound("Nobody can withdraw from this agreement.")
    return last


def _owed(visitor: Visitor, subject: Subject) -> dict[str, Any]:
    """Return what the consumer repays on withdrawal: the credit, and its interest up to the day of withdrawal, without a service fee."""
    order = access_purchase(parse_id(Order.PREFIX, subject.reference), visitor.consumer)
    found = with_installments([order])[0]
    quote = quote_early(get_plan(order.plan_id), found.rows, scope="all", day=visitor.today)
    days = [row.due_date for row in found.opened]
    by = max(days, default=None) if order.plan.repay_by else None
    service = 0 if order.plan.repay_by else open_service_minor(order.plan, found.opened)
    return {
        "minor": quote.amount_minor - service,
        "currency": order.currency,
        "by": by,
        "pay": reverse("purchase_pay", args=[order.public_id]),
    }


@consumer_page("GET")
def asked(request: HttpRequest, visitor: Visitor, request_id: str) -> HttpResponse:
    """Show a request, its state, and the answer."""
    found = people.access_request(visitor.consumer, request_id)
    try:
        subject = _subject(visitor, found.kind, found.reference)
    except NotFound:
        # A checkout that has ended no longer has a page.
        subject = Subject(found.reference)
    context = {
        "question": question_of(found, visitor),
        "subject": subject,
        "goes_on": subject.path if found.kind == "review" and found.outcome == "done" else "",
        "kept": list_kept(visitor) if found.kind == CLOSURE else [],
        "owed": _owed(visitor, subject) if found.kind == WITHDRAWAL else None,
    }
    return show(request, visitor, "requests/asked", "help", context)
