"""Daily figures of merchants, updated by events, so that dashboards read few rows."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.evidence import kept
from markets.models import Market
from merchants.models import Merchant
from plans.models import Plan


class MerchantDay(models.Model):
    """One merchant's day in the merchant's time zone; amounts in minor units of its currency.

    `finished` are checkouts that a person went through to the end, `completed` those that became a sale: one in review is finished, and is
    completed on the day of its approval. A sale that ends without a capture is subtracted from the day on which it was counted; the figures
    of sales are signed, because the subtraction may be handled first.
    """

    id = models.BigAutoField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE)
    date = models.DateField()
    opened = models.PositiveIntegerField(default=0)
    identified = models.PositiveIntegerField(default=0)
    approved = models.PositiveIntegerField(default=0)
    declined = models.PositiveIntegerField(default=0)
    finished = models.IntegerField(default=0)
    completed = models.IntegerField(default=0)
    sales_minor = models.BigIntegerField(default=0)
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    refunds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "date"], name="merchant_day_once")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.date}"


class ProductDay(models.Model):
    """The part of a merchant's day that was sold with one product."""

    id = models.BigAutoField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE)
    date = models.DateField()
    product_code = models.CharField(max_length=20)
    orders = models.IntegerField(default=0)
    sales_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "date", "product_code"], name="product_day_once")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.date} {self.product_code}"


class FunnelDay(models.Model):
    """How many checkouts that began on a day of the market, in a shop, on a kind of device, opened in a way, reached a page.

    `stopped` went no further and were not bought. `spent` counts the times between the page and the next by the classes of
    `reports.funnel.rules.EDGES`; `errors` counts refused forms by code. Counted anew while checkouts may go on (`reports.funnel`).
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, db_index=False, related_name="+")
    device = models.CharField(max_length=8)
    opening = models.CharField(max_length=8)
    step = models.CharField(max_length=10)
    reached = models.IntegerField()
    stopped = models.IntegerField()
    spent = ArrayField(models.IntegerField())
    errors = models.JSONField(default=dict)
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("checkout funnel")
        constraints = [models.UniqueConstraint(fields=["day", "merchant", "device", "opening", "step"], name="funnel_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.step}"


class Margin(models.Model):
    """What the sales of a month (UTC) earned and cost, by currency, market, product, credit grade, customer classes and shop.

    All rows are counted anew each day (`reports.margins`). Amounts are in minor units; `money_days` are minor units times the days for
    which they were lent. `rated_minor` is what is owed, not overdue, and has a decision with a probability, and `defaults_minor` the sum of
    it times that. `classes` are those of the people now, by axis. A row of sources that were asked without a sale has no product
    and no plans; one whose shop is not known has none.
    """

    id = models.BigAutoField(primary_key=True)
    month = models.DateField()
    counted_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    market = models.ForeignKey(Market, on_delete=models.CASCADE, db_index=False, related_name="+")
    product = models.CharField(max_length=20)
    grade = models.CharField(max_length=4, blank=True)
    classes = models.JSONField(default=dict, db_default=models.Value({}, output_field=models.JSONField()))
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, db_index=False, related_name="+", null=True)
    plans = models.IntegerField()
    financed_minor = models.BigIntegerField()
    fees_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    money_days = models.BigIntegerField()
    open_minor = models.BigIntegerField()
    late_minor = models.BigIntegerField()
    lost_minor = models.BigIntegerField()
    sources_minor = models.BigIntegerField(default=0, db_default=0)
    banks_minor = models.BigIntegerField(default=0, db_default=0)
    gateways_minor = models.BigIntegerField(default=0, db_default=0)
    rated_minor = models.BigIntegerField(default=0, db_default=0)
    defaults_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(fields=["counted_at"], name="margin_counted"),
            models.Index(fields=["market", "month"], name="margin_by_market"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.currency} {self.product} {self.grade}"


class ProvisionMonth(models.Model):
    """A month (its first day, UTC) at whose end expected losses were counted and posted; `lifetime`: for the whole life in all stages."""

    month = models.DateField(primary_key=True)
    counted_at = models.DateTimeField()
    lifetime = models.BooleanField()

    class Meta:
        verbose_name = _("provision")
        verbose_name_plural = _("provisions")
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class ProvisionSegment(models.Model):
    """A market's, brand's and product's open money in one currency at a month's end: what was observed of it, and its parameters.

    `rolls` counts plans of the month from bucket to bucket. `year` and `life` are chances of default by bucket, in basis points; `own`
    names the buckets where they are our own, of the rolls of twelve months. `losses` plans were given up with `lost_minor`, of which
    `left_minor` is not paid yet; `lgd_bps` is the loss in a default, and `lgd_own` says whether it is our own.
    """

    id = models.BigAutoField(primary_key=True)
    month = models.ForeignKey(ProvisionMonth, on_delete=models.PROTECT, related_name="segments", db_index=False)
    market = models.CharField(max_length=2)
    brand = models.CharField(max_length=20)
    product = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    rolls = models.JSONField()
    year = models.JSONField()
    life = models.JSONField()
    own = models.JSONField()
    losses = models.PositiveIntegerField()
    lost_minor = models.BigIntegerField()
    left_minor = models.BigIntegerField()
    lgd_bps = models.PositiveIntegerField()
    lgd_own = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "market", "brand", "product", "currency"], name="provision_segment_once")]
        triggers = kept()

    def __str__(self) -> str:
        return self.source

    @property
    def owner(self) -> str:
        """The owner of its accounts in the ledger."""
        return f"{self.market}/{self.brand}/{self.product}"

    @property
    def source(self) -> str:
        """The source of its entry in the ledger."""
        return f"{self.month_id:%Y-%m} {self.owner} {self.currency}"


class Provision(models.Model):
    """A stage of a segment at a month's end: its plans, their open principal, and how the provision for it moved, in minor units."""

    id = models.BigAutoField(primary_key=True)
    segment = models.ForeignKey(ProvisionSegment, on_delete=models.PROTECT, related_name="stages", db_index=False)
    stage = models.PositiveSmallIntegerField()
    plans = models.PositiveIntegerField()
    exposure_minor = models.BigIntegerField()
    opening = models.BigIntegerField()
    new = models.BigIntegerField()
    repaid = models.BigIntegerField()
    moved = models.BigIntegerField()
    parameters = models.BigIntegerField()
    charged_off = models.BigIntegerField()
    closing = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "stage"], name="provision_stage_once"),
            models.CheckConstraint(condition=Q(stage__gte=1, stage__lte=3), name="provision_stage_known"),
            models.CheckConstraint(
                condition=Q(closing=F("opening") + F("new") + F("repaid") + F("moved") + F("parameters") + F("charged_off")),
                name="provision_adds_up",
            ),
            models.CheckConstraint(condition=Q(closing__gte=0, opening__gte=0, exposure_minor__gte=0), name="provision_not_negative"),
        ]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.segment_id}, stage {self.stage}"


class ProvisionPlan(models.Model):
    """Where a plan with open principal was at a month's end: its bucket, its stage and the principal, in minor units."""

    id = models.BigAutoField(primary_key=True)
    month = models.DateField()
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", db_index=False)
    bucket = models.CharField(max_length=10)
    stage = models.PositiveSmallIntegerField()
    exposure_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "plan"], name="provision_plan_once"),
            models.CheckConstraint(condition=Q(exposure_minor__gt=0), name="provision_plan_positive"),
        ]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.plan_id} {self.month:%Y-%m}"
