"""Orders: the list with its filters in the address, the same list as a file, capturing several at once, and one order."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from checkout import services as checkouts
from controls.services import Reading, note_reading
from core.csv_files import Cell, csv_answer
from core.errors import DomainError, NotFound
from core.idempotency import Once
from core.ids import parse_id, public_id
from core.money import units_of
from core.once import once_of
from core.sentences import one_stop
from core.unreadable import listing
from portals.merchant.frame import Desk, merchant_page, show
from portals.merchant.orders.forms import read_filters
from portals.merchant.orders.page import get_order, order_page
from portals.merchant.orders.queries import STATES, Filters, export_orders, find_orders, shown_orders
from portals.merchant.orders.rows import chip, order_row
from portals.merchant.paging import BY_DAY, BY_KEY, PAGE, slice_of

MOST_AT_ONCE = 2 * PAGE
HEADER = (
    *("order", "reference", "created", "status", "plan", "currency", "amount", "captured", "refunded", "fee", "fee_refunded"),
    *("expires", "released"),
)


@merchant_page("GET")
def orders(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List orders, newest first, filtered by state, dates and a search."""
    form, filters = read_filters(request.GET)
    page = slice_of(shown_orders(find_orders(desk.merchant, filters)), request, place=BY_DAY if filters.dated else BY_KEY)
    context = {
        "form": form,
        "filters": filters,
        "chips": [
            chip(str(label), _path(filters.with_state(state)), current=state == filters.state) for state, (label, _) in STATES.items()
        ],
        "orders": [order_row(order, desk) for order in page.rows],
        "newer": page.newer,
        "older": page.older,
        "export_path": f"{reverse('merchant_orders_export')}?{urlencode(filters.as_query())}",
        "back": request.get_full_path(),
        "selectable": desk.may("orders.capture"),
    }
    return show(request, desk, "orders/orders", "orders", context)


def _path(filters: Filters) -> str:
    query = filters.as_query()
    return f"?{urlencode(query)}" if query else reverse("merchant_orders")


@merchant_page("GET")
def export(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Return the orders of the current filter as a file, without the customers' data."""
    _, filters = read_filters(request.GET)
    note_reading(reading=Reading.ORDERS_EXPORTED, about=[desk.merchant.public_id], at=desk.at)
    return csv_answer(f"orders-{desk.today:%Y-%m-%d}", HEADER, _export_rows(desk, filters))


def _export_rows(desk: Desk, filters: Filters) -> Iterator[Sequence[Cell]]:
    for row in export_orders(find_orders(desk.merchant, filters)):
        currency = row["currency"]
        amounts = ("amount_minor", "captured_minor", "refunded_minor", "fee_minor", "fee_refunded_minor")
        yield (
            *(public_id("ord", row["id"]), row["merchant_reference"], desk.time_of(row["created_at"])),
            *(row["status"], row["plan__product__code"], currency),
            *(units_of(row[name], currency) for name in amounts),
            *(desk.time_of(row["expires_at"]), units_of(row["released_minor"], currency)),
        )


@merchant_page("POST", needs="orders.capture")
def capture_selected(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Capture all that is left of each selected order; one that cannot be captured does not stop the others.

    Each order is captured once for a form, so that an interrupted form continues when it is sent again.
    """
    chosen = list(dict.fromkeys(request.POST.getlist("order")))[:MOST_AT_ONCE]
    wish = once_of(request, scope=desk.merchant.public_id)
    done, total, refused = 0, 0, 0
    for key in chosen:
        minor = _capture(desk, key, wish)
        if minor is None:
            refused += 1
        else:
            done, total = done + 1, total + minor
    if done:
        told = gettext("Captured %(orders)s, %(amount)s in all.") % {"orders": _count(done), "amount": desk.money(total)}
        messages.success(request, one_stop(told))
    if refused:
        messages.error(request, _refused(refused))
    if not chosen:
        messages.error(request, _("Select the orders that you want to capture."))
    return redirect(_back(request))


def _capture(desk: Desk, order_id: str, wish: Once) -> int | None:
    """Capture one order of a form and return the amount captured, now or earlier; None where it cannot be captured."""
    order = parse_id("ord", order_id)

    def work() -> tuple[int, int]:
        made = checkouts.capture_order(order_id=order, merchant=desk.merchant, amount_minor=None, actor=desk.actor, at=desk.at)
        return 200, made.amount_minor

    try:
        checkouts.take_deposit(order_id=order, merchant=desk.merchant, amount_minor=None, at=desk.at)
        return int(wish.part(order_id).run(at=desk.at, work=work).body)
    except NotFound:
        raise
    except DomainError:
        return None


def _count(number: int) -> str:
    return ngettext("%(n)s order", "%(n)s orders", number) % {"n": number}


def _back(request: HttpRequest) -> str:
    """Return the address of the list with its filters."""
    path, back = reverse("merchant_orders"), request.POST.get("back", "")
    return back if back == path or back.startswith(f"{path}?") else path


@merchant_page("GET")
def order(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """Show an order; the number of statements does not grow with its history."""
    with listing():
        return show(request, desk, "orders/order", "orders", order_page(desk, get_order(desk, order_id)))


def _refused(number: int) -> str:
    text = ngettext(
        "%(n)s order could not be captured. Nothing of it changed.", "%(n)s orders could not be captured. Nothing of them changed.", number
    )
    return text % {"n": number}
