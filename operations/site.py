"""The first page of the back office, the work list, and middleware for all its pages."""

from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidTag
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.models import User
from core.crypto import as_error
from core.queries import undelivered
from core.sentences import translated
from core.unreadable import count_unreadable
from fraud.laundering.queries import count_open
from fraud.laundering.services import MAY_HANDLE
from operations import tasklist
from operations.sources import count_some, some_words
from payments.models import Authorization, Charge, Payout, Refund
from payments.states import MovementStatus


class Compressed(GZipMiddleware):
    """Compresses the back office's pages: a list is many similar rows.

    The length is random and the CSRF token is masked anew each time, so that no secret can be guessed from the length (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress the answer, if it is a page of the back office."""
        return super().process_response(request, response) if request.path.startswith("/admin/") else response


class Opened:
    """Explains why a page or form of the back office fails on a value that cannot be decrypted: erased, or damaged (with an alarm)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Show the explanation in place of an error page; pages outside the back office show their own."""
        if not isinstance(exception, InvalidTag) or not request.path.startswith("/admin/"):
            return None
        problem = as_error(exception)
        context = {**admin.site.each_context(request), "title": translated(problem.title), "problem": problem}
        return TemplateResponse(request, "admin/sealed.html", context, status=problem.status).render()


def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign an operator in, and open the work list unless another page was asked for."""
    if "next" not in request.GET:
        return HttpResponseRedirect("/admin/login/?next=/admin/")
    return admin.site.login(request)


def work_list(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the first page the open tasks that the operator's role may see."""
    context["content_title"] = _("Work list")
    user = request.user
    assert isinstance(user, User)
    context |= tasklist.work_list(request, user)
    if user.has_perm("payments.view_charge"):
        context["breaks"] = [(name, some_words(count) if count else "", note) for name, count, note in _breaks()]
    if user.may(MAY_HANDLE):
        about = _("Nobody but the money laundering desk sees them. The person must not learn of one.")
        context["breaks"] = [*context.get("breaks", ()), (_("Money laundering alerts"), count_open(), about)]
    context["has_role"] = bool(user.get_all_permissions())
    return context


def _breaks() -> list[tuple[str, int, str]]:
    unanswered = sum(count_some(model.objects.filter(status=MovementStatus.UNKNOWN)) for model in (Charge, Refund, Payout, Authorization))
    return [
        (
            _("Charges, refunds, payouts and holds without an answer"),
            unanswered,
            _("They are asked for again by themselves. Look into those that stay."),
        ),
        (
            _("Events that a part of the platform could not handle"),
            count_some(undelivered()),
            _("Each is tried again by itself, up to 25 times. Undelivered events says why it fails."),
        ),
        (
            _("Encrypted values that could not be opened"),
            count_unreadable(),
            _("Nothing is decided on such a value. The log names table, field and key: see sealed.unreadable."),
        ),
    ]
