"""Daily figures of merchants, written with the events, so that dashboards read few rows."""

from django.db import models

from merchants.models import Merchant


class MerchantDay(models.Model):
    """One merchant's day in the merchant's time zone; amounts in minor units of its currency."""

    id = models.BigAutoField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE)
    date = models.DateField()
    opened = models.PositiveIntegerField(default=0)
    identified = models.PositiveIntegerField(default=0)
    approved = models.PositiveIntegerField(default=0)
    declined = models.PositiveIntegerField(default=0)
    completed = models.PositiveIntegerField(default=0)
    sales_minor = models.BigIntegerField(default=0)
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    refunds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "date"], name="merchant_day_once")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.date}"


class ProductDay(models.Model):
    """What of a merchant's day was sold on one kind of plan."""

    id = models.BigAutoField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE)
    date = models.DateField()
    product_code = models.CharField(max_length=20)
    orders = models.PositiveIntegerField(default=0)
    sales_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "date", "product_code"], name="product_day_once")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.date} {self.product_code}"
