"""What a shop does with an order besides refunds: capture, void, extend. Each form acts once, however often it is sent."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from checkout import services as checkouts
from checkout.errors import AmountTooLarge
from checkout.models import Order
from core.errors import DomainError
from portals.formats import moment_text
from portals.forms import add_errors
from portals.merchant.forms import CaptureForm
from portals.merchant.frame import Desk, confirm, merchant_page, show
from portals.merchant.once import act_once
from portals.merchant.order import actions_of, get_order, order_path
from portals.merchant.wording import order_number


def name_of(order: Order) -> str:
    """Return an order's number for titles."""
    return order_number(order.merchant_reference, order.public_id)


@merchant_page("GET", "POST", needs="orders.capture")
def capture(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """Ask how much is captured, all where nothing else is said, and capture it."""
    order = get_order(desk, order_id)
    if request.method != "POST":
        form = CaptureForm(desk=desk, most_minor=order.remaining_authorized_minor)
        return _show_capture(request, desk, order, form) if actions_of(order, desk)["capture"] else redirect(order_path(order))
    form = CaptureForm(request.POST, desk=desk, most_minor=order.remaining_authorized_minor)
    # How much is left is not asked before: a form that comes again, when nothing is left, is answered as the first time.
    if form.is_valid():
        try:
            minor, _before = act_once(request, merchant=desk.merchant, at=desk.at, work=lambda: _capture(desk, order, form))
        except AmountTooLarge:
            order = get_order(desk, order_id)
            form.add_error("amount", f"At most {desk.money(order.remaining_authorized_minor)} is left now.")
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Captured {desk.money(minor)}.")
            return redirect(order_path(order))
    return _show_capture(request, desk, order, form, status=422)


def _capture(desk: Desk, order: Order, form: CaptureForm) -> int:
    done = checkouts.capture_order(
        order_id=order.id, merchant=desk.merchant, amount_minor=form.cleaned_data["amount"], actor=desk.actor, at=desk.at
    )
    return done.amount_minor


def _show_capture(request: HttpRequest, desk: Desk, order: Order, form: CaptureForm, status: int = 200) -> HttpResponse:
    context = {"order": order, "number": name_of(order), "form": form, "left": order.remaining_authorized_minor, "back": order_path(order)}
    return show(request, desk, "capture", "orders", context, status=status)


@merchant_page("GET", "POST", needs="orders.void")
def void(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """Ask whether the order is given up, and void it; voiding twice is voiding once."""
    order = get_order(desk, order_id)
    if request.method == "POST":
        checkouts.void_order(order_id=order.id, merchant=desk.merchant, actor=desk.actor, at=desk.at)
        messages.success(request, "The order is voided. Your customer owes nothing.")
        return redirect(order_path(order))
    if not actions_of(order, desk)["void"]:
        return redirect(order_path(order))
    return confirm(
        request,
        desk,
        "orders",
        title=f"Void order {name_of(order)}?",
        text=f"{desk.money(order.amount_minor)} is released. Your customer owes nothing and is never billed. This cannot be undone.",
        button="Void the order",
        back=order_path(order),
    )


@merchant_page("POST", needs="orders.capture")
def extend(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """Let the authorization last its full time again."""
    order = get_order(desk, order_id)
    try:
        order = checkouts.extend_order(order_id=order.id, merchant=desk.merchant, actor=desk.actor, at=desk.at)
    except DomainError as error:
        messages.error(request, error.detail)
        return redirect(order_path(order))
    assert order.expires_at is not None
    messages.success(request, f"Extended until {moment_text(order.expires_at.astimezone(ZoneInfo(desk.zone)), desk.locale)}.")
    return redirect(order_path(order))
