"""Products: the ways to pay, each a row for a version."""

from typing import cast

from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext

from core.business_days import AS_IS, MODIFIED, NEXT, PREVIOUS, DayRule
from core.evidence import kept, settled
from markets.models import Market
from plans.rules.schedule import First, Interval, ProductTerms
from plans.rules.scopes import Scope
from plans.rules.split import Remainder
from plans.rules.terms import BY_RULE, EVERYBODY, SHOP_PAYS_MONTHS


class Product(models.Model):
    """One version of a way to pay in a market; a plan keeps the version it was agreed under, whose terms never change.

    `offered_since` is empty for the versions that an installation began with. A version that ended (`offered_until`) stays ended: to offer
    the same terms again, make a new version.
    """

    id = models.BigAutoField(primary_key=True)
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="products")
    code = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=60)
    count = models.PositiveSmallIntegerField()
    interval = models.CharField(
        max_length=10, choices=[("biweekly", "every two weeks"), ("monthly", "every month"), ("days", "after days")]
    )
    interval_days = models.PositiveSmallIntegerField(default=0)
    first = models.CharField(max_length=5, choices=[("now", "at capture"), ("later", "one interval later")])
    rate_bps = models.PositiveIntegerField(default=0)
    # The yearly rate of interest that the shop pays at its capture, so that the person pays none.
    shop_rate_bps = models.PositiveIntegerField(default=0, db_default=0)
    # The service fee of a purchase: a fixed part and a share of what is lent, at most so much unless that is 0.
    service_minor = models.BigIntegerField(default=0, db_default=0)
    service_bps = models.PositiveIntegerField(default=0, db_default=0)
    service_most_minor = models.BigIntegerField(default=0, db_default=0)
    remainder = models.CharField(max_length=5, default="last")
    refund_rule = models.CharField(max_length=12, default="last_first")
    minimum_minor = models.BigIntegerField()
    maximum_minor = models.BigIntegerField()
    position = models.PositiveSmallIntegerField(default=0)
    audience = models.CharField(max_length=7, default=EVERYBODY, db_default=EVERYBODY)
    # How many intervals later than else the payments begin.
    skipped = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The share of the price that is paid when the shop sends the goods, and is not lent.
    deposit_bps = models.PositiveIntegerField(default=0, db_default=0)
    day_rule = models.CharField(max_length=8, default=AS_IS, db_default=AS_IS)
    # For which purchases it is meant: brands, shops by their short names, trades and customer classes; an empty list means all.
    brands = models.JSONField(default=list, db_default=Value([], output_field=models.JSONField()))
    shops = models.JSONField(default=list, db_default=Value([], output_field=models.JSONField()))
    trades = models.JSONField(default=list, db_default=Value([], output_field=models.JSONField()))
    classes = models.JSONField(default=list, db_default=Value([], output_field=models.JSONField()))
    # The code of the product in whose place it is offered where it is meant to be; empty if it is offered beside the others.
    stands_for = models.CharField(max_length=20, blank=True, default="", db_default="")
    active = models.BooleanField(default=True)
    offered_since = models.DateTimeField(null=True, blank=True)
    offered_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["market", "code", "version"], name="product_version_once"),
            models.UniqueConstraint(fields=["market", "code"], condition=Q(active=True), name="product_one_active"),
            models.CheckConstraint(condition=Q(active=False) | Q(offered_until__isnull=True), name="product_offered_is_open"),
            models.CheckConstraint(condition=Q(audience__in=[EVERYBODY, BY_RULE]), name="product_audience_known"),
            models.CheckConstraint(condition=Q(day_rule__in=[AS_IS, NEXT, PREVIOUS, MODIFIED]), name="product_day_rule_known"),
            models.CheckConstraint(
                condition=Q(shop_rate_bps=0) | Q(rate_bps=0, interval="monthly", count__range=SHOP_PAYS_MONTHS), name="product_shop_pays"
            ),
            models.CheckConstraint(
                condition=Q(service_most_minor=0, service_minor__gte=0)
                | (Q(service_minor__gt=0) | Q(service_bps__gt=0)) & Q(service_minor__gte=0, service_most_minor__gt=0),
                name="product_service_fee",
            ),
        ]
        triggers = [
            *kept(changing=["name", "position", "active", "offered_until"]),
            settled("ended_stays", "OLD.offered_until IS NOT NULL", fixed=["active", "offered_until"]),
        ]

    def __str__(self) -> str:
        return f"{gettext(self.name)}, {self.market_id} v{self.version}"

    @property
    def currency(self) -> str:
        """The market's currency."""
        return self.market.currency

    @property
    def terms(self) -> ProductTerms:
        """The product's terms as input of the rules."""
        return ProductTerms(
            code=self.code,
            count=self.count,
            interval=cast("Interval", self.interval),
            interval_days=self.interval_days,
            first=cast("First", self.first),
            rate_bps=self.rate_bps,
            remainder=cast("Remainder", self.remainder),
            skipped=self.skipped,
            deposit_bps=self.deposit_bps,
            day_rule=cast("DayRule", self.day_rule),
            calendar=self.market_id,
        )

    @property
    def is_free(self) -> bool:
        """Whether who pays on time pays neither interest nor a service fee."""
        return not (self.rate_bps or self.service_minor or self.service_bps)

    @property
    def scope(self) -> Scope:
        """For which purchases it is meant."""
        return Scope(frozenset(self.brands), frozenset(self.shops), frozenset(self.trades), frozenset(self.classes))
