"""Markets: the differences between countries, as rows."""

from django.db import models
from django.db.models import Q

from core.evidence import kept, settled
from core.formats import country_name
from markets.guards import RATE, SETTING


class Market(models.Model):
    """A country in which the product is offered."""

    code = models.CharField(max_length=2, primary_key=True)
    name = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    locale = models.CharField(max_length=10)
    time_zone = models.CharField(max_length=40)
    law = models.CharField(
        max_length=2, choices=[("US", "Regulation Z, Appendix J"), ("EU", "Directive (EU) 2023/2225"), ("UK", "CONC App 1")]
    )
    minimum_age = models.PositiveSmallIntegerField(default=18)
    postal_code_pattern = models.CharField("what a postal code is, of capitals and digits alone", max_length=120, blank=True)
    postal_code_join = models.CharField("what stands between the pattern's groups", max_length=1, blank=True)
    postal_code_label = models.CharField("what a postal code is called within a sentence", max_length=20, default="postal code")
    postal_code_example = models.CharField(max_length=12, blank=True)
    region_label = models.CharField("name of the state in an address; empty where addresses have none", max_length=20, blank=True)

    class Meta:
        triggers = kept(fixed=["code", "currency", "law"])

    def __str__(self) -> str:
        return self.country

    @property
    def country(self) -> str:
        """The translated name of the country."""
        return country_name(self.code) or self.name


class MarketSetting(models.Model):
    """A legal parameter of a market, dated, with its source.

    A row that has come into force is never changed, except for its end date: a new row replaces it from today or later.
    """

    id = models.BigAutoField(primary_key=True)
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="settings")
    key = models.CharField(max_length=60)
    value = models.JSONField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["market", "key", "valid_from"], name="market_setting_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")), name="market_setting_dates"
            ),
        ]
        triggers = [
            *kept(fixed=["market", "key"]),
            SETTING,
            settled("begun_stays", "OLD.valid_from <= CURRENT_DATE", changing=["valid_to"]),
            settled(
                "ends_later",
                "OLD.valid_from <= CURRENT_DATE AND (OLD.valid_to <= CURRENT_DATE OR NEW.valid_to <= CURRENT_DATE)",
                fixed=["valid_to"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.market_id} {self.key} from {self.valid_from}"


class ExchangeRate(models.Model):
    """The value of one euro in a currency on a date, in hundred-millionths of the currency's whole unit, with its source."""

    id = models.BigAutoField(primary_key=True)
    currency = models.CharField(max_length=3)
    date = models.DateField()
    per_euro_e8 = models.BigIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["currency", "date"], name="exchange_rate_once"),
            models.CheckConstraint(condition=Q(per_euro_e8__gt=0), name="exchange_rate_positive"),
        ]
        triggers = [*kept(), RATE]

    def __str__(self) -> str:
        return f"{self.currency} {self.date}"
