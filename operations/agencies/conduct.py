"""The conduct pages of an agency: its score, what broke the code, uploads of its reports, and a new start by two people."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection import services as collection
from collection.agency_lines import COMPLAINTS, CONTACTS, MOST_BYTES, REPORTS, read_rows
from collection.conduct import DAYS, conduct_of, find_hold, limits_of, list_breaches, scores_of
from collection.models import Agency
from collection.services.agencies import MAY_MANAGE
from core import clock
from core.admin import looking
from core.clock import local_date
from core.errors import DomainError
from core.once import new_key
from core.sentences import translated
from operations.agencies.loading import LoadingPages
from operations.frame import act_in_form, operator, show

SHOWN = 100


class ConductForm(forms.Form):
    """A report of contacts or complaints that an agency sent."""

    KINDS = [(CONTACTS, gettext_lazy("Contacts with people")), (COMPLAINTS, gettext_lazy("Complaints of people"))]
    kind = forms.ChoiceField(choices=KINDS, label=gettext_lazy("What it reports"))
    file = forms.FileField(label=gettext_lazy("File of the agency (CSV or JSON)"), max_length=100)


class RestartForm(forms.Form):
    """Why an agency may get debts again."""

    reason = forms.CharField(max_length=500, label=gettext_lazy("Why it may go on"), widget=forms.Textarea(attrs={"rows": 2}))


class ConductPages(LoadingPages):
    """The pages of how an agency behaves; `AgencyPages` adds the others."""

    def conduct_urls(self) -> list[URLPattern]:
        """Return the URLs of an agency's conduct."""
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/conduct/", wrap(self.conduct), name="collection_agency_conduct"),
            path("<uuid:pk>/conduct/report/", wrap(self.take_report), name="collection_agency_take_report"),
            path("<uuid:pk>/conduct/restart/", wrap(self.restart), name="collection_agency_restart"),
        ]

    @looking
    def conduct(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Show an agency's score, how it came to be, and what broke the code."""
        return self._conduct(request, self.seen(request, pk))

    def take_report(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Take a report; the page says how many lines counts, and which were refused and why. Safe to repeat."""
        agency, form = self.managed(request, pk), ConductForm(request.POST or None, request.FILES or None)
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:collection_agency_conduct", args=[agency.pk]))
        if not form.is_valid():
            return self._conduct(request, agency, form=form)
        kind = form.cleaned_data["kind"]
        try:
            lines = list(read_rows(form.cleaned_data["file"].read(MOST_BYTES + 1), fields=REPORTS[kind], under=kind))
            told = collection.take_report(agency_id=agency.pk, kind=kind, lines=lines, user=operator(request), at=clock.now())
        except DomainError as error:
            form.add_error("file", next(iter(error.fields.values()), error.detail))
            return self._conduct(request, agency, form=form)
        return self._conduct(request, agency, told=told, refused=[(one, translated(one.why)) for one in told.refused])

    def restart(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Propose that an agency that was stopped for its conduct gets debts again."""
        agency, form = self.managed(request, pk), RestartForm(request.POST or None)
        if form.is_valid() and act_in_form(request, form, collection.propose_restart, agency_id=agency.pk, **form.cleaned_data):
            messages.success(request, _("Proposed. Another person decides now."))
            return HttpResponseRedirect(reverse("admin:collection_agency_conduct", args=[agency.pk]))
        return self._conduct(request, agency, restart_form=form)

    def _conduct(self, request: HttpRequest, agency: Agency, **more: Any) -> HttpResponse:
        at = clock.now()
        limits = limits_of(agency.market_id, local_date(at, agency.market.time_zone))
        facts = {
            "agency": agency,
            "found": conduct_of([agency], at)[agency.pk],
            "score": scores_of([agency], at)[agency.pk],
            "limits": limits,
            "days": limits.days if limits else DAYS,
            "hold": find_hold(agency),
            "breaches": list_breaches(agency, limit=SHOWN),
            "contacts": list(agency.contacts.select_related("placement").order_by("-at")[:SHOWN]),
            "complaints": list(agency.complaints.select_related("complaint").defer("about", "complaint__about").order_by("-at")[:SHOWN]),
            "may_manage": operator(request).may(MAY_MANAGE),
            "form": ConductForm(),
            "restart_form": RestartForm(),
            "once": new_key(),
        }
        title = _("Conduct of %(agency)s") % {"agency": agency.name}
        return show(request, "agencies/conduct.html", title, model_admin=self, **facts | more)
