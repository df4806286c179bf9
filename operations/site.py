"""The first page of the back office, the work list, and middleware for all its pages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ScreeningMatch, User
from accounts.proofs.queries import count_reviews
from accounts.proofs.services import MAY_REVIEW
from accounts.screening.queries import count_open as count_open_matches
from accounts.states import MatchStatus, ProofStatus
from collection.closing import count_stuck
from collection.models import ClosedDay
from controls.files import MOST_BYTES, MOST_FILES, NamedFile
from controls.proofs import Proof, bringing
from core import clock
from core.crypto import as_error
from core.models import Delivery
from core.queries import undelivered
from core.sentences import Text, translated
from core.unreadable import count_unreadable
from fraud.laundering.queries import count_open
from fraud.laundering.services import MAY_HANDLE
from fraud.models import LaunderingAlert
from fraud.states import AlertStatus
from operations import tasklist
from operations.people.holders import count_doubted, may_settle
from operations.posting import count_letters, may_post
from operations.sources import count_some, some_words
from operations.unsent import count_unsent, may_see_unsent
from payments.models import Authorization, Charge, Payout, Refund
from payments.states import MovementStatus


class Compressed(GZipMiddleware):
    """Compresses the back office's pages: a list is many similar rows.

    The response has random padding, and the CSRF token is masked anew each time, so that the length reveals no secret (BREACH).
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


class Proving:
    """Lets what a form of the back office proposes have the text and the files that were sent with it (`admin/_proof.html`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        if request.method != "POST" or not request.path.startswith("/admin/"):
            return self.get_response(request)
        with bringing(lambda: _proof_of(request)):
            return self.get_response(request)


def _proof_of(request: HttpRequest) -> Proof:
    """Return what was sent with a form; a file that is too large is read only so far that it is refused."""
    files = request.FILES.getlist("proof_files")[: MOST_FILES + 1]
    return Proof(request.POST.get("proof", ""), [NamedFile(one.name or "", one.read(MOST_BYTES + 1)) for one in files])


def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign an operator in, and open the work list unless another page was asked for."""
    if "next" not in request.GET:
        return HttpResponseRedirect("/admin/login/?next=/admin/")
    return admin.site.login(request)


def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign an operator out; whoever types the address is led to the work list, and stays signed in."""
    if request.method in {"GET", "HEAD"}:
        return to_work_list(request)
    return admin.site.admin_view(admin.site.logout, cacheable=True)(request)


def apps_listed() -> list[str]:
    """Return the labels of all apps that have lists in the back office."""
    return sorted({model._meta.app_label for model in apps.get_models() if admin.site.is_registered(model)})


def to_work_list(request: HttpRequest) -> HttpResponse:
    """Lead to the work list: the address of an app is no page of its own here."""
    return HttpResponseRedirect(reverse("admin:index"))


def work_list(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the first page the open tasks that the operator's role may see."""
    context["content_title"] = _("Work list")
    user = request.user
    assert isinstance(user, User)
    context |= tasklist.work_list(request, user)
    looks = [*(_unanswered(user) if user.has_perm("payments.view_charge") else ()), *_looks(user)]
    if looks:
        context["looks"] = looks
    context["has_role"] = bool(user.get_all_permissions())
    return context


@dataclass(frozen=True, slots=True)
class Look:
    """A count on the first page: its name, the number (empty for none), and the list that is counted, if there is one."""

    name: str
    count: str
    note: str
    link: str


UNANSWERED: dict[Any, Text] = {
    Charge: gettext_lazy("Charges without an answer"),
    Refund: gettext_lazy("Refunds without an answer"),
    Payout: gettext_lazy("Payouts without an answer"),
    Authorization: gettext_lazy("Holds on cards without an answer"),
}


def _unanswered(user: User) -> Iterable[Look]:
    """Count the movements without an answer, each kind beside its list."""
    note = _("They are asked for again by themselves. Look into those that stay.")
    for model, name in UNANSWERED.items():
        count = count_some(model.objects.filter(status=MovementStatus.UNKNOWN))
        yield _look(user, model, name, count, note, f"?status__exact={MovementStatus.UNKNOWN}")


def _looks(user: User) -> Iterable[Look]:
    if user.has_perm("payments.view_charge"):
        note = _("Each is tried again by itself, up to 25 times. Undelivered events says why it fails.")
        yield _look(user, Delivery, _("Events that a part of the platform could not handle"), count_some(undelivered()), note)
        note = _("Nothing is decided on such a value. The list names the rows, and so does the log: sealed.unreadable.")
        number, link = count_unreadable(), reverse("admin:core_unreadable")
        yield Look(_("Encrypted values that could not be opened"), some_words(number) if number else "", note, link)
    if user.has_perm("collection.view_closedday"):
        note = _("Each zone's days are closed in turn, so that fees and arrears wait for it. Payments do not.")
        yield _look(user, ClosedDay, _("Time zones whose close of day is stuck"), count_stuck(clock.now()), note, "?closed_at__isnull=True")
    if may_see_unsent(user):
        number, link = count_unsent(), reverse("admin:notifications_unsent")
        note = _("Letters and SMS of the last two weeks that were given up. The list says why.")
        yield Look(_("Messages that could not be sent"), some_words(number) if number else "", note, link)
    if may_post(user):
        number, link = count_letters(), reverse("admin:notifications_letters")
        note = _("Notices that the law demands, which nothing else could bring. What follows them waits until they are posted.")
        yield Look(_("Letters to print and post"), some_words(number) if number else "", note, link)
    if user.may(MAY_REVIEW):
        link = reverse("admin:accounts_identityproof_changelist") + f"?status__exact={ProofStatus.REVIEW}"
        number, note = count_reviews(), _("Pictures of documents that a person here looks at. A purchase may wait for it.")
        yield Look(_("Identity pictures to look at"), some_words(number) if number else "", note, link)
    if may_settle(user):
        number, link = count_doubted(), reverse("admin:credit_bankaccess_doubted")
        note = _("The bank names somebody else, or they verified another person. They count for nothing until you decide.")
        yield Look(_("Bank accounts of doubtful holders"), some_words(number) if number else "", note, link)
    if user.may(MAY_HANDLE):
        note = _("Nobody but the money laundering desk sees them. The person must not learn of one.")
        yield _look(user, LaunderingAlert, _("Money laundering alerts"), count_open(), note, f"?status__exact={AlertStatus.OPEN}")
        note = _("Purchases of these people wait until officers have decided. They must not learn why.")
        yield _look(user, ScreeningMatch, _("Matches with lists"), count_open_matches(), note, f"?status__exact={MatchStatus.OPEN}")


def _look(user: User, model: type[Model], name: Text, count: int, note: str, query: str = "") -> Look:
    """Return a count with a link to its list, if the operator may see the list."""
    labels = model._meta
    may = user.has_perm(f"{labels.app_label}.view_{labels.model_name}") or model in {LaunderingAlert, ScreeningMatch}
    link = reverse(f"admin:{labels.app_label}_{labels.model_name}_changelist") + query if may else ""
    return Look(str(name), some_words(count) if count else "", note, link)
