"""The last step: the card and the consent."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import Consumer
from accounts.queries import home_state
from checkout import rules
from checkout import services as checkouts
from checkout.agreeing import write_terms
from checkout.errors import CardCheckNeeded, CardDeclined, CheckoutClosed, ProofNeeded
from checkout.models import Order
from checkout.queries import basket_rules, find_bought, find_order_of
from checkout.quoting import agreed_total
from checkout.ruling import fraud_rules_of
from checkout.states import OrderStatus
from core.clock import now
from core.errors import Conflict, DomainError, Invalid, NotFound
from core.ids import parse_id
from core.locales import page_locale
from core.money import Money
from core.once import note_refusal, once_of, raise_refusal
from payments import queries as methods
from payments import services as payments
from payments.models import PaymentMethod
from plans.documents.lines import blocks_of
from plans.documents.reading import papers_of
from plans.documents.texts import NAMES
from plans.queries import Quote
from plans.texts import product_name
from portals import sessions
from portals.again import ask_again, find_kept
from portals.cards import card_choices, card_title, first_usable, waiting_cards
from portals.checkout.frame import PAY, path_of, show, way_back
from portals.checkout.paying.page import end_of
from portals.checkout.plan.page import agreed_dates, consent_text, due_dates, late_note, plan_option
from portals.checkout.plan.views import find_quote
from portals.checkout.proving.views import step_path
from portals.checkout.steps import Step, Visit, find_step, open_visit
from portals.doors import SeeOther, page
from portals.orders import ShownOrder, shown_order
from portals.sessions import asker_of, seen_by

AGREED_ELSEWHERE = "checkout.agreed_elsewhere"


@page("GET")
def pay(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Show the plan before consent: every due date and the total, the card, the terms, and a single button for consent."""
    visit = open_visit(request, checkout_id, now())
    found = find_quote(visit, request.GET.get("plan", ""))
    if visit.owner is None or found is None:
        return _lead_on(request, visit)
    return _show_pay(request, visit, visit.owner, found)


@page("GET")
def agreement(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Show the complete agreement, or another document, word for word as it will be stored."""
    visit = open_visit(request, checkout_id, now())
    found = find_quote(visit, request.GET.get("plan", ""))
    if visit.owner is None or found is None:
        return _lead_on(request, visit)
    terms = write_terms(visit.checkout, visit.owner, found, visit.at)
    papers = papers_of(terms.as_json(visit.at))
    paper = papers.get(request.GET.get("paper", ""), papers["agreement"])
    others = [(kind, NAMES[kind]) for kind in papers if kind != paper.kind]
    return show(request, visit, "agreement", {"blocks": paper.blocks, "plan": found.product.code, "others": others})


@page("GET", "POST")
def confirm(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Take the consent: create the order and send the person back to the shop. A second press leads to the same order."""
    visit = open_visit(request, checkout_id, now())
    owner, found = visit.owner, find_quote(visit, request.POST.get("plan", ""))
    if request.method == "POST" and find_step(visit) is Step.DONE:
        return _to_shop(request, visit, find_order_of(visit.checkout))
    if owner is None or found is None or request.method != "POST":
        return redirect("checkout", checkout_id)
    try:
        order = _agree_once(request, visit, owner, found)
    except CheckoutClosed:
        return redirect("checkout", checkout_id)
    except (ProofNeeded, CardCheckNeeded) as asked:
        return redirect(step_path(request, visit, "checkout_prove" if isinstance(asked, ProofNeeded) else "checkout_card_check"))
    except DomainError as error:
        return ask_again(request, pay_path(visit, found), error=error)
    return _to_shop(request, visit, order)


def _agree_once(request: HttpRequest, visit: Visit, owner: Consumer, quote: Quote) -> Order:
    """Create the order, or repeat the bank's earlier refusal of the same form: each form asks the bank about a card only once."""
    wish = once_of(request, scope=owner.public_id)
    raise_refusal(wish)
    try:
        return _agree(request, visit, owner, quote)
    except CardDeclined as refusal:
        note_refusal(wish, refusal, visit.at)
        raise


def _agree(request: HttpRequest, visit: Visit, owner: Consumer, quote: Quote) -> Order:
    """Create the order from exactly the text that the page showed, with one of the consumer's own cards."""
    terms = write_terms(visit.checkout, owner, quote, visit.at)
    if request.POST.get("seal") != terms.seal:
        raise Invalid("The dates moved on since you looked. Please look at them again.")
    try:
        method = methods.access_method(owner, parse_id(PaymentMethod.PREFIX, request.POST.get("card", "")))
    except NotFound:
        raise Invalid("Choose the card that you want to pay with.") from None
    return checkouts.confirm(
        checkout=visit.checkout,
        consumer=owner,
        quote=quote,
        method=method,
        agreement=terms,
        at=visit.at,
        asker=asker_of(request),
        **seen_by(request),
    )


def _to_shop(request: HttpRequest, visit: Visit, order: Order | None) -> HttpResponse:
    """Go back to the shop; or to the checkout's last page, if the order is under review or the shop's page is still open beside it.

    A person who agreed to something else before, for example in another window, is first told which agreement counts.
    """
    if order is not None and not _is_what_was_chosen(request, order):
        return _tell_what_counts(request, visit, order)
    if order is None or order.status == OrderStatus.PENDING_REVIEW or not visit.opening.is_page:
        return redirect("checkout", visit.checkout.public_id)
    return SeeOther(way_back(visit, order))


def _lead_on(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Redirect to the checkout's current step; tell a person who chose another plan after agreeing to one which plan counts."""
    order = find_order_of(visit.checkout) if find_step(visit) is Step.DONE else None
    if order is not None and request.GET.get("plan", "") not in {"", order.plan.product.code}:
        return _tell_what_counts(request, visit, order)
    return redirect("checkout", visit.checkout.public_id)


def _tell_what_counts(request: HttpRequest, visit: Visit, order: Order) -> HttpResponse:
    """Redirect to the end of the checkout, and say there which plan and card were agreed to."""
    told = {"plan": product_name(order.plan.product), "card": card_title(order.plan.payment_method)}
    text = _("You had already agreed to %(plan)s with %(card)s. That counts; what you chose afterwards does not.")
    return ask_again(request, path_of(visit), error=Conflict(text % told, code=AGREED_ELSEWHERE))


def _is_what_was_chosen(request: HttpRequest, order: Order) -> bool:
    """Return whether the order has the plan and the card that the form names."""
    chosen = (request.POST.get("plan"), request.POST.get("card"))
    return chosen == (order.plan.product.code, order.plan.payment_method.public_id)


def pay_path(visit: Visit, quote: Quote, **more: str) -> str:
    """Return the address of the last step under a quote."""
    return f"{reverse('checkout_pay', args=[visit.checkout.public_id])}?{urlencode({'plan': quote.product.code, **more})}"


def show_done(request: HttpRequest, visit: Visit, _owner: Consumer) -> HttpResponse:
    """Render the last page for the consumer: agreed, under review, or declined; each with the link back to the shop."""
    order = find_order_of(visit.checkout)
    if order is None:
        raise NotFound("There is no such order.")
    kept = find_kept(request)
    context = {"order": shown_order(order), "end": end_of(order), "dates": agreed_dates(order), "back": way_back(visit, order)}
    context |= {"product": product_name(order.plan.product), "apr_bps": order.plan.apr_bps, "total": agreed_total(order)}
    context["offers_passkey"] = sessions.is_by_code(request)
    # The shop's page is told of the end and closes this window. A page with a message stays open until the person continues.
    context |= {"problem": kept.problem} if kept else {"tell": "complete"}
    return show(request, visit, "paying/done", context)


def _show_pay(request: HttpRequest, visit: Visit, owner: Consumer, quote: Quote) -> HttpResponse:
    """Render the last step: the dates, the cards, the terms, and what went wrong, if anything did."""
    locale, kept = page_locale(owner.locale), find_kept(request)
    terms = write_terms(visit.checkout, owner, quote, visit.at)
    cards, waiting = methods.list_cards(owner), payments.find_waiting(consumer=owner, asker=asker_of(request), at=visit.at)
    dates = due_dates(quote, visit.checkout)
    # A plan without a payment now does not try the card.
    held_back = waiting_cards(cards, waiting) if quote.first_now else frozenset()
    chosen = first_usable(cards, kept.data.get("card", "") if kept else request.GET.get("chosen", ""), waiting=held_back)
    context: dict[str, Any] = {
        "plan": plan_option(quote, visit.checkout, locale),
        "interest_minor": quote.interest_minor,
        "service_minor": quote.service_minor,
        "basket": visit.checkout.items,
        "dates": dates,
        "taken": _taken(dates[0]["state"] == "now", visit, is_deposit=quote.deposit_minor > 0),
        "cards": card_choices(cards, chosen, waiting=held_back),
        "chosen": chosen,
        "consent": consent_text(quote, visit.checkout, locale),
        "late_note": late_note([quote], visit.checkout, home_state(owner), locale),
        "terms": terms,
        "pricing": [block for block in blocks_of(terms.pricing) if block.kind != "title"],
        "looked_at": _looked_at(visit, quote),
        "bought": _bought(visit, owner),
        "error": kept.lasting_problem if kept else None,
        "declined": bool(kept and kept.problem and kept.problem.code == CardDeclined.code),
        "confirmed": bool(kept and kept.data.get("confirmed")),
        "no_card": request.GET.get("card") == "none",
        "wait": waiting.to_try or waiting.to_add,
    }
    return show(request, visit, "paying/pay", context, place=PAY)


def _taken(is_now: bool, visit: Visit, *, is_deposit: bool) -> str:
    """Say when the first payment is taken."""
    if not is_now:
        return _("Nothing is charged today.")
    if is_deposit and visit.checkout.capture == "manual":
        return _(
            "The deposit is held on your card now, and taken when the shop ships, after 6 days at the latest. It goes back if the shop does"
            " not ship. The other payments follow on their dates."
        )
    if is_deposit:
        return _("The deposit is charged now, the other payments on their dates.")
    if visit.checkout.capture == "manual":
        return _("The first payment is held on your card now, and charged when the shop ships.")
    return _("The first payment is charged now, the others on their dates.")


def _bought(visit: Visit, owner: Consumer) -> ShownOrder | None:
    """Return another order that the consumer has already made under the same merchant reference."""
    checkout = visit.checkout
    found = find_bought(consumer_id=owner.id, merchant_id=checkout.merchant_id, reference=checkout.merchant_reference, besides=checkout.id)
    if found is None:
        return None
    found.merchant = checkout.merchant
    return shown_order(found)


def _looked_at(visit: Visit, quote: Quote) -> bool:
    """Return whether a person will review this purchase before it is approved."""
    checkout, decision = visit.checkout, visit.checkout.decision
    return decision is not None and bool(
        rules.review_reasons(
            outcome=decision.outcome,
            reasons=[str(code) for code in decision.reasons],
            amount=Money(quote.financed_minor, checkout.currency),
            order_limit_minor=decision.order_limit_minor,
            items=checkout.items,
            basket=basket_rules(checkout.merchant),
            by_fraud=fraud_rules_of(decision),
        )
    )
