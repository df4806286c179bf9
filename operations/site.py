"""The work list that the back office opens with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries import count_waiting_requests, list_waiting_requests
from checkout.desk import may_see_reviews
from checkout.models import OrderReview
from checkout.states import REVIEW_OPEN
from collection.desk import list_matters
from collection.losses import list_waiting, may_see_losses
from core import clock
from core.crypto import as_error
from core.locales import page_locale
from core.money import Money
from core.queries import undelivered
from core.unreadable import count_unreadable, listing
from payments.models import Charge, Payout, Refund
from payments.queries import count_open_breaks, list_open_breaks
from payments.states import MovementStatus

SHOWN = 10


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """A held order as the work list shows it; `waits_for_another` where the operator who looks prepared it."""

    path: str
    reference: str
    shop: str
    reason: str
    since: datetime
    amount: str
    prepared_by: str
    waits_for_another: bool


class Compressed(GZipMiddleware):
    """Compresses the back office's pages: a list is many similar rows.

    The length is random and the CSRF token is masked anew each time, so that no secret can be guessed from the length (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress only the back office's answers."""
        return super().process_response(request, response) if request.path.startswith("/admin/") else response


class Opened:
    """Answers an operator whose page or form needs a value that cannot be decrypted: it was erased, or an alarm was raised."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the page answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Show why, in place of an error page; other pages do so by themselves."""
        if not isinstance(exception, InvalidTag) or not request.path.startswith("/admin/"):
            return None
        problem = as_error(exception)
        context = {**admin.site.each_context(request), "title": problem.title, "problem": problem}
        return TemplateResponse(request, "admin/sealed.html", context, status=problem.status).render()


def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign an operator in, and open the work list unless another page was asked for."""
    if "next" not in request.GET:
        return HttpResponseRedirect("/admin/login/?next=/admin/")
    return admin.site.login(request)


def work_list(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the open tasks to the back office's first page, as far as the operator's role may see them."""
    context["content_title"] = _("Work list")
    user = request.user
    assert isinstance(user, User)
    with listing():
        context |= _waiting(user)
    if user.has_perm("payments.view_charge"):
        context["breaks"] = _breaks()
    context["has_role"] = bool(user.get_all_permissions())
    return context


def _waiting(user: User) -> dict[str, Any]:
    """Return the open tasks, by kind."""
    found: dict[str, Any] = {}
    if may_see_reviews(user):
        found |= _held(user)
    if user.has_perm("accounts.view_consumerrequest"):
        found |= _asked()
    if user.has_perm("payments.view_break"):
        found |= {"matters": list_matters(list_open_breaks(SHOWN)), "matter_count": count_open_breaks()}
    if may_see_losses(user):
        found["losses"] = list_waiting(user, at=clock.now(), limit=SHOWN)
    return found


def _asked() -> dict[str, Any]:
    """Return consumers' open requests, the earliest due first."""
    return {"asked": list_waiting_requests(SHOWN), "asked_count": count_waiting_requests()}


def _held(user: User) -> dict[str, Any]:
    waiting = OrderReview.objects.filter(status__in=REVIEW_OPEN).select_related("order__merchant", "prepared_by").order_by("id")
    return {"held": [_held_row(review, user) for review in waiting[:SHOWN]], "held_count": waiting.count()}


def _held_row(review: OrderReview, user: User) -> HeldOrder:
    order, by = review.order, review.prepared_by
    return HeldOrder(
        path=reverse("admin:checkout_orderreview_change", args=[review.id]),
        reference=order.merchant_reference,
        shop=order.merchant.name,
        reason=review.get_reason_display(),
        since=review.created_at,
        amount=Money(order.amount_minor, order.currency).text(page_locale("en_US")),
        prepared_by=str(by) if by else "",
        waits_for_another=by is not None and by.pk == user.pk,
    )


def _breaks() -> list[tuple[str, int, str]]:
    unanswered = sum(model.objects.filter(status=MovementStatus.UNKNOWN).count() for model in (Charge, Refund, Payout))
    return [
        (
            _("Charges, refunds and payouts without an answer"),
            unanswered,
            _("They are asked for again by themselves. Look into those that stay."),
        ),
        (
            _("Events that a part of the platform could not handle"),
            undelivered().count(),
            _("Each is tried again by itself, up to 25 times. Undelivered events says why it fails."),
        ),
        (
            _("Encrypted values that could not be opened"),
            count_unreadable(),
            _("Nothing is decided on such a value. The log names table, field and key: see sealed.unreadable."),
        ),
    ]
