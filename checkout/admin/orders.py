"""The back office's pages of orders: the desk of held orders, and orders to look up."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter

from accounts.admin import keep_look
from accounts.models import Consumer, User
from accounts.services import note_look
from accounts.support import large_print_among
from checkout import services
from checkout.admin.exporting import header, lines_of
from checkout.admin.finding import AgeFilter, AmountFilter, CurrencyFilter, ReasonFilter, RuleFilter, decided_between
from checkout.desk import get_desk, may_see_buyers, may_see_reviews, search_reviews
from checkout.models import Order, OrderReview
from checkout.neighbors import network_of
from checkout.papers import links_to_papers, papers_of_order, pdf_of
from checkout.queries import referred_to
from checkout.rules import BY_RULE
from checkout.states import ORDER, ORDER_CAPTURABLE, ORDER_REVIEW, OrderReviewStatus
from checkout.texts import cause_text
from controls.services import Reading, note_reading
from core import clock
from core.admin import (
    ReadOnlyAdmin,
    carry_out,
    display,
    find_row,
    looking,
    moment_cell,
    moment_column,
    money_column,
    status_column,
    text_column,
)
from core.csv_files import csv_stream
from core.longlists import MomentFilter, OperatorFilter, one_of
from core.moments import amount_words
from core.network import client_address
from core.readable import words
from core.sentences import Text
from merchants.lists import brand_column, brand_filter

REVIEW_TONES = {
    OrderReviewStatus.WAITING: "warning",
    OrderReviewStatus.PREPARED: "info",
    OrderReviewStatus.APPROVED: "success",
    OrderReviewStatus.REJECTED: "danger",
    OrderReviewStatus.CLOSED: "default",
}


class PrepareForm(forms.Form):
    """The finding and the recommendation of the operator who prepares."""

    recommendation = forms.ChoiceField(choices=[("approve", _("Approve")), ("reject", _("Reject"))], widget=forms.RadioSelect)
    note = forms.CharField(max_length=500, label=_("What you found"), widget=forms.Textarea(attrs={"rows": 3}))


class DecideForm(forms.Form):
    """The decision of the second operator, and its reason; `seen` is the version of the preparation that the page shows."""

    decision = forms.ChoiceField(choices=[("approve", _("Approve")), ("reject", _("Reject"))], widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, max_value=32_767, widget=forms.HiddenInput)
    reason = forms.CharField(max_length=500, label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))


class LabelForm(forms.Form):
    """Whether an order turned out to be fraud or honest, and the evidence."""

    label = forms.ChoiceField(choices=[("fraud", _("Fraud")), ("honest", _("Honest"))], widget=forms.HiddenInput)
    why = forms.CharField(max_length=500, label=_("How you know"), widget=forms.Textarea(attrs={"rows": 2}))


@admin.register(OrderReview)
class OrderReviewAdmin(ReadOnlyAdmin):
    """Held orders, searchable by every field of a review; one operator prepares, another decides."""

    nothing = (_("No order was held yet"), _("What a rule holds for two people to look at comes here."))
    list_display = (
        "order_reference",
        "shop",
        brand_column(lambda review: review.order.merchant),
        "amount",
        "reason_text",
        "state",
        text_column("prepared_by", _("Prepared by")),
        moment_column("created_at", _("Placed")),
        "decided",
    )
    list_filter = (
        one_of("status", ORDER_REVIEW.choices),
        brand_filter(),
        ("merchant", AutocompleteSelectFilter),
        ("reason", ChoicesDropdownFilter),
        RuleFilter,
        CurrencyFilter,
        AmountFilter,
        AgeFilter,
        ("prepared_by", OperatorFilter),
        ("approved_by", OperatorFilter),
        ("decided_at", decided_between(OrderReviewStatus.APPROVED, _("Approved"))),
        ("rejected_by", OperatorFilter),
        ("decided_at", decided_between(OrderReviewStatus.REJECTED, _("Rejected"))),
        ReasonFilter,
    )
    list_filter_submit = True
    list_filter_sheet = False
    search_fields = ("order__merchant_reference",)
    search_help_text = _("Shop, its reference, reason, or who decided")
    ordering = ("-id",)
    list_before_template = "admin/held_orders.html"

    def has_view_permission(self, request: HttpRequest, obj: OrderReview | None = None) -> bool:
        """Show held orders to operators who may view, prepare or decide them."""
        return may_see_reviews(_user(request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderReview]:
        """Join the rows that the list shows."""
        return super().get_queryset(request).select_related("order__merchant", "prepared_by", "approved_by", "rejected_by")  # type: ignore[no-any-return]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Offer the filter by words of the reasons only to operators who may read the reasons."""
        return [one for one in super().get_list_filter(request) if one is not ReasonFilter or may_see_buyers(_user(request))]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[OrderReview], search_term: str
    ) -> tuple[QuerySet[OrderReview], bool]:
        """Search in the field that the term looks like."""
        term = search_term.strip()
        return (search_reviews(queryset, term, sees=may_see_buyers(_user(request))) if term else queryset), False

    @display(description=_("Order"))
    def order_reference(self, review: OrderReview) -> str:
        """Show the shop's reference."""
        return review.order.merchant_reference

    @display(description=_("Shop"))
    def shop(self, review: OrderReview) -> str:
        """Show the shop."""
        return review.order.merchant.name

    @display(description=_("Amount"), ordering="order__amount_minor")
    def amount(self, review: OrderReview) -> str:
        """Show the amount as money."""
        return amount_words(review.order.amount_minor, review.order.currency)

    @display(description=_("Why"), ordering="reason")
    def reason_text(self, review: OrderReview) -> str:
        """Show why the order is held; for a rule, its name."""
        return cause_text(review.cause) if review.reason == BY_RULE else str(review.get_reason_display())

    @display(description=_("Status"), label=REVIEW_TONES, ordering="status")
    def state(self, review: OrderReview) -> tuple[str, str]:
        """Show the status as a label."""
        return review.status, words(review.status)

    @display(description=_("Decided"))
    def decided(self, review: OrderReview) -> str | None:
        """Show who approved or rejected, and when; the status says which of both."""
        who = review.approved_by or review.rejected_by or ""
        return f"{who} {moment_cell(review.decided_at)}".strip() if review.decided_at else None

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of preparing, deciding and labeling, and of the network."""
        wrap = self.admin_site.admin_view
        return [
            path("export/", wrap(self.export), name="checkout_orderreview_export"),
            path("<uuid:pk>/prepare/", wrap(self.prepare), name="checkout_orderreview_prepare"),
            path("<uuid:pk>/decide/", wrap(self.decide), name="checkout_orderreview_decide"),
            path("<uuid:pk>/label/", wrap(self.label), name="checkout_orderreview_label"),
            path("<uuid:pk>/network/", wrap(self.network), name="checkout_orderreview_network"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List held orders; operators who may see buyers can export the result as a file."""
        return super().changelist_view(request, {"may_export": may_see_buyers(_user(request)), **(extra_context or {})})

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Return the listed orders as a file; a look is logged for each person in it."""
        if not (self.has_view_permission(request) and may_see_buyers(_user(request))):
            raise PermissionDenied
        found = self.get_changelist_instance(request).get_queryset(request)
        note_reading(reading=Reading.HELD_ORDERS_EXPORTED, about=[], at=clock.now())
        lines = lines_of(found, lambda rows: keep_look(request, "held_order", [row.order.consumer_id for row in rows]))
        return csv_stream(f"held-orders-{clock.now():%Y-%m-%d}", header(), lines)

    def _load(self, request: HttpRequest, pk: object) -> OrderReview:
        if not self.has_view_permission(request):
            raise PermissionDenied
        related = (
            "order__merchant",
            "order__plan__product",
            "order__consumer__market",
            "order__decision",
            "prepared_by",
            "approved_by",
            "rejected_by",
        )
        return find_row(OrderReview.objects.select_related(*related, "order__checkout"), pk)

    def _page(self, request: HttpRequest, template: str, review: OrderReview, **context: Any) -> TemplateResponse:
        user = _user(request)
        site = self.admin_site.each_context(request)
        title = gettext("Held order %(reference)s") % {"reference": review.order.merchant_reference}
        desk = get_desk(review, user)
        if desk.sees:
            linked = [one.consumer.pk for one, _things in desk.linked.people] if desk.linked else []
            keep_look(request, "held_order", [review.order.consumer_id, *linked])
        context |= {"title": title, "content_title": title, "model_admin": self, "desk": desk, "has_permission": True}
        context |= {"papers": links_to_papers(review.order) if desk.sees else []}
        return TemplateResponse(request, template, site | context)

    def _held(self, request: HttpRequest, review: OrderReview, **forms: forms.Form) -> TemplateResponse:
        """Return the page of a held order; refused forms are shown in place of empty ones."""
        fresh = {"prepare_form": _prefilled(review), "decide_form": DecideForm(), "label_form": LabelForm()}
        return self._page(request, "admin/held_order.html", review, **fresh | forms)

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a held order with all facts that the approver needs."""
        return self._held(request, self._load(request, object_id))

    def prepare(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the first operator's finding."""
        review = self._load(request, pk)
        form = PrepareForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._held(request, review, prepare_form=form)
        data = form.cleaned_data
        return self._do(
            request,
            review,
            _("Prepared. Another person decides now."),
            lambda: services.prepare_review(
                review_id=review.id, user=_user(request), recommendation=data["recommendation"], note=data["note"], at=clock.now()
            ),
        )

    def decide(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask for confirmation, then carry out the second operator's decision."""
        review = self._load(request, pk)
        form = DecideForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._held(request, review, decide_form=form)
        if "confirmed" not in request.POST and form.cleaned_data["seen"] == review.version:
            return self._page(request, "admin/held_order_confirm.html", review, form=form, decision=form.cleaned_data["decision"])
        service = services.approve_review if form.cleaned_data["decision"] == "approve" else services.reject_review
        approved = form.cleaned_data["decision"] == "approve"
        done = (
            gettext("Approved. The consumer and the shop are told.")
            if approved
            else gettext("Rejected. The consumer and the shop are told.")
        )
        reason, seen = form.cleaned_data["reason"], form.cleaned_data["seen"]
        return self._do(
            request,
            review,
            done,
            lambda: service(review_id=review.id, user=_user(request), seen=seen, reason=reason, at=clock.now()),
        )

    def label(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Label the order as fraud or as honest; a double click counts once."""
        review = self._load(request, pk)
        form = LabelForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._held(request, review, label_form=form)
        is_fraud, why = form.cleaned_data["label"] == "fraud", form.cleaned_data["why"]

        def act() -> Model:
            return services.label_order(order=review.order, user=_user(request), is_fraud=is_fraud, reason=why, at=clock.now())

        return self._do(request, review, _("Labeled. Those who share something with this person are assessed by it."), act)

    @looking
    def network(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show who shares something with the buyer of a held order, to operators who may see people; log a look at each of them."""
        review = self._load(request, pk)
        if not _user(request).may("accounts.view_person"):
            raise PermissionDenied
        title = gettext("Network of held order %(reference)s") % {"reference": review.order.merchant_reference}
        back = reverse("admin:checkout_orderreview_change", args=[review.pk]), gettext("Back to the held order")
        return network_page(request, review.order.consumer, title=title, back=back, look="held_order")

    def _do(self, request: HttpRequest, review: OrderReview, done: Text, act: Callable[[], Model]) -> HttpResponse:
        return carry_out(request, act, done=done, back=reverse("admin:checkout_orderreview_change", args=[review.id]))


def network_page(request: HttpRequest, consumer: Consumer, *, title: str, back: tuple[str, str], look: str) -> TemplateResponse:
    """Return the page of a person's network, and log a look at each person in it. `back` is the URL and name of the previous page."""
    network = network_of(consumer)
    keep_look(request, look, [one.consumer.pk for one in network.people])
    context = {"title": title, "content_title": title, "back": back[0], "back_to": back[1], "network": network, "has_permission": True}
    return TemplateResponse(request, "admin/network.html", admin.site.each_context(request) | context)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _prefilled(review: OrderReview) -> PrepareForm:
    return PrepareForm(initial={"recommendation": review.recommendation, "note": review.prepared_note})


class ReferredAdmin(ReadOnlyAdmin):
    """Base of admins whose rows are found by our id or by the shop's reference."""

    search_fields = ("merchant_reference__startswith",)
    search_help_text = _("Its id, or the beginning of the shop's reference")
    ordering = ("-id",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Match a reference as all lists do: with or without "#", in lower or upper case."""
        term = search_term.strip()
        if not term or term.startswith(f"{self.model.PREFIX}_"):
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(referred_to(term, "merchant_reference")), False


class OrderAdmin(ReferredAdmin):
    """Orders to look up."""

    list_display = (
        text_column("merchant_reference", _("Order")),
        text_column("merchant", _("Shop")),
        brand_column(lambda order: order.merchant),
        status_column(),
        moment_column("created_at", _("Placed")),
        moment_column("expires_at", _("Authorized until"), lambda order: order.status in ORDER_CAPTURABLE),
        money_column("amount_minor", _("Amount")),
    )
    list_filter = (
        one_of("status", ORDER.choices),
        brand_filter(),
        ("merchant", AutocompleteSelectFilter),
        ("created_at", MomentFilter),
    )
    lookups = ("consumer__id__exact",)
    list_filter_submit = True
    list_select_related = ("merchant",)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Add the documents to an order's fields."""
        return [*super().get_fields(request, obj), "documents"]

    @display(description=_("Documents (PDF)"))
    def documents(self, order: Order) -> SafeString:
        """Return links to the order's documents."""
        return format_html_join(" · ", '<a href="{1}">{0}</a>', links_to_papers(order)) or format_html("{}", _("none"))

    def get_urls(self) -> list[URLPattern]:
        """Add the URL of an order's documents."""
        address = path("<uuid:pk>/documents/<str:kind>.pdf", self.admin_site.admin_view(self.paper), name="checkout_order_paper")
        return [address, *super().get_urls()]

    @looking
    def paper(self, request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
        """Return a document of an order as a PDF, and log the look; Http404 if it was not kept or the person is erased."""
        if not may_see_buyers(_user(request)):
            raise PermissionDenied
        order = find_row(Order.objects.select_related("plan__product"), pk)
        found = papers_of_order(order).get(kind)
        if found is None:
            raise Http404
        note_look(user=_user(request), consumers=[order.consumer_id], page="order", address=client_address(request), at=clock.wall())
        made, name = pdf_of(order, found, large=bool(large_print_among([order.consumer_id], clock.wall().date())))
        return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


class CheckoutAdmin(ReferredAdmin):
    """Checkouts to look up; the shop's customer data is not shown."""

    list_display = (
        text_column("merchant_reference", _("Order")),
        text_column("merchant", _("Shop")),
        brand_column(lambda checkout: checkout.merchant),
        status_column(),
        text_column("reached", _("Reached step")),
        moment_column("created_at", _("Opened")),
    )
    list_select_related = ("merchant",)
    exclude = ("customer",)
