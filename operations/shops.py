"""The back office's pages of shops: open one, see it, suspend it, and propose the changes that two people decide."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brands.models import DEFAULT, Brand
from checkout.models import Order
from checkout.states import OrderStatus
from controls import services as controls
from controls.admin import proposal_link
from controls.queries import find_open_proposal, proposals_of
from core import clock
from core.admin import ReadOnlyAdmin, carry_out, find_row, moment_column, percent_column
from core.amounts import AmountField, NumberField
from core.errors import DomainError
from core.moments import amount_words, desk_locale
from core.once import new_key
from core.readable import words
from markets.models import Market
from merchants import services
from merchants.models import AccountChange, Merchant
from merchants.proposals import OF_A_SHOP, BankAccount, Reopening, Terms
from merchants.queries import changes_of, list_members, next_payout, open_invitations, settlements_of
from merchants.texts import NAMES, term_text
from operations.frame import carry_out_once, operator, show
from operations.suspending import asked_about
from operations.wording import names_of
from webhooks.queries import list_endpoints

MAY_PROPOSE = "controls.propose_shop"
SHOWN = 8
CHANGES = {
    "brand_changed": gettext_lazy("Look of the checkout changed"),
    "invitation_declined": gettext_lazy("Invitation declined"),
    "invitation_withdrawn": gettext_lazy("Invitation withdrawn"),
    "key_created": gettext_lazy("Key created"),
    "key_revoked": gettext_lazy("Key revoked"),
    "member_invited": gettext_lazy("Member invited"),
    "member_joined": gettext_lazy("Member joined"),
    "member_removed": gettext_lazy("Member removed"),
    "reopened": gettext_lazy("Shop reopened"),
    "role_changed": gettext_lazy("Role changed"),
    "suspended": gettext_lazy("Shop suspended"),
    "terms_changed": gettext_lazy("Terms changed"),
}
"""Texts of the kinds of changes of a shop."""


class OpenForm(forms.Form):
    """A new shop's facts, and its first owner's e-mail address."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Name, as consumers know it"))
    legal_name = forms.CharField(max_length=120, label=gettext_lazy("Legal name, as in the contract"))
    market = forms.ModelChoiceField(Market.objects.order_by("name"), label=gettext_lazy("Market, whose currency it sells in"))
    brand = forms.ModelChoiceField(Brand.objects.order_by("code"), initial=DEFAULT, label=gettext_lazy("Brand of ours that serves it"))
    slug = forms.SlugField(max_length=50, required=False, label=gettext_lazy("Short name for addresses, if it has one"))
    category = forms.CharField(max_length=60, required=False, label=gettext_lazy("What it sells"))
    owner_email = forms.EmailField(max_length=254, label=gettext_lazy("E-mail address of its first owner, who is invited"))

    def clean_slug(self) -> str:
        """Refuse a short name that is already taken."""
        slug: str = self.cleaned_data["slug"]
        if slug and Merchant.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("Another shop has this short name."))
        return slug


class TermsForm(forms.Form):
    """A shop's terms, from a date on."""

    refund_fees = forms.BooleanField(required=False, label=gettext_lazy("Fees go back with a refund"))
    authorization_days = forms.IntegerField(min_value=1, label=gettext_lazy("Days in which an order can be captured"))
    held_categories = forms.CharField(
        required=False, max_length=2_000, label=gettext_lazy("Kinds of goods that hold an order, separated by commas")
    )
    max_quantity = forms.IntegerField(min_value=1, label=gettext_lazy("Most pieces of one item before an order is held"))
    starts_on = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}), label=gettext_lazy("From the day (empty: at once)")
    )
    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))
    postpone_most = forms.IntegerField(
        required=False, min_value=1, max_value=12, label=gettext_lazy("How often payments of an order may come later")
    )
    field_order = (
        *("fee", "fee_fixed", "refund_fees", "authorization_days", "held_categories", "max_quantity"),
        *("postpone_fixed", "postpone", "postpone_most", "starts_on", "reason"),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        locale, fixed = desk_locale(), _("Fixed fee for each capture, in %(currency)s") % {"currency": currency}
        self.fields["fee"] = NumberField(decimals=2, most=10_000, locale=locale, label=_("Fee in percent"))
        self.fields["fee_fixed"] = AmountField(currency=currency, locale=locale, zero=True, label=fixed)
        later = _("Fixed price of later payments, in %(currency)s") % {"currency": currency}
        self.fields["postpone_fixed"] = AmountField(currency=currency, locale=locale, zero=True, label=later, required=False)
        self.fields["postpone"] = NumberField(
            decimals=2, most=10_000, locale=locale, label=_("Price of later payments, in percent of what is open"), required=False
        )
        self.order_fields(self.field_order)

    def values(self) -> dict[str, Any]:
        """Return the terms as plain values for a proposal."""
        given = self.cleaned_data
        kinds = {one.strip().lower().replace(" ", "_") for one in given["held_categories"].split(",")}
        named = {name: given[name] for name in ("refund_fees", "authorization_days", "max_quantity")}
        named |= {"postpone_bps": given["postpone"] or 0, "postpone_fixed_minor": given["postpone_fixed"] or 0}
        named["postpone_most"] = given["postpone_most"] or 1
        return {"fee_bps": given["fee"], "fee_fixed_minor": given["fee_fixed"], **named, "held_categories": sorted(kinds - {""})}


class AccountForm(forms.Form):
    """The account to which a shop is paid."""

    payout_destination = forms.CharField(max_length=120, label=gettext_lazy("Account at the payout provider"))
    reason = forms.CharField(
        max_length=500, label=gettext_lazy("How you know that it is the shop's own"), widget=forms.Textarea(attrs={"rows": 2})
    )


class ReasonForm(forms.Form):
    """Why a shop is suspended, or opens again."""

    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))


@admin.register(Merchant)
class ShopAdmin(ReadOnlyAdmin):
    """Shops: figures, terms, team and statements, and the actions of operators."""

    nothing = (gettext_lazy("No shop yet"), gettext_lazy("A shop that you open comes here; its first owner is invited by mail."))
    list_display = (
        "name",
        "brand",
        "market",
        "currency",
        percent_column("fee_bps", gettext_lazy("Fee")),
        "active",
        moment_column("suspended_at", gettext_lazy("Suspended")),
        moment_column("created_at", gettext_lazy("Since")),
    )
    list_filter = ("brand", "market", "active")
    search_fields = ("name", "legal_name")
    list_select_related = ("brand", "market")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let operators with the permission open shops."""
        return request.user.has_perm("merchants.add_merchant")

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the actions."""
        wrap = self.admin_site.admin_view
        acts = {"terms": self.propose_terms, "account": self.propose_account, "suspend": self.suspend, "reopen": self.propose_reopening}
        ours = [path(f"<uuid:pk>/{name}/", wrap(view), name=f"merchants_merchant_{name}") for name, view in acts.items()]
        return [*ours, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Open a shop, with the default terms and no bank account yet, and invite its first owner."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = OpenForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            facts = {name: form.cleaned_data[name] for name in ("name", "legal_name", "market", "slug", "category", "owner_email")}
            facts["brand"] = form.cleaned_data["brand"].code
            try:
                told: dict[str, Any] = {"language": get_language() or "", "actor": str(request.user.pk), "at": clock.now()}
                shop = services.open_shop(**facts, payout_destination="", **told)
            except DomainError as error:
                for name, fault in (error.fields or {"name": error.detail}).items():
                    form.add_error({"email": "owner_email"}.get(name, name if name in form.fields else None), fault)
            else:
                return HttpResponseRedirect(reverse("admin:merchants_merchant_change", args=[shop.pk]))
        title = _("Open a shop")
        context = {"title": title, "content_title": title, "model_admin": self, "form": form, "has_permission": True}
        return TemplateResponse(request, "admin/shop_new.html", self.admin_site.each_context(request) | context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a shop."""
        return self._page(request, self._load(request, object_id))

    def propose_terms(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Propose other terms, from a date on."""
        shop = self._load(request, pk, MAY_PROPOSE)
        form = TermsForm(request.POST or None, currency=shop.currency)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, shop, terms_form=form)
        changed = {name: value for name, value in form.values().items() if getattr(shop, name) != value}
        return self._propose(request, shop, Terms.name, changed, form)

    def propose_account(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Propose another bank account."""
        shop = self._load(request, pk, MAY_PROPOSE)
        form = AccountForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, shop, account_form=form)
        return self._propose(request, shop, BankAccount.name, {"payout_destination": form.cleaned_data["payout_destination"]}, form)

    def propose_reopening(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask for confirmation, then propose that a suspended shop opens again."""
        return self._asked(request, self._load(request, pk, MAY_PROPOSE), self._reopened)

    def suspend(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask for confirmation, with the numbers of what it stops, then suspend a shop at once."""
        return self._asked(request, self._load(request, pk, MAY_PROPOSE), self._suspended)

    def _asked(
        self, request: HttpRequest, shop: Merchant, act: Callable[[HttpRequest, Merchant, ReasonForm], HttpResponse]
    ) -> HttpResponse:
        """Ask for confirmation of the typed reason, and carry out the answer. A shop already in that state is shown unchanged."""
        form = ReasonForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, shop, reason_form=form)
        if "confirmed" in request.POST or shop.is_suspended != (act == self._reopened):
            return act(request, shop, form)
        asked = asked_about(shop, form.cleaned_data["reason"])
        return show(request, "shop_confirm.html", shop.name, asked=asked, once=request.POST.get("once", ""))

    def _reopened(self, request: HttpRequest, shop: Merchant, form: ReasonForm) -> HttpResponse:
        return self._propose(request, shop, Reopening.name, {"suspended": False}, form)

    def _suspended(self, request: HttpRequest, shop: Merchant, form: ReasonForm) -> HttpResponse:
        told = {"merchant_id": shop.pk, "reason": form.cleaned_data["reason"], "actor": str(request.user.pk), "at": clock.now()}
        back = reverse("admin:merchants_merchant_change", args=[shop.pk])
        return carry_out_once(request, lambda: services.suspend_merchant(**told), done=_("Suspended. Its team is told."), back=back)

    def _propose(self, request: HttpRequest, shop: Merchant, kind: str, after: dict[str, Any], form: forms.Form) -> HttpResponse:
        given, user = form.cleaned_data, operator(request)
        starts_on = given.get("starts_on")
        return self._do(
            request,
            shop,
            _("Proposed. Another person decides now."),
            lambda: controls.propose(
                kind=kind, subject=shop.public_id, after=after, reason=given["reason"], starts_on=starts_on, user=user, at=clock.now()
            ),
        )

    def _do(self, request: HttpRequest, shop: Merchant, done: str, act: Callable[[], object]) -> HttpResponse:
        return carry_out(request, act, done=done, back=reverse("admin:merchants_merchant_change", args=[shop.pk]))

    def _load(self, request: HttpRequest, pk: object, acting: str = "") -> Merchant:
        if not self.has_view_permission(request) or (acting and not request.user.has_perm(acting)):
            raise PermissionDenied
        return find_row(Merchant.objects.select_related("market", "brand"), pk)

    def _page(self, request: HttpRequest, shop: Merchant, **forms_: forms.Form) -> TemplateResponse:
        context = {"title": shop.name, "content_title": shop.name, "model_admin": self, "shop": shop, "has_permission": True}
        context |= _facts(shop) | {
            "terms_form": TermsForm(initial=_initial(shop), currency=shop.currency),
            "account_form": AccountForm(),
            "reason_form": ReasonForm(),
            "may_propose": request.user.has_perm(MAY_PROPOSE),
            "once": new_key(),
        }
        return TemplateResponse(request, "admin/shop.html", self.admin_site.each_context(request) | context | forms_)


def _initial(shop: Merchant) -> dict[str, Any]:
    kept = {name: getattr(shop, name) for name in ("refund_fees", "authorization_days", "max_quantity", "postpone_most")}
    kept |= {"postpone": shop.postpone_bps, "postpone_fixed": shop.postpone_fixed_minor}
    return kept | {"fee": shop.fee_bps, "fee_fixed": shop.fee_fixed_minor, "held_categories": ", ".join(shop.held_categories)}


def _facts(shop: Merchant) -> dict[str, Any]:
    """Return the content of a shop's page; a constant number of queries."""
    orders = Order.objects.filter(merchant=shop)
    month = orders.filter(created_at__gte=clock.now() - timedelta(days=30)).aggregate(count=Count("id"), sum=Sum("amount_minor"))
    held = orders.filter(status=OrderStatus.PENDING_REVIEW).count()
    names = ("fee_bps", "fee_fixed_minor", "refund_fees", "authorization_days", "held_categories", "max_quantity", "payout_destination")
    later = ("postpone_fixed_minor", "postpone_bps", "postpone_most")
    waiting = [find_open_proposal(kind, shop.public_id) for kind in OF_A_SHOP]
    return {
        "figures": [
            (_("Orders in 30 days"), month["count"]),
            (_("Their amount"), _money(shop, month["sum"] or 0)),
            (_("Held orders"), held),
            (_("Paid with the next statement"), _money(shop, next_payout(shop).amount_minor)),
        ],
        "terms": [(NAMES[name], term_text(name, getattr(shop, name), shop.currency)) for name in (*names, *later)],
        "history": _history(shop),
        "waiting": [one for one in waiting if one is not None],
        "proposals": list(proposals_of(shop.public_id, OF_A_SHOP)[:SHOWN]),
        "team": list_members(shop),
        "invitations": list(open_invitations(shop).select_related("user").order_by("-created_at")[:SHOWN]),
        "endpoints": list_endpoints(shop),
        "settlements": [(one, _money(shop, one.payout_minor)) for one in settlements_of(shop).order_by("-date")[:SHOWN]],
        "orders": [(one, words(one.status), _money(shop, one.amount_minor)) for one in orders.order_by("-id")[:SHOWN]],
    }


def _money(shop: Merchant, minor: int) -> str:
    return amount_words(minor, shop.currency)


def _history(shop: Merchant) -> list[dict[str, Any]]:
    """Return the newest changes of a shop in words; two queries."""
    changes = list(changes_of(shop).order_by("-number", "-id")[:SHOWN])
    keys = {change.pk: change.actor.removeprefix("user:") for change in changes}
    names = names_of(set(keys.values()))
    return [_step(change, shop, names[keys[change.pk]]) for change in changes]


def _step(change: AccountChange, shop: Merchant, by: str) -> dict[str, Any]:
    """Return a change of a shop in words, with its author and its proposal."""
    before, after = change.detail.get("before"), change.detail.get("after")
    told = []
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in after.items():
            if name in NAMES:
                told.append((NAMES[name], term_text(name, before.get(name, ""), shop.currency), term_text(name, value, shop.currency)))
    return {
        "what": CHANGES.get(change.kind) or words(change.kind),
        "told": told,
        "at": change.at,
        "by": by,
        "proposal": proposal_link(change.actor),
        "reason": change.detail.get("reason", ""),
    }
