"""A shop's actions on an order besides refunds: capture, void, release, extend. Each form acts once, however often it is sent."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout import services as checkouts
from checkout.errors import AmountTooLarge
from checkout.models import Order
from core.errors import DomainError
from core.formats import moment_text
from portals.again import ask_again, find_kept, form_again
from portals.forms import add_errors
from portals.merchant.frame import Desk, confirm, merchant_page, once_for, show
from portals.merchant.orders.forms import CaptureForm
from portals.merchant.orders.page import actions_of, get_order, lead_to_order, order_path
from portals.merchant.wording import order_number


def name_of(order: Order) -> str:
    """Return an order's number for titles."""
    return order_number(order.merchant_reference, order.public_id)


@merchant_page("GET", "POST", needs="orders.capture")
def capture(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """Ask for the amount, by default all that is left, and capture it."""
    order = get_order(desk, order_id)
    left = order.remaining_authorized_minor
    if request.method != "POST":
        form = form_again(find_kept(request), lambda sent: CaptureForm(sent, desk=desk, most_minor=left))
        return _show_capture(request, desk, order, form) if actions_of(order, desk)["capture"] else lead_to_order(request, order)
    form = CaptureForm(request.POST, desk=desk, most_minor=left)
    # The amount left is not checked first: a repeated form gets its first answer even when nothing is left.
    if form.is_valid():
        try:
            _take_deposit(desk, order, form)
            minor, _before = once_for(request, desk, lambda: _capture(desk, order, form))
        except AmountTooLarge:
            order = get_order(desk, order_id)
            form.add_error("amount", gettext("At most %(amount)s is left now.") % {"amount": desk.money(order.remaining_authorized_minor)})
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, gettext("Captured %(amount)s.") % {"amount": desk.money(minor)})
            return redirect(order_path(order))
    return ask_again(request, form=form)


def _take_deposit(desk: Desk, order: Order, form: CaptureForm) -> None:
    """Charge the deposit of an order before its first capture; a repeated form finds it paid."""
    checkouts.take_deposit(order_id=order.id, merchant=desk.merchant, amount_minor=form.cleaned_data["amount"], at=desk.at)


def _capture(desk: Desk, order: Order, form: CaptureForm) -> int:
    done = checkouts.capture_order(
        order_id=order.id, merchant=desk.merchant, amount_minor=form.cleaned_data["amount"], actor=desk.actor, at=desk.at
    )
    return done.amount_minor


def _show_capture(request: HttpRequest, desk: Desk, order: Order, form: CaptureForm) -> HttpResponse:
    context = {"number": name_of(order), "form": form, "left": order.remaining_authorized_minor, "back": order_path(order)}
    return show(request, desk, "orders/capture", "orders", context)


@merchant_page("GET", "POST", needs="orders.void")
def void(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """Ask for confirmation, and void the order; voiding it again changes nothing."""
    order = get_order(desk, order_id)
    if request.method == "POST":
        once_for(request, desk, lambda: _void(desk, order))
        messages.success(request, _("The order is voided. Your customer owes nothing."))
        return redirect(order_path(order))
    if not actions_of(order, desk)["void"]:
        return lead_to_order(request, order)
    return confirm(
        request,
        desk,
        "orders",
        title=gettext("Void order %(order)s?") % {"order": name_of(order)},
        text=gettext("%(amount)s is released. Your customer owes nothing and is never billed. This cannot be undone.")
        % {"amount": desk.money(order.amount_minor)},
        button=gettext("Void the order"),
        back=order_path(order),
    )


def _void(desk: Desk, order: Order) -> str:
    checkouts.void_order(order_id=order.id, merchant=desk.merchant, actor=desk.actor, at=desk.at)
    return order.public_id


@merchant_page("GET", "POST", needs="orders.void")
def release(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """Ask for confirmation, and release the rest of a partly captured order; releasing it again changes nothing."""
    order = get_order(desk, order_id)
    if request.method == "POST":
        once_for(request, desk, lambda: _release(desk, order))
        messages.success(request, _("The rest is released. Your customer is never charged for it."))
        return redirect(order_path(order))
    if not actions_of(order, desk)["release"]:
        return lead_to_order(request, order)
    return confirm(
        request,
        desk,
        "orders",
        title=gettext("Release the rest of order %(order)s?") % {"order": name_of(order)},
        text=gettext(
            "%(amount)s is released, and you cannot capture it any more. Your customer is never charged for it, and is told so. What you "
            "captured is not touched. This cannot be undone."
        )
        % {"amount": desk.money(order.remaining_authorized_minor)},
        button=gettext("Release the rest"),
        back=order_path(order),
    )


def _release(desk: Desk, order: Order) -> str:
    checkouts.release_order(order_id=order.id, merchant=desk.merchant, actor=desk.actor, at=desk.at)
    return order.public_id


@merchant_page("POST", needs="orders.capture")
def extend(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """Renew the authorization for its full period."""
    order = get_order(desk, order_id)
    try:
        until, _before = once_for(request, desk, lambda: _extend(desk, order))
    except DomainError as error:
        messages.error(request, error.detail)
        return redirect(order_path(order))
    local = datetime.fromisoformat(until).astimezone(ZoneInfo(desk.zone))
    messages.success(request, gettext("Extended until %(moment)s.") % {"moment": moment_text(local, desk.locale)})
    return redirect(order_path(order))


def _extend(desk: Desk, order: Order) -> str:
    extended = checkouts.extend_order(order_id=order.id, merchant=desk.merchant, actor=desk.actor, at=desk.at)
    assert extended.expires_at is not None
    return extended.expires_at.isoformat()
