"""Pages of orders, plans, charges and decisions. Operators can refund or end an order here on the shop's behalf."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import keep_look
from checkout import services as checkouts
from checkout.admin import CheckoutAdmin, OrderAdmin
from checkout.models import Order
from checkout.proposals import AMOUNT, LargeRefund
from checkout.queries import is_refunded_alone
from checkout.states import ORDER_UNCAPTURED
from collection.promises import room_of
from collection.services import promise_to_pay
from controls.services import propose
from core import clock
from core.admin import find_row, looking
from core.errors import DomainError
from core.once import new_key
from credit.admin import CreditLineAdmin, DecisionAdmin
from notifications.models import Notice
from operations.closing import Closable
from operations.frame import carry_out_once, may_see, operator, show
from operations.orders import charge, checkout, decision, line, notice, order, plan
from operations.orders.fees import WaiveForm
from operations.orders.forms import PromiseForm, RefundForm
from operations.orders.proposals import COUNT, KIND, RATE
from operations.orders.rearranging import OfferForm, RearrangeForm
from operations.orders.sources import sources
from operations.people.holders import doubted
from operations.seen import SeenWhole, show_whole
from payments.admin import ChargeAdmin
from plans.admin import PlanAdmin
from plans.fees import charged_minor, may_waive_alone
from plans.guards import AMOUNT as FEES
from plans.guards import NUMBER, REARRANGING, WAIVER
from plans.models import Plan
from plans.queries import installments_of
from plans.rearranging import may_rearrange_alone, open_principal
from plans.rules.rearranging import RESTRUCTURED
from plans.services import offer_restructure, rearrange, waive_fees

MAY_ACT = "checkout.act_for_shop"
MAY_NOTE, MAY_WAIVE, MAY_REARRANGE = "collection.note_promise", "plans.waive_fees", "plans.rearrange_plan"


@dataclass(frozen=True, slots=True)
class Ended:
    """The question before an order ends: `left_minor` is the amount not captured, in minor units; with the URLs."""

    left_minor: int
    currency: str
    voids: bool
    address: str
    back: str


class OrderPages(OrderAdmin):
    """Orders; operators who may see people and act for shops may refund or end one on the shop's behalf."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the actions."""
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/refund/", wrap(self.refund), name="checkout_order_refund"),
            path("<uuid:pk>/end/", wrap(self.end), name="checkout_order_end"),
            *super().get_urls(),
        ]

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show everything about an order."""
        return self._page(request, object_id)

    def _page(self, request: HttpRequest, pk: object, form: RefundForm | None = None) -> HttpResponse:
        def facts(row: Order) -> dict[str, Any]:
            told = order.facts_of(row)
            may = may_see(request) and operator(request).may(MAY_ACT)
            return told | {"may_act": may, "once": new_key(), "refund_form": form or RefundForm(order=row)}

        rows = Order.objects.select_related(*order.RELATED)
        return show_whole(self, request, rows, pk, page="orders/order", facts=facts, title=_("Order"))

    def _load(self, request: HttpRequest, pk: uuid.UUID) -> Order:
        if not (may_see(request) and self.has_view_permission(request) and operator(request).may(MAY_ACT)):
            raise PermissionDenied
        return find_row(Order.objects.select_related("merchant"), pk)

    def refund(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show what a refund would change, then make it on the shop's behalf."""
        row = self._load(request, pk)
        form = RefundForm(request.POST or None, order=row)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, pk, form)
        given = form.cleaned_data
        told: dict[str, Any] = {"order_id": row.pk, "merchant": row.merchant, "amount_minor": given["amount"], "reason": given["reason"]}
        told |= {"actor": str(operator(request).pk), "at": clock.now()}
        if "confirmed" not in request.POST:
            try:
                preview = checkouts.refund_order(**told, dry_run=True)
            except DomainError as error:
                form.add_error(None, error.detail)
                return self._page(request, pk, form)
            alone = is_refunded_alone(row, given["amount"], told["actor"])
            asked = {
                "alone": alone,
                "order": row,
                "merchant": row.merchant,
                "minor": given["amount"],
                "rows": preview.rows(),
                "reason": given["reason"],
            }
            keep_look(request, "order", [row.consumer_id])
            return show(
                request, "orders/refund.html", _("Refund"), **asked, typed=request.POST["amount"], once=request.POST.get("once", "")
            )
        if not is_refunded_alone(row, given["amount"], told["actor"]):
            return self._propose_refund(request, row, form)
        done = _("Refunded. The shop and the person are told.")
        return carry_out_once(request, lambda: checkouts.refund_order(**told), done=done, back=_page_of(row))

    def _propose_refund(self, request: HttpRequest, row: Order, form: RefundForm) -> HttpResponse:
        """Propose a refund that is too large for one person."""
        told: dict[str, Any] = {"kind": LargeRefund.name, "subject": row.public_id, "user": operator(request), "at": clock.now()}
        told |= {"after": {AMOUNT: form.cleaned_data["amount"]}, "reason": form.cleaned_data["reason"], "starts_on": None}
        return carry_out_once(request, lambda: propose(**told), done=_("Proposed. Another person decides now."), back=_page_of(row))

    def end(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask for confirmation, then void an order, or release the rest of a partly captured one, on the shop's behalf."""
        row = self._load(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(_page_of(row))
        voids = row.status in ORDER_UNCAPTURED
        if "confirmed" not in request.POST:
            title = _("Void this order") if voids else _("Release the rest")
            here = reverse("admin:checkout_order_end", args=[row.pk])
            ended = Ended(row.remaining_authorized_minor, row.currency, voids, here, _page_of(row))
            return show(request, "orders/end.html", title, ended=ended, once=request.POST.get("once", ""))
        act: Callable[..., Order] = checkouts.void_order if voids else checkouts.release_order
        told: dict[str, Any] = {"order_id": row.pk, "merchant": row.merchant, "actor": str(operator(request).pk), "at": clock.now()}
        return carry_out_once(request, lambda: act(**told), done=_("Done. The shop and the person are told."), back=_page_of(row))


def _page_of(row: Order) -> str:
    return reverse("admin:checkout_order_change", args=[row.pk])


class PlanPages(SeenWhole, PlanAdmin):
    """Plans with schedule, payments and versions. The agreement, which names the person, is a document of the order."""

    exclude = ("agreement", "agreement_before")
    page, title = "orders/plan", gettext_lazy("Plan")
    joined = ("consumer", "product", "payment_method")

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs under which a promise to pay is noted, and fees are waived."""
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/promise/", wrap(self.promise), name="plans_plan_promise"),
            path("<uuid:pk>/waive/", wrap(self.waive), name="plans_plan_waive"),
            path("<uuid:pk>/offer/", wrap(self.offer), name="plans_plan_offer"),
            path("<uuid:pk>/rearrange/", wrap(self.rearrange), name="plans_plan_rearrange"),
            *super().get_urls(),
        ]

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show everything about a plan."""
        return self._page(request, object_id)

    def _page(
        self,
        request: HttpRequest,
        pk: object,
        form: PromiseForm | None = None,
        waive_form: WaiveForm | None = None,
        rearrange_form: RearrangeForm | None = None,
        offer_form: OfferForm | None = None,
    ) -> HttpResponse:
        def facts(row: Plan) -> dict[str, Any]:
            may = {"may_note": _may_note(request), "may_waive": _may_waive(request), "waive_form": waive_form or WaiveForm()}
            may |= {"may_rearrange": _may_rearrange(request), "rearrange_form": rearrange_form or RearrangeForm()}
            may |= {"offer_form": offer_form or OfferForm(plan=row)}
            return plan.facts_of(row, str(operator(request).pk), form) | may | {"once": new_key()}

        rows = Plan.objects.select_related(*self.joined)
        return show_whole(self, request, rows, pk, page=self.page, facts=facts, title=str(self.title))

    def promise(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Note what a person promised to pay of what is late."""
        if not (self.has_view_permission(request) and _may_note(request)):
            raise PermissionDenied
        row, back = find_row(Plan.objects.all(), pk), reverse("admin:plans_plan_change", args=[pk])
        if request.method != "POST":
            return HttpResponseRedirect(back)
        form = PromiseForm(request.POST, room=room_of(row, installments_of(row), clock.now()), currency=row.currency)
        if not form.is_valid():
            return self._page(request, pk, form)
        told: dict[str, Any] = {"amount_minor": form.cleaned_data["amount"], "pay_on": form.cleaned_data["day"]}
        told |= {"plan_id": row.pk, "actor": str(operator(request).pk), "at": clock.now()}
        return carry_out_once(request, lambda: promise_to_pay(**told), done=_("Noted. The person is told."), back=back)

    def waive(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Waive the fees of a payment, or propose it where it is more than one operator may waive alone."""
        if not (self.has_view_permission(request) and _may_waive(request)):
            raise PermissionDenied
        row, back = find_row(Plan.objects.all(), pk), reverse("admin:plans_plan_change", args=[pk])
        if request.method != "POST":
            return HttpResponseRedirect(back)
        form = WaiveForm(request.POST)
        if not form.is_valid():
            return self._page(request, pk, waive_form=form)
        number, reason, user = form.cleaned_data["number"], form.cleaned_data["reason"], operator(request)
        charged = charged_minor(row.pk, number)
        if may_waive_alone(row, charged, str(user.pk)):
            told: dict[str, Any] = {"plan_id": row.pk, "number": number, "reason": reason, "actor": str(user.pk), "at": clock.now()}
            return carry_out_once(request, lambda: waive_fees(**told), done=_("Waived. The person is told."), back=back)
        asked: dict[str, Any] = {"kind": WAIVER, "subject": str(row.pk), "after": {NUMBER: number, FEES: charged}, "starts_on": None}
        asked |= {"reason": reason, "user": user, "at": clock.now()}
        return carry_out_once(request, lambda: propose(**asked), done=_("Proposed. Another person decides now."), back=back)

    def rearrange(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Lay the payments of a plan out anew, or propose it where it is more than one operator may do alone."""
        if not (self.has_view_permission(request) and _may_rearrange(request)):
            raise PermissionDenied
        row, back = find_row(Plan.objects.all(), pk), reverse("admin:plans_plan_change", args=[pk])
        if request.method != "POST":
            return HttpResponseRedirect(back)
        form = RearrangeForm(request.POST)
        if not form.is_valid():
            return self._page(request, pk, rearrange_form=form)
        given, user, left = form.cleaned_data, operator(request), open_principal(installments_of(row))
        if may_rearrange_alone(row, left, str(user.pk)):
            told: dict[str, Any] = {"plan_id": row.pk, **given, "actor": str(user.pk), "at": clock.now()}
            return carry_out_once(request, lambda: rearrange(**told), done=_("Laid out anew. The person is told."), back=back)
        asked: dict[str, Any] = {"kind": REARRANGING, "subject": str(row.pk), "after": {KIND: given["kind"], FEES: left}}
        asked |= {"reason": given["reason"], "starts_on": None, "user": user, "at": clock.now()}
        return carry_out_once(request, lambda: propose(**asked), done=_("Proposed. Another person decides now."), back=back)

    def offer(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Offer a person other payments, or propose to where it is more than one operator may do alone."""
        if not (self.has_view_permission(request) and _may_rearrange(request)):
            raise PermissionDenied
        row, back = find_row(Plan.objects.select_related("product__market"), pk), reverse("admin:plans_plan_change", args=[pk])
        if request.method != "POST":
            return HttpResponseRedirect(back)
        form = OfferForm(request.POST, plan=row)
        if not form.is_valid():
            return self._page(request, pk, offer_form=form)
        user, left, reason = operator(request), open_principal(installments_of(row)), form.cleaned_data["reason"]
        given = {COUNT: form.cleaned_data["count"], RATE: form.cleaned_data["rate"]}
        if may_rearrange_alone(row, left, str(user.pk)):
            told: dict[str, Any] = {"plan_id": row.pk, **given, "reason": reason, "actor": str(user.pk), "at": clock.now()}
            return carry_out_once(request, lambda: offer_restructure(**told), done=_("Offered. The person is told."), back=back)
        after = {KIND: RESTRUCTURED, FEES: left, **given}
        asked: dict[str, Any] = {"kind": REARRANGING, "subject": str(row.pk), "after": after, "starts_on": None}
        asked |= {"reason": reason, "user": user, "at": clock.now()}
        return carry_out_once(request, lambda: propose(**asked), done=_("Proposed. Another person decides now."), back=back)


def _may_rearrange(request: HttpRequest) -> bool:
    return may_see(request) and operator(request).may(MAY_REARRANGE)


def _may_waive(request: HttpRequest) -> bool:
    return may_see(request) and operator(request).may(MAY_WAIVE)


def _may_note(request: HttpRequest) -> bool:
    return may_see(request) and operator(request).may(MAY_NOTE)


class ChargePages(SeenWhole, Closable, ChargeAdmin):
    """Charges with the installments that they paid, and their outcome."""

    page, title, facts = "orders/charge", gettext_lazy("Charge"), staticmethod(charge.facts_of)
    joined = ("payment_method__consumer",)


class DecisionPages(SeenWhole, DecisionAdmin):
    """Decisions with their inputs and reasons."""

    page, title, facts = "orders/decision", gettext_lazy("Decision"), staticmethod(decision.facts_of)
    joined = ("consumer", "inquiry")
    list_before_template = "admin/orders/_decisions_before.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of credit bureaus and of kept notices."""
        own = [
            path("sources/", self.admin_site.admin_view(sources), name="credit_decision_sources"),
            path("doubted/", self.admin_site.admin_view(doubted), name="credit_bankaccess_doubted"),
            path("notices/<uuid:pk>/", self.admin_site.admin_view(self.notice), name="credit_decision_notice"),
        ]
        return [*own, *super().get_urls()]

    @looking
    def notice(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show a notice of a refusal or a lower limit, as it was sent."""
        rows = Notice.objects.select_related("consumer")
        return show_whole(self, request, rows, pk, page="orders/notice", facts=notice.facts_of, title=_("Notice"))


class CheckoutPages(SeenWhole, CheckoutAdmin):
    """Checkouts with their goods and outcome."""

    page, title, facts = "orders/checkout", gettext_lazy("Checkout"), staticmethod(checkout.facts_of)
    joined = ("merchant", "consumer", "decision")


class LimitPages(SeenWhole, CreditLineAdmin):
    """Limits with their use and their changes."""

    page, title, facts = "orders/line", gettext_lazy("Limit"), staticmethod(line.facts_of)
    joined = ("consumer",)
