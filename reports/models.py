"""Daily figures of merchants, updated by events, so that dashboards read few rows."""

from django.db import models

from markets.models import Market
from merchants.models import Merchant


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


class Margin(models.Model):
    """What the sales of a month (UTC) earned and cost, by currency, market, product, credit grade, customer classes and shop.

    All rows are counted anew each day (`reports.margins`). Amounts are in minor units; `money_days` are minor units times the days for
    which they were lent. `classes` are those of the people now, by axis. A row of sources that were asked without a sale has no product
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

    class Meta:
        indexes = [
            models.Index(fields=["counted_at"], name="margin_counted"),
            models.Index(fields=["market", "month"], name="margin_by_market"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.currency} {self.product} {self.grade}"
