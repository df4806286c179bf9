"""The back office's pages of the platform itself: providers with their health and keys, and events whose handler failed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer, CustomerClass, IdentityProof, PublishedList, ScreeningMatch
from brands.queries import get_brand, list_brands
from checkout.models import Checkout, Order
from collection.models import Agency, Case, RolledDay
from controls.models import RuleVersion, SettingChange
from controls.provider_keys import SEALED, ProviderKeys, seal
from controls.services import propose
from core import clock, providers, relay
from core.admin import ListedAdmin, ReadOnlyAdmin, carry_out, display, moment_column
from core.errors import DomainError, Invalid, NotFound
from core.models import Delivery, ProviderAccount, TableDay
from core.provider_accounts import WORDS, can_do, save_account, takes_two, try_account
from core.provider_calls import Health, list_health
from core.providers import Account, Provider
from core.queries import given_up, undelivered
from core.sentences import Text, translated
from credit.models import CreditLine, Decision
from credit.skipping import Skipping, end_skipping, list_skipped
from fraud.models import FraudCase, LaunderingAlert, ListEntry
from learning.models import ModelVersion, Training
from markets.models import ExchangeRate, Market
from merchants.models import Settlement
from operations import posting
from operations.adjusting.admin import SettingPages
from operations.agencies.admin import AgencyPages
from operations.areas.admin import AreaPages
from operations.arrears.admin import RollPages
from operations.audit.admin import AuditAdmin
from operations.audit.titles import title_of
from operations.away import AwayAdmin
from operations.books.admin import AccountPages, EntryPages
from operations.frame import operator
from operations.fraud.admin import CasePages
from operations.fraud.lists import ListPages
from operations.funnel.admin import FunnelPages
from operations.laboratory.admin import TrainingPages
from operations.late.admin import CasePages as LatePages
from operations.laundering.admin import LaunderingPages
from operations.laundering.lists import VersionPages
from operations.laundering.matches import MatchPages
from operations.margins.admin import MarginPages
from operations.missing import list_unserved
from operations.money.admin import DeclinedPages, DisputePages, HoldPages, PayoutPages, RatePages, RefundPages, SettlementPages
from operations.offers.markets import MarketPages
from operations.offers.products import ProductPages
from operations.orders.admin import ChargePages, CheckoutPages, DecisionPages, LimitPages, OrderPages, PlanPages
from operations.orders.outcomes import outcome_text
from operations.people.admin import PersonAdmin
from operations.people.classes import ClassPages
from operations.people.proofs import ProofPages
from operations.provisions.admin import ProvisionPages
from operations.routing import RouteAdmin
from operations.ruling.admin import RulePages
from operations.sales.admin import SalePages
from operations.scoring.admin import ModelPages
from operations.shops import ShopAdmin
from operations.sizes import SizesAdmin
from operations.sources import count_some
from operations.undelivered import facts_of_event, part_of, trouble_text
from operations.unsent import show_unsent
from operations.work import WorkAdmin
from payments.models import Authorization, CardTry, Charge, Dispute, EventReading, Payout, Refund
from payments.queries import list_readings
from plans.models import DebtSale, DisasterArea, Plan, Product
from reports.models import FunnelDay, Margin, ProvisionMonth

__all__ = ["AuditAdmin", "AwayAdmin", "ProviderAdmin", "RouteAdmin", "ShopAdmin", "SizesAdmin", "UndeliveredAdmin", "WorkAdmin"]

LOOK_BACK_H = 24
GOOD, FAIR = 0.99, 0.9

admin.site.register(TableDay, SizesAdmin)
admin.site.register(Consumer, PersonAdmin)
admin.site.register(Order, OrderPages)
admin.site.register(Plan, PlanPages)
admin.site.register(Product, ProductPages)
admin.site.register(Market, MarketPages)
admin.site.register(RuleVersion, RulePages)
admin.site.register(SettingChange, SettingPages)
admin.site.register(ModelVersion, ModelPages)
admin.site.register(Training, TrainingPages)
admin.site.register(CustomerClass, ClassPages)
admin.site.register(Charge, ChargePages)
admin.site.register(Decision, DecisionPages)
admin.site.register(Checkout, CheckoutPages)
admin.site.register(CreditLine, LimitPages)
admin.site.register(Refund, RefundPages)
admin.site.register(Payout, PayoutPages)
for model, pages in (
    *((ExchangeRate, RatePages), (Settlement, SettlementPages), (Margin, MarginPages), (ProvisionMonth, ProvisionPages)),
    *((DebtSale, SalePages), (Agency, AgencyPages), (RolledDay, RollPages), (Case, LatePages), (DisasterArea, AreaPages)),
    *((LaunderingAlert, LaunderingPages), (ScreeningMatch, MatchPages), (PublishedList, VersionPages)),
    *((FunnelDay, FunnelPages), (IdentityProof, ProofPages), (Authorization, HoldPages), (Dispute, DisputePages)),
    (CardTry, DeclinedPages),
):
    admin.site.register(model, pages)
admin.site.register(FraudCase, CasePages)
admin.site.register(ListEntry, ListPages)
admin.site.register(apps.get_model("ledger", "Account"), AccountPages)
admin.site.register(apps.get_model("ledger", "Entry"), EntryPages)


@dataclass(frozen=True, slots=True)
class Line:
    """A provider account as the list of providers shows it."""

    account: Account
    provider: Provider
    health: Health
    row: int | None
    """The key of its database row, if an operator entered it."""
    reading: EventReading | None = None
    """How far the gateway's own list of events has been read, if it has one."""
    skipped: Skipping | None = None
    """Since when and why a source of credit is not asked, if it is skipped."""

    @property
    def does(self) -> str:
        """The capabilities that the account is used for, in words."""
        return ", ".join(str(WORDS[one]) for one in WORDS if one in self.account.capabilities)

    @property
    def brand(self) -> str:
        """The name of its brand; empty if it serves all brands."""
        try:
            return get_brand(self.account.brand).name if self.account.brand else ""
        except NotFound:
            return self.account.brand

    @property
    def countries(self) -> str:
        """The codes of the countries that the provider serves, as reported by it or else as registered; empty for all."""
        return ", ".join(sorted(self.account.countries or self.provider.countries))

    @property
    def currencies(self) -> list[tuple[str, str]]:
        """The currencies of the capabilities that the account is used for, where these are limited; equal lists are named once."""
        found: dict[str, list[str]] = {}
        for one in WORDS:
            if one in self.account.capabilities and (known := self.provider.currencies_of(one)):
                found.setdefault(", ".join(sorted(known)), []).append(str(WORDS[one]))
        return [(", ".join(what), codes) for codes, what in found.items()]

    @property
    def source(self) -> str:
        """The source of its keys."""
        return gettext("Typed in here") if self.row else gettext("The sandbox's own") if self.provider.sandbox else gettext("Variables")

    @property
    def trouble(self) -> str:
        """Why its last call failed, in words."""
        return trouble_text(self.health.error)

    @property
    def skipped_why(self) -> str:
        """What its last failure was, in words."""
        return outcome_text(self.skipped.why) if self.skipped else ""

    @property
    def reading_trouble(self) -> str:
        """Why its list of events could not be read, in words."""
        return trouble_text(self.reading.error) if self.reading else ""

    @property
    def tone(self) -> str:
        """The result of its calls in the last day: `good`, `fair`, `bad`, or empty if there were none."""
        success = self.health.success
        return "" if success is None else "good" if success >= GOOD else "fair" if success >= FAIR else "bad"

    @property
    def success(self) -> str:
        """The share of successful calls, in percent; never rounded up to 100."""
        share = self.health.success
        return "" if share is None else f"{int(share * 1000) / 10:g} %"


def account_form(provider: Provider, row: ProviderAccount | None) -> type[forms.Form]:
    """Return the form of an account with a provider: its capabilities and market, and the values that the provider needs."""
    brands = [("", _("All brands without an account of their own")), *((brand.code, brand.name) for brand in list_brands())]
    fields: dict[str, forms.Field] = {
        "code": forms.CharField(
            max_length=20, label=_("Code"), disabled=row is not None, help_text=_("Money moved by it is kept under this name for good.")
        ),
        "capabilities": forms.MultipleChoiceField(choices=can_do(provider), widget=forms.CheckboxSelectMultiple, label=_("Asked for")),
        "market": forms.ModelChoiceField(Market.objects.order_by("code"), required=False, empty_label=_("All markets"), label=_("Market")),
        "brand": forms.ChoiceField(choices=brands, required=False, label=_("Brand")),
        "priority": forms.IntegerField(
            min_value=0, max_value=999, label=_("Priority"), help_text=_("The lowest is asked first; accounts of the variables have 500.")
        ),
        "active": forms.BooleanField(required=False, label=_("In use")),
    }
    for one in provider.settings:
        kept = row is not None and one.secret
        widget = forms.PasswordInput(
            attrs={"autocomplete": "new-password", "placeholder": _("Kept as it is, for the same address") if kept else ""}
        )
        if one.choices:
            fields[f"value_{one.name}"] = forms.ChoiceField(
                choices=one.choices, label=format_lazy("{}", one.label), help_text=format_lazy("{}", one.help), initial=one.default
            )
            continue
        fields[f"value_{one.name}"] = forms.CharField(
            max_length=500, label=format_lazy("{}", one.label), help_text=format_lazy("{}", one.help),
            required=one.required and not kept and not one.default,
            widget=widget if one.secret else forms.TextInput(), initial="" if one.secret else one.default,
        )  # fmt: skip
    if takes_two():
        why = forms.Textarea(attrs={"rows": 2})
        fields["why"] = forms.CharField(max_length=500, label=_("Why, for the person who decides"), widget=why)
    return type("AccountForm", (forms.Form,), fields)


@admin.register(ProviderAccount)
class ProviderAdmin(ListedAdmin):
    """Providers, their health, and their keys."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URL that tests a provider."""
        return [path("<str:code>/ask/", self.admin_site.admin_view(self.ask), name="core_provideraccount_ask"), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the charges, refunds and payouts of an account refer to it."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List all accounts with the results of their calls in the last day, and the providers that can be added."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.GET:
            return HttpResponseRedirect(request.path)
        providers.refresh(at_once=True)
        readings, skipped = list_readings(), list_skipped()
        health, typed = list_health(hours=LOOK_BACK_H, at=clock.wall()), dict(ProviderAccount.objects.values_list("code", "pk"))
        lines = [
            Line(
                account,
                providers.get_provider(account.provider),
                health.get(account.code, Health()),
                typed.get(account.code),
                readings.get(account.code),
                skipped.get(account.code),
            )
            for account in providers.list_accounts()
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Providers"),
            "lines": lines,
            "now": clock.wall(),
            "missing": list(map(translated, list_unserved())),
            "addable": [one for one in providers.list_providers() if one.settings],
            "may_add": self.has_add_permission(request),
            "may_change": self.has_change_permission(request),
        }
        return TemplateResponse(request, "admin/providers.html", context)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Add an account with a provider."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if not request.GET.get("provider"):
            return HttpResponseRedirect(reverse("admin:core_provideraccount_changelist") + "#add")
        return self._edit(request, _provider(request.GET["provider"]), None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Change an account; its secrets are replaced and never shown."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        row = ProviderAccount.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if row is None:
            raise Http404
        return self._edit(request, _provider(row.provider), row)

    def ask(self, request: HttpRequest, code: str) -> HttpResponse:
        """Call a provider's health check, which changes nothing, and show the result."""
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        began = time.monotonic()
        try:
            providers.connect(code).health()
            end_skipping(code)
            messages.success(
                request, gettext("%(code)s answers, after %(ms)d ms.") % {"code": code, "ms": (time.monotonic() - began) * 1000}
            )
        except NotFound:
            raise Http404 from None
        except Exception as error:  # noqa: BLE001  (whatever the provider or its library says is the answer)
            messages.error(request, gettext("%(code)s does not work: %(why)s.") % {"code": code, "why": _why(error)})
        return HttpResponseRedirect(reverse("admin:core_provideraccount_changelist"))

    def _edit(self, request: HttpRequest, provider: Provider, row: ProviderAccount | None) -> HttpResponse:
        form = account_form(provider, row)(request.POST or None, initial=_initial(provider, row))
        if request.method == "POST" and form.is_valid() and self._saved(request, provider, row, form):
            return HttpResponseRedirect(reverse("admin:core_provideraccount_changelist"))
        account = row.code if row else gettext("another account")
        title = f"{provider.name}: {account}"
        context = {**self.admin_site.each_context(request), "title": title, "form": form, "provider": provider, "row": row}
        context |= {"by_two": takes_two(), "is_stood_in_for": bool(providers.stand_ins_of(provider))}
        return TemplateResponse(request, "admin/provider_account.html", context)

    def _saved(self, request: HttpRequest, provider: Provider, row: ProviderAccount | None, form: forms.Form) -> bool:
        """Save the values entered; False if they are refused: the errors are at the form's fields."""
        given = form.cleaned_data
        values = {one.name: given[f"value_{one.name}"] for one in provider.settings}
        try:
            fault, countries = _tried(given["code"], provider, values) if given["active"] else ("", None)
            if fault:
                why = gettext("It does not work with these keys: %(why)s. Mend them, or save it out of use.")
                form.add_error("active", why % {"why": fault})
                return False
            told: dict[str, Any] = {
                "provider": provider.identifier,
                "capabilities": given["capabilities"],
                "market": given["market"].code if given["market"] else "",
                "currency": given["market"].currency if given["market"] else "",
                "brand": given["brand"],
                "countries": None if countries is None else sorted(countries),
                "priority": given["priority"],
                "active": given["active"],
            }
            if takes_two():
                _propose_keys(request, given, told, values)
                return True
            saved = save_account(code=given["code"], **told, values=values, actor=str(request.user.pk), at=clock.now())
        except DomainError as error:
            for name, fault in (error.fields or {"code": error.detail}).items():
                place = next((one for one in (name, f"value_{name}") if one in form.fields), None)
                form.add_error(place, capfirst(f"{fault}."))
            return False
        changed = [name for name in form.changed_data if not name.startswith("value_") or given[name]]
        what = "Changed " if row else "Added with "
        log = self.log_change if row else self.log_addition
        log(request, saved, what + ", ".join(name.removeprefix("value_") for name in changed))
        done = gettext("%(code)s is saved, and used from now on.") if saved.active else gettext("%(code)s is saved, and out of use.")
        messages.success(request, done % {"code": saved.code})
        return True


def _propose_keys(request: HttpRequest, given: Mapping[str, Any], told: Mapping[str, Any], values: Mapping[str, str]) -> None:
    """Propose an account with the keys entered; the second person decides without seeing the keys."""
    after = {**told, SEALED: seal(given["code"], values)}
    about: dict[str, Any] = {"kind": ProviderKeys.name, "subject": given["code"], "after": after, "starts_on": None}
    propose(**about, reason=given["why"], user=operator(request), at=clock.now())
    messages.success(request, gettext("Proposed. Another person decides now."))


def _tried(code: str, provider: Provider, values: dict[str, str]) -> tuple[str, frozenset[str] | None]:
    """Call a provider with the keys entered; return the reason of a failure (empty if none) and the countries that it reports to serve.

    Malformed values are errors of the form.
    """
    try:
        return "", try_account(code=code, provider=provider.identifier, values=values)
    except Invalid:
        return "", None
    except Exception as error:  # noqa: BLE001  (whatever the provider or its library says is the answer)
        return _why(error), None


def _why(error: Exception) -> str:
    """Return the reason of a failed call in words."""
    cause = error.__cause__ or error.__context__ or error
    return gettext("it does not answer, or refuses the keys (%(error)s)") % {"error": type(cause).__name__}


def _provider(identifier: str) -> Provider:
    try:
        return providers.get_provider(identifier)
    except NotFound:
        raise Http404 from None


def _initial(provider: Provider, row: ProviderAccount | None) -> dict[str, Any]:
    """Return the first values of a form, without secrets."""
    if row is None:
        addresses = {f"value_{name}": address for name, address in providers.stand_ins_of(provider).items()}
        named = {"code": provider.identifier, "capabilities": [name for name, _ in can_do(provider)], "priority": 100, "active": True}
        return addresses | named
    shown = {f"value_{one.name}": row.values.get(one.name, "") for one in provider.settings if not one.secret}
    return shown | {name: getattr(row, name) for name in ("code", "capabilities", "market", "brand", "priority", "active")}


@admin.register(Delivery)
class UndeliveredAdmin(ReadOnlyAdmin):
    """Events whose handler failed: the error, and whether it is retried."""

    nothing = (_("Everything was delivered"), _("What could not be told to a part of the platform comes here."))
    list_display = (
        *("what", "whom", "about", "attempts", "goes_on"),
        moment_column("next_at", _("Tried next"), lambda row: row.attempts < relay.MAX_ATTEMPTS),
    )
    list_select_related = ("event",)
    search_fields = ("stream__startswith",)
    search_help_text = _("The id of what it is about")
    list_before_template = "admin/undelivered_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """List events that failed several times; fewer failures are retried soon."""
        return undelivered().select_related("event")

    @display(description=_("Event"))
    def what(self, row: Delivery) -> str:
        """Name the event in words."""
        return title_of(row.event.name)

    @display(description=_("Could not be told to"))
    def whom(self, row: Delivery) -> str:
        """Name the part of the platform that the handler belongs to."""
        return part_of(row.handler)

    @display(description=_("About"))
    def about(self, row: Delivery) -> str:
        """Name the object that the event is about."""
        return row.stream or "-"

    @display(description=_("Status"))
    def goes_on(self, row: Delivery) -> str:
        """Say whether it is retried automatically."""
        return gettext("Given up") if row.attempts >= relay.MAX_ATTEMPTS else gettext("Tried again by itself")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List them; several that were given up can be tried again together."""
        number = count_some(given_up(relay.MAX_ATTEMPTS)) if request.user.has_perm("core.change_delivery") else 0
        return super().changelist_view(request, {"given_up": number, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs that retry deliveries, that close one which can never be made, and that list what is unsent and what is posted."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/again/", wrap(self.again), name="core_delivery_again"),
            path("<int:pk>/close/", wrap(self.close), name="core_delivery_close"),
            path("again/", wrap(self.all_again), name="core_delivery_all_again"),
            path("messages/", wrap(show_unsent), name="notifications_unsent"),
            *posting.urls(wrap),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the event, the handler that failed, and its error."""
        row = self.get_queryset(request).filter(pk=object_id).first() if object_id.isdecimal() else None
        if row is None or not self.has_view_permission(request):
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": self.what(row),
            "row": row,
            "whom": self.whom(row),
            "goes_on": self.goes_on(row),
            "why": trouble_text(row.error),
            "given_up": row.attempts >= relay.MAX_ATTEMPTS,
            "erased": row.is_erased,
            "facts": facts_of_event(row.event.payload),
            "may_try": request.user.has_perm("core.change_delivery"),
        }
        return TemplateResponse(request, "admin/undelivered.html", context)

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Retry it now."""
        return self._carry_out(request, lambda: relay.try_again(pk), _("It is tried again now."))

    def all_again(self, request: HttpRequest) -> HttpResponse:
        """Retry now what was given up, the oldest first."""
        if request.method != "POST" or not request.user.has_perm("core.change_delivery"):
            raise PermissionDenied
        number = relay.try_all_again()
        done = ngettext("%(number)d event is tried again now.", "%(number)d events are tried again now.", number)
        messages.success(request, done % {"number": number})
        return HttpResponseRedirect(reverse("admin:core_delivery_changelist"))

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close it untold, because its person was erased."""
        return self._carry_out(request, lambda: relay.close_erased(pk), _("It is closed."))

    def _carry_out(self, request: HttpRequest, act: Callable[[], None], done: Text) -> HttpResponse:
        if request.method != "POST" or not request.user.has_perm("core.change_delivery"):
            raise PermissionDenied
        return carry_out(request, act, done=done, back=reverse("admin:core_delivery_changelist"))
