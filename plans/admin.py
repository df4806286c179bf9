"""Admin pages of products and plans, for operators."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.lists import brand_column, brand_filter, with_brand
from core.admin import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    display,
    moment_column,
    money_column,
    percent_column,
    status_column,
    text_column,
    word_column,
)
from core.longlists import one_of
from core.moments import amount_words, day_words
from plans.models import Installment, Plan, PlanChange, Product
from plans.rules.endings import endings_of
from plans.states import PLAN, InstallmentStatus
from plans.texts import NAMES, after_days, ending_text, product_name, term_text


class InstallmentInline(ReadOnlyInline):
    """A plan's installments."""

    model = Installment
    shown = (
        "number",
        "due_date",
        "principal_minor",
        "interest_minor",
        "paid_principal_minor",
        "paid_interest_minor",
        "status",
        "where",
        "last_failure",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Installment]:
        """Load the schedule's changes once for all rows."""
        return super().get_queryset(request).prefetch_related("plan__changes", "plan__installments")  # type: ignore[no-any-return]

    @display(description=_("Where it went"))
    def where(self, row: Installment) -> str:
        """Say that a payment for the installment is on its way, or why all or part of it is no longer owed; empty otherwise."""
        rows = {one.number: one for one in row.plan.installments.all()}
        versions = sorted(row.plan.changes.all(), key=lambda change: change.pk)
        if row.charge_id is not None:
            return gettext("A payment is on its way")
        ending = endings_of(versions, {one.number: one.part for one in rows.values()}).get(row.number)
        if ending is None:
            return ending_text(None) if row.status == InstallmentStatus.CANCELED else ""
        into = rows.get(ending.into)
        day = into.due_date if into else ending.at
        return ending_text(ending, day=day_words(day) if day else "", amount=amount_words(ending.minor, row.plan.currency))


class ChangeInline(ReadOnlyInline):
    """The changes of a plan's schedule."""

    model = PlanChange
    shown = ("kind", "reference", "actor", "at")


class PlanAdmin(ReadOnlyAdmin):
    """Plans to look up, with their installments and changes."""

    list_display = (
        text_column("public_id", _("Plan")),
        word_column("product", _("Product"), product_name),
        brand_column(),
        status_column(),
        moment_column("created_at", _("Agreed")),
        money_column("principal_minor", _("Amount")),
    )
    list_filter = (one_of("status", PLAN.choices), one_of("product__code", NAMES), brand_filter("consumer"))
    list_select_related = ("product",)
    search_fields = ("id",)
    search_help_text = _("A plan's id")
    inlines = (InstallmentInline, ChangeInline)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        """Load the brand with each plan."""
        return with_brand(super().get_queryset(request), "consumer")


class ProductAdmin(ReadOnlyAdmin):
    """The products of each market and their versions."""

    list_display = (
        "named",
        "market",
        "version",
        text_column("count", _("Payments")),
        "paid",
        percent_column("rate_bps", _("Interest")),
        "active",
        moment_column("offered_since", _("On offer since")),
        moment_column("offered_until", _("Until")),
    )
    list_filter = ("market", "active")
    list_select_related = ("market",)

    @display(description=_("Name"))
    def named(self, product: Product) -> str:
        """Return the product's translated name."""
        return product_name(product)

    @display(description=_("Paid"), ordering="interval")
    def paid(self, product: Product) -> str:
        """Return the interval between payments, or the days until a single payment."""
        if product.interval == "days":
            return after_days(product.interval_days)
        return term_text("interval", product.interval, product.currency)
