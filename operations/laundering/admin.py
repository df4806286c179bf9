"""The desk's list and the page of an alert. Each view is logged where only the desk can read it, and never as a look at the person."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.suspicion import suspicion_facts
from core import clock
from core.admin import find_row, looking, moment_column, status_column, word_column
from core.clock import wall
from core.longlists import one_of
from core.once import new_key
from fraud.laundering.ruling import LISTS, REASONS, rule_shown
from fraud.laundering.services import LONGEST_REASON, decide_alert, file_report, make_report, note_look
from fraud.models import LaunderingAlert
from fraud.states import AlertStatus
from operations.frame import carry_out_once, operator, show
from operations.laundering.desk import DeskPages
from operations.laundering.page import facts_of
from operations.laundering.reporting import FiledForm, ReportForm, first_values, list_reports, pdf_of


class DecisionForm(forms.Form):
    """Why an alert is cleared, or the grounds of the suspicion."""

    decision = forms.CharField(
        min_length=10,
        max_length=LONGEST_REASON,
        label=gettext_lazy("What explains it, or what you suspect and why"),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class LaunderingPages(DeskPages):
    """Alerts about money laundering."""

    nothing = (gettext_lazy("No alerts"), gettext_lazy("Rules about money laundering hold for nobody so far."))
    list_display = (
        moment_column("raised_at", gettext_lazy("Raised")),
        word_column("rule_name", gettext_lazy("Rule"), rule_shown),
        word_column("reason", gettext_lazy("Reason"), lambda code: str((REASONS | LISTS).get(code, code))),
        status_column(),
    )
    list_filter = (one_of("status", [one.value for one in AlertStatus]), one_of("reason", REASONS | LISTS))
    search_fields = ("id",)

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the decision and of the report to the authority."""
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/decide/", wrap(self.decide), name="fraud_launderingalert_decide"),
            path("<uuid:pk>/report/", wrap(self.report), name="fraud_launderingalert_report"),
            path("<uuid:pk>/filed/<uuid:report>/", wrap(self.filed), name="fraud_launderingalert_filed"),
            path("<uuid:pk>/report/<uuid:report>.<str:form>", wrap(self.file), name="fraud_launderingalert_file"),
            *super().get_urls(),
        ]

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an alert with the person's behavior, and log the view."""
        return self._page(request, self._load(request, object_id), DecisionForm())

    def decide(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Clear an alert, or report the suspicion, with the reason."""
        alert, form = self._load(request, pk), DecisionForm(request.POST or None)
        page = _page_of(alert)
        if request.method != "POST":
            return HttpResponseRedirect(page)
        reports = request.POST.get("outcome") == "report"
        if not form.is_valid():
            return self._page(request, alert, form)
        told = {"alert_id": alert.pk, "user": operator(request), "decision": form.cleaned_data["decision"], "at": clock.now()}

        def act() -> None:
            decide_alert(**told, report=suspicion_facts(alert.consumer, told["at"]) if reports else None)

        done = _("Kept. Report it to the financial intelligence unit now.") if reports else _("Cleared.")
        return carry_out_once(request, act, done=done, back=page)

    def report(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Write a version of the report to the authority."""
        alert, form = self._load(request, pk), ReportForm(request.POST or None)
        if request.method != "POST":
            return HttpResponseRedirect(_page_of(alert))
        if not form.is_valid():
            return self._page(request, alert, DecisionForm(), report_form=form)
        told: dict[str, Any] = {"alert_id": alert.pk, "header": form.header(), "user": operator(request), "at": clock.now()}
        return carry_out_once(request, lambda: make_report(**told), done=_("The report is written."), back=_page_of(alert))

    def filed(self, request: HttpRequest, pk: uuid.UUID, report: uuid.UUID) -> HttpResponse:
        """Record that a version was filed with the authority."""
        alert, form = self._load(request, pk), FiledForm(request.POST or None)
        found = find_row(alert.reports.all(), report)
        if request.method != "POST":
            return HttpResponseRedirect(_page_of(alert))
        if not form.is_valid():
            return self._page(request, alert, DecisionForm(), filed_form=form)
        told: dict[str, Any] = {"report_id": found.pk, "user": operator(request), "at": clock.now()} | form.cleaned_data
        return carry_out_once(
            request, lambda: file_report(**told), done=_("Kept as filed. It does not change any more."), back=_page_of(alert)
        )

    def file(self, request: HttpRequest, pk: uuid.UUID, report: uuid.UUID, form: str) -> HttpResponse:
        """Return a version as goAML file or as PDF, and log the view."""
        alert = self._load(request, pk)
        if form not in {"xml", "pdf"}:
            raise Http404
        found = find_row(alert.reports.select_related("alert"), report)
        note_look(user=operator(request), alert_id=alert.pk, at=wall())
        made = found.xml.encode() if form == "xml" else pdf_of(found)
        name = f"{found.public_id}-{found.number}.{form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(made, content_type=f"application/{form}", headers=headers)

    def _load(self, request: HttpRequest, pk: object) -> LaunderingAlert:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = LaunderingAlert.objects.select_related("consumer__market", "decided_by")
        return find_row(rows, pk)

    def _page(self, request: HttpRequest, alert: LaunderingAlert, form: DecisionForm, **forms: Any) -> HttpResponse:
        user = operator(request)
        note_look(user=user, alert_id=alert.pk, at=wall())
        title = _("Money laundering alert %(id)s") % {"id": alert.public_id}
        shown = facts_of(alert, clock.now()) | {"form": form, "once": new_key()}
        if alert.status == AlertStatus.REPORTED:
            shown["reports"] = list_reports(alert)
            shown["report_form"] = forms.get("report_form") or ReportForm(initial=first_values(alert, user))
            shown["filed_form"] = forms.get("filed_form") or FiledForm(initial={"filed_on": clock.now().date().isoformat()})
        return show(request, "laundering/alert.html", title, **shown)


def _page_of(alert: LaunderingAlert) -> str:
    return reverse("admin:fraud_launderingalert_change", args=[alert.pk])
