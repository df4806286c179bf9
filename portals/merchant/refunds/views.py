"""The list of refunds, and refunding in two steps: the amount, then the schedule before and after it. Only the second step books."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout import services as checkouts
from checkout.errors import AmountTooLarge
from checkout.models import Capture, Order
from checkout.queries import captures_of
from checkout.services import RefundPreview
from core.clock import local_date
from core.errors import Conflict, DomainError
from core.formats import day_text
from core.sentences import Sentence
from portals.again import ask_again, find_kept, form_again
from portals.forms import add_errors
from portals.merchant.frame import Desk, merchant_page, once_for, show
from portals.merchant.orders.acting import name_of
from portals.merchant.orders.page import actions_of, get_order, lead_to_order, order_path
from portals.merchant.paging import slice_of
from portals.merchant.refunds.forms import RefundForm
from portals.merchant.refunds.page import refund_row, schedule_rows, seal_of
from portals.merchant.refunds.queries import find_refunds


@merchant_page("GET")
def refunds(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List refunds, newest first."""
    page = slice_of(find_refunds(desk.merchant), request)
    context = {"refunds": [refund_row(refund) for refund in page.rows], "newer": page.newer, "older": page.older}
    return show(request, desk, "refunds/refunds", "refunds", context)


class ScheduleMoved(Conflict):
    """The plan has changed since the preview that the person agreed to."""

    code = "refund.schedule_moved"


@merchant_page("GET", "POST", needs="orders.refund")
def refund(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """Ask for the amount, show how the refund changes the plan, and book it once the person has seen that."""
    order = get_order(desk, order_id)
    if request.method != "POST":
        return _show(request, desk, order) if actions_of(order, desk)["refund"] else lead_to_order(request, order)
    form = _form(desk, order, request.POST)
    if not form.is_valid() or request.POST.get("step") != "confirm":
        return ask_again(request, form=form)
    try:
        minor, _before = once_for(request, desk, lambda: _refund_as_seen(request, desk, order, form))
    except ScheduleMoved as moved:
        return ask_again(request, error=moved)
    except DomainError as error:
        _add_errors(form, desk, order, error)
    else:
        messages.success(request, gettext("Refunded %(amount)s.") % {"amount": desk.money(minor)})
        return redirect(order_path(order))
    return ask_again(request, form=form)


def _form(desk: Desk, order: Order, sent: QueryDict | None) -> RefundForm:
    captures = captures_of(order)
    return RefundForm(sent, desk=desk, most_minor=order.refundable_minor, captures=captures, texts=_texts(captures, desk))


def _show(request: HttpRequest, desk: Desk, order: Order) -> HttpResponse:
    """Show the form or, where its values are valid, a preview of the refund."""
    kept = find_kept(request)
    if kept is None or kept.errors or kept.data.get("step") not in {"preview", "confirm"}:
        return _show_form(request, desk, order, form_again(kept, lambda sent: _form(desk, order, sent)))
    form = _form(desk, order, kept.data)
    if form.is_valid():
        try:
            return _show_preview(request, desk, order, form, notice=kept.problem.detail if kept.problem else "")
        except DomainError as error:
            _add_errors(form, desk, order, error)
    return _show_form(request, desk, order, form)


def _add_errors(form: RefundForm, desk: Desk, order: Order, error: DomainError) -> None:
    if isinstance(error, AmountTooLarge):
        form.add_error(
            "amount", gettext("At most %(amount)s can be refunded now.") % {"amount": desk.money(_refundable(desk, order, form))}
        )
    else:
        add_errors(form, error, capture_id="capture")


def _texts(captures: Sequence[Capture], desk: Desk) -> list[str]:
    """Return the captures as the form names them."""
    return [
        gettext("%(amount)s of %(day)s, %(left)s refundable")
        % {
            "amount": desk.money(capture.amount_minor),
            "day": day_text(local_date(capture.at, desk.zone), desk.locale, "short"),
            "left": desk.money(capture.amount_minor - capture.refunded_minor),
        }
        for capture in captures
    ]


def _refund(desk: Desk, order: Order, form: RefundForm, *, dry_run: bool) -> RefundPreview:
    told = form.cleaned_data
    return checkouts.refund_order(
        order_id=order.id,
        merchant=desk.merchant,
        amount_minor=told["amount"],
        reason=told["reason"],
        capture_id=told.get("capture", ""),
        dry_run=dry_run,
        actor=desk.actor,
        at=desk.at,
    )


def _refund_as_seen(request: HttpRequest, desk: Desk, order: Order, form: RefundForm) -> int:
    """Refund, unless the plan has changed since the preview: then nothing is booked. Runs in one transaction."""
    done = _refund(desk, order, form, dry_run=False)
    if seal_of(done) != request.POST.get("seen"):
        raise ScheduleMoved(
            Sentence("The plan changed since you looked, for instance by a payment. Nothing was refunded. Please look again.")
        )
    return done.refund.amount_minor


def _refundable(desk: Desk, order: Order, form: RefundForm) -> int:
    """Return how much of the chosen capture can be refunded now."""
    chosen = form.cleaned_data.get("capture")
    captures = [one for one in captures_of(order) if not chosen or one.public_id == chosen]
    return sum(one.amount_minor - one.refunded_minor for one in captures)


def _show_form(request: HttpRequest, desk: Desk, order: Order, form: RefundForm) -> HttpResponse:
    context = {"number": name_of(order), "form": form, "back": order_path(order)}
    return show(request, desk, "refunds/refund", "orders", context)


def _show_preview(request: HttpRequest, desk: Desk, order: Order, form: RefundForm, notice: str = "") -> HttpResponse:
    preview = _refund(desk, order, form, dry_run=True)
    made = preview.refund
    back = sum(item["amount_minor"] for item in made.outcome["back"])
    rows = schedule_rows(preview)
    context = {
        "number": name_of(order),
        "form": form,
        "minor": made.amount_minor,
        "facts": [
            (_("Open payments are lowered by"), desk.money(made.outcome["canceled_minor"])),
            (_("Goes back to your customer's card"), desk.money(back)),
            (_("Fee given back to you"), desk.money(made.fee_minor)),
            *([(_("Interest given back to you"), desk.money(made.shop_interest_minor))] if made.shop_interest_minor else []),
            (_("Taken from your next payout"), desk.money(made.amount_minor - made.fee_minor - made.shop_interest_minor)),
        ],
        "rows": rows,
        "total": {name: sum(row[name] for row in rows) for name in ("paid", "before", "after")},
        "seen": seal_of(preview),
        "notice": notice,
        "back": order_path(order),
    }
    return show(request, desk, "refunds/refund_preview", "orders", context)
