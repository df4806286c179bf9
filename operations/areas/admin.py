"""The pages of disaster areas: a list, an area with its plans, and a new one, which is counted before two people declare it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls import services as controls
from core import clock
from core.admin import ReadOnlyAdmin, display, find_row, looking
from core.clock import local_date
from core.moments import amount_words
from core.once import new_key
from markets.models import Market
from markets.queries import get_market
from operations.choosing import all_markets, chosen
from operations.frame import act_in_form, operator, show
from plans.areas import count_hit
from plans.declaring import AREA, CAUSE, CODES, NAME, OPEN, PLANS, TEXT, UNTIL, AreaDeclared
from plans.models import AreaPause, DisasterArea
from plans.rules.areas import entries_of

PROPOSED_DAYS = 30


class AreaForm(forms.Form):
    """An area, its days, and what people there read."""

    name = forms.CharField(max_length=120, label=gettext_lazy("Area"))
    cause = forms.ChoiceField(choices=DisasterArea.CAUSES, label=gettext_lazy("Kind of disaster"))
    codes = forms.CharField(
        max_length=2_000,
        label=gettext_lazy("Postal codes"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Beginnings and ranges, separated by commas: 33, 8000-8299."),
    )
    text = forms.CharField(
        max_length=300,
        label=gettext_lazy("What people there read"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("People read it as it is."),
    )
    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, market: Market, **options: Any) -> None:
        super().__init__(*args, **options)
        today = local_date(clock.now(), market.time_zone)
        days = {"from": (today, _("First day")), "until": (today + timedelta(days=PROPOSED_DAYS), _("Last day"))}
        for field, (initial, label) in days.items():
            day = forms.DateInput(attrs={"type": "date", "min": today.isoformat()}, format="%Y-%m-%d")
            self.fields[field] = forms.DateField(widget=day, initial=initial, label=label)
        self.order_fields(["name", "cause", "codes", "from", "until", "text", "reason"])

    def clean_codes(self) -> list[str]:
        """Return the entries as they are kept."""
        try:
            return entries_of(self.cleaned_data["codes"])
        except ValueError as error:
            raise forms.ValidationError(_("This is no postal code: %(text)s") % {"text": error}) from error


class AreaPages(ReadOnlyAdmin):
    """Areas that a disaster hit, in which payments are paused."""

    nothing = (gettext_lazy("No disaster area"), gettext_lazy("Payments of who lives in an area can be paused, by two people."))
    list_display = ("name", "market", "cause", "until", "paused")
    search_fields = ("id",)
    search_help_text = gettext_lazy("An area's id")
    ordering = ("-id",)
    change_list_template = "admin/areas/list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[DisasterArea]:
        """Count the plans that are paused for each in the same query."""
        counted = AreaPause.objects.filter(area=OuterRef("pk")).values("area").annotate(n=Count("plan", distinct=True)).values("n")
        return super().get_queryset(request).annotate(plans_paused=Subquery(counted))  # type: ignore[no-any-return]

    @display(description=gettext_lazy("Plans paused"))
    def paused(self, row: DisasterArea) -> int:
        """Name how many plans are paused for it."""
        return getattr(row, "plans_paused", 0) or 0

    def get_urls(self) -> list[URLPattern]:
        """Add the URL of a new area."""
        return [path("new/", self.admin_site.admin_view(self.new), name="plans_disasterarea_new"), *super().get_urls()]

    def new(self, request: HttpRequest) -> HttpResponse:
        """Count what an area would pause, and propose it."""
        if not operator(request).may(AreaDeclared().may_propose):
            raise PermissionDenied
        markets = all_markets()
        market = get_market(chosen(request, "market", markets, markets[0][0]))
        form = AreaForm(request.POST or None, market=market)
        counted: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            told = form.cleaned_data
            hit = count_hit(market, told[CODES])
            counted |= {"plans": hit.plans, "people": len(hit.people), "is_part": hit.is_part}
            counted |= {"open": amount_words(hit.open_minor, market.currency)}
            after = {NAME: told[NAME], CAUSE: told[CAUSE], CODES: told[CODES], TEXT: told[TEXT], UNTIL: told[UNTIL].isoformat()}
            after |= {PLANS: hit.plans, OPEN: hit.open_minor}
            proposed: dict[str, Any] = {"kind": AREA, "subject": market.code, "after": after, "starts_on": told["from"]}
            if "propose" in request.POST and act_in_form(request, form, controls.propose, reason=told["reason"], **proposed):
                messages.success(request, _("Proposed. Another person decides now."))
                return HttpResponseRedirect(reverse("admin:plans_disasterarea_changelist"))
        shown = {"form": form, "counted": counted, "markets": markets, "market": market.code, "once": new_key()}
        return show(request, "areas/new.html", _("New disaster area"), **shown)

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an area, with how many plans it paused and how many people went on as before."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        area = find_row(DisasterArea.objects.select_related("market", "proposal"), object_id)
        plans = area.pauses.values("plan").distinct()
        counts = {"paused": plans.count(), "ended": plans.exclude(ended_at=None).count()}
        return show(request, "areas/area.html", area.name, model_admin=self, area=area, **counts)
