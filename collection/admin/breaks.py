"""Admin pages of the work list of breaks, for operators."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin import keep_look
from collection import services as collection
from collection.desk import get_case
from core import clock
from core.admin import ReadOnlyAdmin, carry_out, choice_column, find_row, looking, moment_column, money_column, status_column, text_column
from core.doers import operator_column, with_operators
from core.longlists import one_of
from core.sentences import Text
from payments import services as payments
from payments.models import Break, Refund
from payments.states import BREAK

MAY_HANDLE = "payments.handle_break"


TRANSFER_STEPS: dict[str, tuple[Text, Callable[..., object]]] = {
    "want": (_("The account is written down. Pay it at the bank."), payments.want_transfer),
    "send": (_("Another operator confirms it now."), payments.send_transfer),
    "confirm": (_("Confirmed. The person is told."), payments.confirm_transfer),
    "return": (_("It is owed again, and the person is asked where it shall go."), payments.return_transfer),
    "reject": (_("Given up. The person is owed it as before."), payments.reject_transfer),
}
"""An operator's steps of a transfer by hand, and the message after each."""
TRANSFER_FIELDS = {"want": ("holder", "account"), "send": ("bank_reference",)}


class CloseForm(forms.Form):
    """A note of what the operator found."""

    note = forms.CharField(max_length=500, label=_("What you found"), widget=forms.Textarea(attrs={"rows": 3}))


@admin.register(Break)
class BreakAdmin(ReadOnlyAdmin):
    """Breaks, each with the person that it is about and the possible actions."""

    nothing = (_("No money needs a person"), _("What differs from what a gateway says, or waits too long for it, comes here."))
    list_display = (
        choice_column("kind", _("What")),
        text_column("subject", _("About")),
        status_column(),
        moment_column("opened_at", _("Since")),
        operator_column("closed_by", _("Closed by")),
        money_column("amount_minor", _("Amount")),
    )
    list_filter = (one_of("status", BREAK.choices), one_of("kind", dict(Break.KINDS)))
    search_fields = ("subject__startswith",)
    search_help_text = _("The id of a charge, refund or payout")
    lookups = ("gateway", "opened_at__date")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Break]:
        """Load the operator who closed each break."""
        return with_operators(super().get_queryset(request), "closed_by")

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the actions."""
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/close/", wrap(self.close), name="payments_break_close"),
            path("<uuid:pk>/resend/", wrap(self.resend), name="payments_break_resend"),
            path("<uuid:pk>/transfer/<slug:step>/", wrap(self.transfer), name="payments_break_transfer"),
            path("<uuid:pk>/resume/", wrap(self.resume), name="payments_break_resume"),
            *super().get_urls(),
        ]

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what happened, the person that the break is about, and the possible actions."""
        return self._page(request, self._load(request, object_id), CloseForm())

    def close(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Close the break with a note of the findings."""
        row = self._load(request, pk, acting=True)
        form = CloseForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, row, form)
        note = form.cleaned_data["note"]
        close = payments.close_break
        return _do(request, row, _("Closed."), lambda: close(break_id=row.id, note=note, actor=str(request.user.pk), at=clock.now()))

    def resend(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Send the break's refund again."""
        row = self._load(request, pk, acting=True)
        refund = get_case(row).movement
        if request.method != "POST" or refund is None:
            return HttpResponseRedirect(reverse("admin:payments_break_change", args=[row.id]))
        send = payments.resend_refund
        return _do(request, row, _("It is sent again."), lambda: send(refund_id=refund.id, actor=str(request.user.pk), at=clock.now()))

    def resume(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Close a dispute's break with a note, and charge its plan again."""
        row = self._load(request, pk, acting=True)
        form = CloseForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, row, form)
        note, go_on = form.cleaned_data["note"], collection.resume_charging
        done = _("Payments go on in a week at the earliest, and the person is told; where another dispute is left, after that.")
        return _do(request, row, done, lambda: go_on(break_id=row.id, note=note, actor=str(request.user.pk), at=clock.now()))

    def transfer(self, request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponse:
        """Take one step of paying a refund by bank transfer: enter an account, send, confirm (another operator), or reject."""
        row = self._load(request, pk, acting=True)
        case = get_case(row)
        if step not in TRANSFER_STEPS or request.method != "POST" or not isinstance(case.movement, Refund):
            return HttpResponseRedirect(reverse("admin:payments_break_change", args=[row.id]))
        done, act = TRANSFER_STEPS[step]
        subject = {"refund_id": case.movement.id} if step == "want" else {"transfer_id": case.transfer.id if case.transfer else row.id}
        given = {name: request.POST.get(name, "") for name in TRANSFER_FIELDS.get(step, ())}
        who = {"actor": str(request.user.pk), "at": clock.now()}
        return _do(request, row, done, lambda: act(**subject, **given, **who))

    def _load(self, request: HttpRequest, pk: object, *, acting: bool = False) -> Break:
        if not self.has_view_permission(request) or (acting and not request.user.has_perm(MAY_HANDLE)):
            raise PermissionDenied
        return find_row(Break.objects.all(), pk)

    def _page(self, request: HttpRequest, row: Break, form: CloseForm) -> TemplateResponse:
        title = row.get_kind_display()
        case, user = get_case(row), str(request.user.pk)
        keep_look(request, "break", [case.about.person.pk] if case.about.person else [])
        shown = {
            "title": title,
            "content_title": title,
            "model_admin": self,
            "case": case,
            "form": form,
            "may_handle": request.user.has_perm(MAY_HANDLE),
            "sent_it": case.transfer is not None and case.transfer.sent_by == user,
        }
        return TemplateResponse(request, "admin/break.html", self.admin_site.each_context(request) | shown | {"has_permission": True})


def _do(request: HttpRequest, row: Break, done: Text, act: Callable[[], object]) -> HttpResponse:
    return carry_out(request, act, done=done, back=reverse("admin:payments_break_change", args=[row.id]))
