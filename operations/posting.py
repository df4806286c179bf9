"""The page of notices on paper: what waits is printed as one file of PDFs with its addresses, and noted as posted."""

import io
import zipfile
from collections import defaultdict
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from accounts.admin import keep_look
from accounts.models import User
from accounts.support import large_print_among
from core import clock
from core.adjusting import value_of
from core.csv_files import csv_answer
from core.once import new_key
from core.unreadable import listing
from notifications import services as notifications
from notifications.models import PaperLetter
from notifications.papers import pdf_of_notice
from notifications.queries import find_notice
from notifications.services.posting import MAY_POST, has_address
from notifications.settable import POST_DAYS
from operations.frame import MAY_SEE, carry_out_once, operator, show
from operations.unsent import why_unsent

MOST = 200
FIELDS = ("letter", "name", "line1", "line2", "postal_code", "city", "region", "country", "language", "file")
"""Columns of the file of addresses."""


def may_post(user: User) -> bool:
    """Return whether an operator prints and posts letters: it shows people and where they live."""
    return user.may(MAY_POST) and user.may(MAY_SEE)


def count_letters() -> int:
    """Return how many letters wait to be printed or posted, up to 200."""
    return PaperLetter.objects.filter(posted_at=None, left_at=None).order_by("id")[:MOST].count()


def urls(wrap: Any) -> list[URLPattern]:
    """Return the URLs of the page."""
    return [
        path("letters/", wrap(show_letters), name="notifications_letters"),
        path("letters/print/", wrap(print_all), name="notifications_letters_print"),
        path("letters/<uuid:batch>/addresses/", wrap(addresses), name="notifications_letters_addresses"),
        path("letters/<uuid:batch>/file/", wrap(file), name="notifications_letters_file"),
        path("letters/<uuid:batch>/posted/", wrap(posted), name="notifications_letters_posted"),
        path("letters/<uuid:letter>/leave/", wrap(leave), name="notifications_letters_leave"),
    ]


def show_letters(request: HttpRequest) -> HttpResponse:
    """List what waits to be printed, who has no address, and the batches that were printed and not posted."""
    _may(request)
    with listing():
        found = list(_waiting()[:MOST])
    keep_look(request, "work_list", {one.consumer_id for one in found})
    batches: dict[UUID, list[PaperLetter]] = defaultdict(list)
    for one in found:
        if one.batch:
            batches[one.batch].append(one)
    waiting = [_line(one) for one in found if not one.batch]
    told = {
        "waiting": waiting,
        "ready": sum(not line["lacks"] for line in waiting),
        "batches": [{"key": key, "count": len(rows), "at": rows[0].printed_at} for key, rows in batches.items()],
        "days": value_of(POST_DAYS),
        "once": new_key(),
    }
    return show(request, "letters.html", _("Letters to print and post"), **told)


def print_all(request: HttpRequest) -> HttpResponse:
    """Take what waits into a batch."""
    return _do(request, notifications.print_letters, _("Ready to print. Download the batch, post it, and note that here."))


def posted(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Note that a batch was posted."""
    return _do(request, notifications.post_letters, _("Noted as posted."), batch=batch)


def leave(request: HttpRequest, letter: UUID) -> HttpResponse:
    """Note that a letter cannot be posted."""
    return _do(request, notifications.leave_letter, _("Noted. It is not posted."), letter_id=letter, why=request.POST.get("why", ""))


def addresses(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Return the addresses of a batch as CSV, a line a letter."""
    return csv_answer(f"letters-{batch}", FIELDS, [_address(one) for one in _batch(request, batch)])


def file(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Return a batch as a ZIP of one PDF a letter, each as its notice was kept, in large print for who needs it."""
    made, found = io.BytesIO(), list(_batch(request, batch))
    large = large_print_among({one.consumer_id for one in found}, clock.now().date())
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as whole:
        for one in found:
            notice = find_notice(f"{one.late_notice.kind}_notice", one.late_notice.public_id)
            if notice is not None:
                whole.writestr(_file_name(one), pdf_of_notice(notice, one.consumer.market_id, large=one.consumer_id in large)[0])
    told = {"Content-Disposition": f'attachment; filename="letters-{batch}.zip"'}
    return HttpResponse(made.getvalue(), content_type="application/zip", headers=told)


def _do(request: HttpRequest, act: Any, done: str, **told: Any) -> HttpResponse:
    _may(request)
    back = reverse("admin:notifications_letters")
    if request.method != "POST":
        return HttpResponseRedirect(back)
    return carry_out_once(request, lambda: act(user=operator(request), at=clock.now(), **told), done=done, back=back)


def _may(request: HttpRequest) -> None:
    if not may_post(operator(request)):
        raise PermissionDenied


def _waiting() -> Any:
    rows = PaperLetter.objects.filter(posted_at=None, left_at=None).order_by("id")
    return rows.select_related("consumer", "late_notice__plan").defer("late_notice__plan__agreement", "late_notice__plan__agreement_before")


def _batch(request: HttpRequest, batch: UUID) -> list[PaperLetter]:
    _may(request)
    found = list(PaperLetter.objects.filter(batch=batch, left_at=None).select_related("consumer", "late_notice").order_by("id"))
    if not found:
        raise Http404
    keep_look(request, "work_list", {one.consumer_id for one in found})
    return found


def _line(one: PaperLetter) -> dict[str, Any]:
    lacks = not has_address(one.consumer)
    return {
        "key": one.pk,
        "kind": one.late_notice.get_kind_display(),
        "person": one.consumer_id,
        "name": one.consumer.public_id,
        "plan": one.late_notice.plan_id,
        "lacks": lacks,
        "why": why_unsent(one.why) if one.why else _("Only paper counts."),
        "at": one.at,
    }


def _address(one: PaperLetter) -> list[str]:
    address = one.consumer.address or {}
    parts = [str(address.get(key) or "") for key in FIELDS[2:7]]
    return [one.public_id, one.consumer.name, *parts, one.consumer.market_id, one.consumer.language, _file_name(one)]


def _file_name(one: PaperLetter) -> str:
    return f"{one.public_id}.pdf"
