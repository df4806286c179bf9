"""Admin pages on which operators give up plans: one operator proposes, another confirms."""

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
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import keep_look
from accounts.models import User
from checkout.queries import find_order_of_plan
from collection import services as collection
from collection.losses import MAY_CONFIRM, MAY_PROPOSE, get_loss, may_see_losses
from core import clock
from core.admin import ReadOnlyAdmin, carry_out, choice_column, display, find_row, looking, moment_column, status_column
from core.longlists import one_of
from core.moments import amount_words
from core.sentences import Text
from plans import services as plans
from plans.models import ChargeOff, Plan
from plans.queries import find_charge_off
from plans.states import CHARGE_OFF


class ProposeForm(forms.Form):
    """Why a plan is to be given up."""

    reason = forms.ChoiceField(choices=ChargeOff.REASONS, label=_("Why"), widget=forms.RadioSelect)
    note = forms.CharField(max_length=500, label=_("What you found"), widget=forms.Textarea(attrs={"rows": 3}))


class SeenForm(forms.Form):
    """The amount that the second operator saw, in minor units."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


@admin.register(ChargeOff)
class ChargeOffAdmin(ReadOnlyAdmin):
    """Plans that are given up, or may be; one operator proposes, another confirms."""

    nothing = (
        _("No plan was given up"),
        _("A plan comes here when somebody proposes to give it up. The work list names those that are late for long enough."),
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
            path("plan/<uuid:pk>/confirm/", wrap(self.confirm), name="plans_chargeoff_confirm"),
            path("plan/<uuid:pk>/withdraw/", wrap(self.withdraw), name="plans_chargeoff_withdraw"),
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
        return self._page(request, self._load(request, pk), ProposeForm())

    def propose(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the first operator's proposal."""
        plan = self._load(request, pk, MAY_PROPOSE)
        form = ProposeForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, plan, form)
        given, who = form.cleaned_data, str(request.user.pk)
        return _do(
            request,
            plan,
            _("Proposed. Another person confirms it now."),
            lambda: collection.propose_charge_off(plan_id=plan.id, reason=given["reason"], note=given["note"], actor=who, at=clock.now()),
        )

    def confirm(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask for confirmation, then carry out the second operator's confirmation of the charge-off."""
        plan = self._load(request, pk, MAY_CONFIRM)
        form, proposal = SeenForm(request.POST or None), find_charge_off(plan.id)
        if request.method != "POST" or not form.is_valid() or proposal is None:
            return _back(plan)
        if "confirmed" not in request.POST:
            return self._page(request, plan, ProposeForm(), asking=True)
        seen, who, key = form.cleaned_data["seen"], str(request.user.pk), proposal.id
        return _do(
            request,
            plan,
            _("Given up. Nothing is collected any more; the person may still pay."),
            lambda: collection.confirm_charge_off(charge_off_id=key, seen_minor=seen, actor=who, at=clock.now()),
        )

    def withdraw(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Withdraw the proposal."""
        plan = self._load(request, pk, MAY_PROPOSE)
        proposal = find_charge_off(plan.id)
        if request.method != "POST" or proposal is None:
            return _back(plan)
        key, who = proposal.id, str(request.user.pk)
        return _do(request, plan, _("Withdrawn."), lambda: plans.withdraw_charge_off(charge_off_id=key, actor=who, at=clock.now()))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChargeOff]:
        """Join the plan, whose currency the list shows."""
        return super().get_queryset(request).select_related("plan")  # type: ignore[no-any-return]

    def _load(self, request: HttpRequest, pk: object, acting: str = "") -> Plan:
        if not self.has_view_permission(request) or (acting and not request.user.has_perm(acting)):
            raise PermissionDenied
        return find_row(Plan.objects.select_related("product", "consumer__market"), pk)

    def _page(self, request: HttpRequest, plan: Plan, form: ProposeForm, *, asking: bool = False) -> TemplateResponse:
        loss, order = get_loss(plan, _user(request), at=clock.now()), find_order_of_plan(plan.id)
        keep_look(request, "charge_off", [plan.consumer_id])
        title = gettext("Plan of order %(reference)s") % {"reference": order.merchant_reference} if order else gettext("Plan")
        shown: dict[str, Any] = {
            "title": title,
            "content_title": title,
            "model_admin": self,
            "loss": loss,
            "proposal": loss.proposal,
            "form": form,
            "asking": asking,
        }
        shown |= {"order": order, "shop": order.merchant.name if order else "", "person": plan.consumer, "has_permission": True}
        return TemplateResponse(request, "admin/loss.html", self.admin_site.each_context(request) | shown)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _back(plan: Plan) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:plans_chargeoff_plan", args=[plan.id]))


def _do(request: HttpRequest, plan: Plan, done: Text, act: Callable[[], object]) -> HttpResponse:
    return carry_out(request, act, done=done, back=reverse("admin:plans_chargeoff_plan", args=[plan.id]))
