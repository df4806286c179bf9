"""Admin pages of plans that are given up: what is owed, the form of a proposal, and what was given up before."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import keep_look
from accounts.models import User
from checkout.queries import find_order_of_plan
from collection import services as collection
from collection.losses import MAY_PROPOSE, MAY_RECEIVE, get_loss, may_see_losses
from collection.receipts import LONGEST_REFERENCE
from core import clock
from core.admin import ReadOnlyAdmin, carry_out, choice_column, display, find_row, looking, moment_column, status_column
from core.amounts import AmountField
from core.longlists import one_of
from core.moments import amount_words, desk_locale
from plans.models import ChargeOff, Plan, Receipt
from plans.states import CHARGE_OFF


class ProposeForm(forms.Form):
    """Why a plan is to be given up."""

    cause = forms.ChoiceField(choices=ChargeOff.CAUSES, label=_("Why"), widget=forms.RadioSelect)
    reason = forms.CharField(max_length=500, label=_("What you found"), widget=forms.Textarea(attrs={"rows": 3}))


class ReceiptForm(forms.Form):
    """Money that stands on our bank account for a plan: how much, since when, and what the bank calls it."""

    def __init__(self, *args: Any, currency: str, today: date, **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": "receipt"})
        help_text = _("In %(currency)s, as the bank's statement says it.") % {"currency": currency}
        self.fields["amount_minor"] = AmountField(currency=currency, locale=desk_locale(), label=_("Amount received"), help_text=help_text)
        day = forms.DateInput(attrs={"type": "date", "max": today.isoformat()}, format="%Y-%m-%d")
        self.fields["received_on"] = forms.DateField(label=_("Received on"), widget=day, initial=today)
        self.fields["bank_reference"] = forms.CharField(max_length=LONGEST_REFERENCE, label=_("What the bank calls it"))
        self.fields["reason"] = forms.CharField(max_length=500, label=_("What you found"), widget=forms.Textarea(attrs={"rows": 3}))


class UndoForm(forms.Form):
    """Why money was recorded wrongly."""

    reason = forms.CharField(max_length=500, label=_("What is wrong about it"), widget=forms.Textarea(attrs={"rows": 2}))


@admin.register(ChargeOff)
class ChargeOffAdmin(ReadOnlyAdmin):
    """Plans that were given up, and the page of a plan on which one operator proposes it; another approves."""

    nothing = (
        _("No plan was given up"),
        _("A plan comes here when two people have agreed to give it up. The work list names those that are late for long enough."),
    )
    list_display = (
        "plan_name",
        choice_column("reason", _("Why")),
        status_column(),
        moment_column("proposed_at", _("Proposed")),
        moment_column("closed_at", _("Decided")),
        "amount",
    )
    list_filter = (one_of("status", CHARGE_OFF.choices),)
    list_select_related = ("plan",)
    search_fields = ("id",)
    search_help_text = _("A charge-off's id")
    ordering = ("-id",)

    @display(description=_("Plan"))
    def plan_name(self, row: ChargeOff) -> str:
        """Show the plan's id."""
        return row.plan.public_id

    @display(description=_("Amount"))
    def amount(self, row: ChargeOff) -> str:
        """Show the open amount as money."""
        return amount_words(row.amount_minor, row.plan.currency)

    def has_view_permission(self, request: HttpRequest, obj: ChargeOff | None = None) -> bool:
        """Show charge-offs to operators who may view, propose or confirm them."""
        return may_see_losses(_user(request))

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of a plan's page and of the steps."""
        wrap = self.admin_site.admin_view
        return [
            path("plan/<uuid:pk>/", wrap(self.plan_view), name="plans_chargeoff_plan"),
            path("plan/<uuid:pk>/propose/", wrap(self.propose), name="plans_chargeoff_propose"),
            path("plan/<uuid:pk>/receive/", wrap(self.receive), name="plans_chargeoff_receive"),
            path("plan/<uuid:pk>/undo/<uuid:receipt>/", wrap(self.undo), name="plans_chargeoff_undo"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Open the page of the charge-off's plan."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = find_row(ChargeOff.objects.all(), object_id)
        return HttpResponseRedirect(reverse("admin:plans_chargeoff_plan", args=[row.plan_id]))

    @looking
    def plan_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show a plan, its open amount, and the steps of giving it up."""
        return self._page(request, self._load(request, pk))

    def propose(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the first operator's proposal."""
        plan = self._load(request, pk, MAY_PROPOSE)
        form = ProposeForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, plan, form=form)
        told: dict[str, Any] = {"user": _user(request), "at": clock.now()}
        return self._propose(request, plan, lambda: collection.propose_charge_off(plan_id=plan.id, **form.cleaned_data, **told))

    def receive(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the first operator's proposal that money for the plan stands on our bank account."""
        plan = self._load(request, pk, MAY_RECEIVE)
        form = ReceiptForm(request.POST or None, currency=plan.currency, today=clock.now().date())
        if request.method != "POST" or not form.is_valid():
            return self._page(request, plan, receipt_form=form)
        told: dict[str, Any] = {"user": _user(request), "at": clock.now()}
        return self._propose(request, plan, lambda: collection.propose_receipt(plan_id=plan.id, **form.cleaned_data, **told))

    def undo(self, request: HttpRequest, pk: uuid.UUID, receipt: uuid.UUID) -> HttpResponse:
        """Record the first operator's proposal that money was recorded wrongly."""
        plan = self._load(request, pk, MAY_RECEIVE)
        entry, form = find_row(Receipt.objects.filter(plan=plan), receipt), UndoForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, plan, undo_form=form, undoing=entry)
        told: dict[str, Any] = {"reason": form.cleaned_data["reason"], "user": _user(request), "at": clock.now()}
        return self._propose(request, plan, lambda: collection.propose_undoing(receipt=entry, **told))

    def _propose(self, request: HttpRequest, plan: Plan, act: Callable[[], object]) -> HttpResponse:
        back = reverse("admin:plans_chargeoff_plan", args=[plan.id])
        return carry_out(request, act, done=_("Proposed. Another person decides now."), back=back)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChargeOff]:
        """Join the plan, whose currency the list shows."""
        return super().get_queryset(request).select_related("plan")  # type: ignore[no-any-return]

    def _load(self, request: HttpRequest, pk: object, acting: str = "") -> Plan:
        if not self.has_view_permission(request) or (acting and not request.user.has_perm(acting)):
            raise PermissionDenied
        return find_row(Plan.objects.select_related("product", "consumer__market"), pk)

    def _page(self, request: HttpRequest, plan: Plan, **forms_of: Any) -> TemplateResponse:
        loss, order = get_loss(plan, _user(request), at=clock.now()), find_order_of_plan(plan.id)
        keep_look(request, "charge_off", [plan.consumer_id])
        title = gettext("Plan of order %(reference)s") % {"reference": order.merchant_reference} if order else gettext("Plan")
        shown: dict[str, Any] = {
            "title": title,
            "content_title": title,
            "model_admin": self,
            "loss": loss,
            "form": ProposeForm(),
            "receipt_form": ReceiptForm(currency=plan.currency, today=clock.now().date()),
            "undo_form": UndoForm(),
        }
        shown |= forms_of
        shown |= {"order": order, "shop": order.merchant.name if order else "", "person": plan.consumer, "has_permission": True}
        return TemplateResponse(request, "admin/loss.html", self.admin_site.each_context(request) | shown)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
