"""The pages of agencies: a contract is made and stopped, debts are placed and recalled, and the agency's file is downloaded."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import keep_look
from collection import services as collection
from collection.agencies import FIELDS, lines_of, list_agency_keys
from collection.models import Agency, Placement
from collection.services.agencies import MAY_MANAGE
from core import clock
from core.admin import find_row, looking, moment_column
from core.amounts import AmountField, NumberField
from core.clock import local_date
from core.csv_files import csv_answer
from core.moments import amount_words, desk_locale
from core.once import new_key
from markets.queries import get_market
from operations.agencies.choosing import ChoicePages
from operations.agencies.conduct import ConductPages
from operations.agencies.keys import KeyPages
from operations.agencies.money import MoneyPages
from operations.choosing import all_markets, chosen, page_number
from operations.frame import act_in_form, carry_out_once, operator, show

SHOWN = 100
_PLACED = gettext_lazy(
    "Placed. Each person is told, and the agency gets them after the notice. Who must be told before by law is told now: place again later."
)


class AgencyForm(forms.Form):
    """A contract with an agency."""

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        locale = desk_locale()
        self.fields["name"] = forms.CharField(max_length=120, label=_("Agency"))
        contact, told = forms.Textarea(attrs={"rows": 2}), _("People read it as it is.")
        self.fields["contact"] = forms.CharField(max_length=300, label=_("How people reach the agency"), widget=contact, help_text=told)
        self.fields["rate_bps"] = NumberField(decimals=2, locale=locale, most=10_000, label=_("Its share of what it brings, in percent"))
        self.fields["notice_days"] = forms.IntegerField(min_value=1, max_value=90, initial=14, label=_("Days of notice to people"))
        self.fields["least_days"] = forms.IntegerField(min_value=0, max_value=3650, initial=0, label=_("Days since it was given up"))
        self.fields["least_minor"] = AmountField(currency=currency, locale=locale, label=_("Owed at least"))
        self.fields["most_minor"] = AmountField(currency=currency, locale=locale, label=_("Owed at most"))


class AgencyPages(MoneyPages, ConductPages, KeyPages, ChoicePages):
    """Agencies that collect debts that were given up."""

    nothing = (gettext_lazy("No agency collects for you"), gettext_lazy("Make a contract; then debts that were given up can be placed."))
    list_display = (
        "name",
        "market",
        moment_column("made_at", gettext_lazy("Since")),
        moment_column("stopped_at", gettext_lazy("Stopped")),
    )
    search_fields = ("id",)
    search_help_text = gettext_lazy("An agency's id")
    ordering = ("-id",)
    change_list_template = "admin/agencies/list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of a new contract, of an agency's file, and of what is done with it."""
        wrap = self.admin_site.admin_view
        return [
            path("new/", wrap(self.new), name="collection_agency_new"),
            path("<uuid:pk>/file/", wrap(self.file), name="collection_agency_file"),
            path("<uuid:pk>/place/", wrap(self.place), name="collection_agency_place"),
            path("<uuid:pk>/stop/", wrap(self.stop), name="collection_agency_stop"),
            path("<uuid:pk>/recall/<uuid:placement>/", wrap(self.recall), name="collection_agency_recall"),
            path("<uuid:pk>/release/<uuid:placement>/", wrap(self.release), name="collection_agency_release"),
            *self.money_urls(),
            *self.conduct_urls(),
            *self.key_urls(),
            *self.choice_urls(),
            *super().get_urls(),
        ]

    def new(self, request: HttpRequest) -> HttpResponse:
        """Make a contract for a market."""
        if not operator(request).may(MAY_MANAGE):
            raise PermissionDenied
        markets = all_markets()
        market = chosen(request, "market", markets, markets[0][0])
        form = AgencyForm(request.POST or None, currency=get_market(market).currency)
        told = {"market": market}
        if request.method == "POST" and form.is_valid() and act_in_form(request, form, collection.add_agency, **form.cleaned_data, **told):
            return HttpResponseRedirect(reverse("admin:collection_agency_changelist"))
        return show(request, "agencies/new.html", _("New agency"), form=form, markets=markets, market=market, once=new_key())

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a contract and what its agency has."""
        agency = self.seen(request, object_id)
        placed = agency.placements.select_related("plan", "release").order_by("-id")
        here, currency, number = placed.filter(recalled_at=None), agency.market.currency, page_number(request)
        shown = list(placed[(number - 1) * SHOWN : number * SHOWN + 1])
        facts = {
            "agency": agency,
            "rate": f"{agency.rate_bps / 100:g} %",
            "amounts": [amount_words(minor, currency) for minor in (agency.least_minor, agency.most_minor)],
            "count": here.count(),
            "placements": [(one, amount_words(one.face_minor, currency)) for one in shown[:SHOWN]],
            "number": number,
            "more": len(shown) > SHOWN,
            "keys": list_agency_keys(agency, limit=SHOWN),
            "may_manage": operator(request).may(MAY_MANAGE),
            "once": new_key(),
        }
        return show(request, "agencies/agency.html", agency.name, model_admin=self, **facts)

    @looking
    def file(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Return the agency's file of today as CSV, or with `?as=json` as JSON; it names people, and the look is logged."""
        agency = self.seen(request, pk)
        if not operator(request).may("accounts.view_person"):
            raise PermissionDenied
        at = clock.now()
        today = local_date(at, agency.market.time_zone)
        keep_look(request, "charge_off", sorted(set(_here(agency, today + timedelta(days=1)))))
        lines = list(lines_of(agency, today, at))
        name = f"agency-{agency.public_id}-{today}"
        if request.GET.get("as") == "json":
            said = {"agency": agency.public_id, "day": today.isoformat(), "placements": lines}
            return JsonResponse(said, headers={"Content-Disposition": f'attachment; filename="{name}.json"'})
        return csv_answer(name, FIELDS, ([line[field] for field in FIELDS] for line in lines))

    def place(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Place all debts that the contract takes."""
        return self._do(request, pk, collection.place_debts, str(_PLACED))

    def stop(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Stop the contract."""
        return self._do(request, pk, collection.stop_agency, _("Stopped. Nothing new is placed."))

    def recall(self, request: HttpRequest, pk: object, placement: object) -> HttpResponse:
        """Recall a debt from the agency."""
        agency = self.seen(request, pk)
        one = find_row(Placement.objects.filter(agency=agency), placement)
        return self._act(request, agency, lambda: collection.recall(placement_id=one.pk, **_who(request)), _("Recalled."))

    def release(self, request: HttpRequest, pk: object, placement: object) -> HttpResponse:
        """Let a recalled debt be placed again by the close of day."""
        agency = self.seen(request, pk)
        one, reason = find_row(Placement.objects.filter(agency=agency), placement), request.POST.get("reason", "")
        done = _("Noted. It may be placed again.")
        return self._act(request, agency, lambda: collection.release(placement_id=one.pk, reason=reason, **_who(request)), done)

    def _do(self, request: HttpRequest, pk: object, service: Any, done: str) -> HttpResponse:
        agency = self.seen(request, pk)
        return self._act(request, agency, lambda: service(agency_id=agency.pk, **_who(request)), done)

    def _act(self, request: HttpRequest, agency: Agency, act: Any, done: str) -> HttpResponse:
        back = reverse("admin:collection_agency_change", args=[agency.pk])
        return carry_out_once(request, act, done=done, back=back) if request.method == "POST" else HttpResponseRedirect(back)


def _here(agency: Agency, before: Any) -> list[Any]:
    return list(agency.placements.filter(recalled_at=None, placed_on__lt=before).values_list("plan__consumer_id", flat=True))


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"user": operator(request), "at": clock.now()}
