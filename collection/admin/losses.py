"""Admin pages of plans that are given up: what is owed, the form of a proposal, and what was given up before."""

import uuid
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
from collection.losses import MAY_PROPOSE, get_loss, may_see_losses
from core import clock
from core.admin import ReadOnlyAdmin, carry_out, choice_column, display, find_row, looking, moment_column, status_column
from core.longlists import one_of
from core.moments import amount_words
from plans.models import ChargeOff, Plan
from plans.states import CHARGE_OFF


class ProposeForm(forms.Form):
    """Why a plan is to be given up."""

    cause = forms.ChoiceField(choices=ChargeOff.REASONS, label=_("Why"), widget=forms.RadioSelect)
    reason = forms.CharField(max_length=500, label=_("What you found"), widget=forms.Textarea(attrs={"rows": 3}))


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
        told: dict[str, Any] = {"user": _user(request), "at": clock.now()}
        return carry_out(
            request,
            lambda: collection.propose_charge_off(plan_id=plan.id, **form.cleaned_data, **told),
            done=_("Proposed. Another person decides now."),
            back=reverse("admin:plans_chargeoff_plan", args=[plan.id]),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChargeOff]:
        """Join the plan, whose currency the list shows."""
        return super().get_queryset(request).select_related("plan")  # type: ignore[no-any-return]

    def _load(self, request: HttpRequest, pk: object, acting: str = "") -> Plan:
        if not self.has_view_permission(request) or (acting and not request.user.has_perm(acting)):
            raise PermissionDenied
        return find_row(Plan.objects.select_related("product", "consumer__market"), pk)

    def _page(self, request: HttpRequest, plan: Plan, form: ProposeForm) -> TemplateResponse:
        loss, order = get_loss(plan, _user(request), at=clock.now()), find_order_of_plan(plan.id)
        keep_look(request, "charge_off", [plan.consumer_id])
        title = gettext("Plan of order %(reference)s") % {"reference": order.merchant_reference} if order else gettext("Plan")
        shown: dict[str, Any] = {
            "title": title,
            "content_title": title,
            "model_admin": self,
            "loss": loss,
            "form": form,
        }
        shown |= {"order": order, "shop": order.merchant.name if order else "", "person": plan.consumer, "has_permission": True}
        return TemplateResponse(request, "admin/loss.html", self.admin_site.each_context(request) | shown)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
