"""Brands: one installation may be several lenders, each with a name, a look and a host of its own."""

from django.db import models
from django.db.models import Q

from core.evidence import Numbered, kept, numbered
from core.ids import Identified

DEFAULT = "main"
"""The code of the default brand, which every installation has, at the installation's own address."""


class Brand(models.Model):
    """A lender with its name, look and host. Each merchant and each consumer belongs to one brand.

    `domain` is empty only for the default brand, whose host is that of BNPL_BASE_URL. `mark` is a drawing in a box of 18 by 18, one path
    per line (`brands.rules.read_mark`). `texts` are the brand's own sentences, by language and name.
    """

    code = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=60)
    domain = models.CharField(max_length=253, null=True, unique=True)  # noqa: DJ001  (none, not empty: several may have none in a form)
    legal_name = models.CharField(max_length=120)
    register_number = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=200)
    supervision = models.CharField("the line that names licence and supervisor", max_length=200, blank=True)
    color = models.CharField(max_length=7, blank=True)
    mark = models.TextField(blank=True)
    mail_address = models.EmailField()
    sms_sender = models.CharField(max_length=20, blank=True)
    support_email = models.EmailField()
    support_phone = models.CharField(max_length=40, blank=True)
    support_hours = models.CharField(max_length=80, blank=True)
    texts = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code=DEFAULT, domain=None) | (~Q(code=DEFAULT) & Q(domain__isnull=False)), name="brand_domain"
            ),
        ]
        triggers = kept(fixed=["code", "created_at"])

    def __str__(self) -> str:
        return self.name


class BrandChange(Numbered, Identified):
    """One change of a brand: its fields before and after, its actor and its reason; the actor is an operator's key or a proposal."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="changes")
    before = models.JSONField(default=dict)
    after = models.JSONField()
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=500, blank=True, db_default="", default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["brand", "-number"], name="brand_change_newest")]
        triggers = [*kept(), numbered()]

    def __str__(self) -> str:
        return f"{self.brand_id} by {self.actor}"
