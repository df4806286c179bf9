"""How people are classified: the classes as data, and each person's history of them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Consumer
from core.crypto import EncryptedTextField
from core.evidence import kept
from core.ids import Identified
from core.sentences import Text


class CustomerClass(models.Model):
    """A class to which people may belong, on one of the axes. Rules and history refer to it by its code, so it is never deleted.

    `titles` holds its name by language; English is always present.
    """

    AXES: ClassVar[dict[str, Text]] = {
        "group": _("Customer group"),
        "kind": _("Person or business"),
        "risk_class": _("Risk class"),
        "loyalty": _("Loyalty"),
        "region": _("Region"),
        "fee_status": _("Fee status"),
    }
    id = models.BigAutoField(primary_key=True)
    axis = models.CharField(max_length=12)
    code = models.SlugField(max_length=30, db_index=False)
    titles = models.JSONField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)

    class Meta:
        verbose_name, verbose_name_plural = "customer class", "customer classes"
        constraints = [
            models.UniqueConstraint(fields=["axis", "code"], name="customer_class_once"),
            models.CheckConstraint(
                condition=Q(axis__in=["group", "kind", "risk_class", "loyalty", "region", "fee_status"]), name="customer_class_axis"
            ),
        ]
        triggers = kept(changing=["titles", "changed_by"])

    def __str__(self) -> str:
        return f"{self.axis} {self.code}"


class ClassChange(Identified):
    """A change of a person's class on one axis, by a rule or by an operator; the newest one of an axis counts.

    `consumer` is the person's first account. `value` is empty if the person no longer has a class. `pinned` says that rules must not change
    it from then on. `rule`, `rule_name` and `version` name the rule of the set `customers`; an operator's change has a reason instead.
    """

    PREFIX = "cch"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="class_changes", db_index=False)
    axis = models.CharField(max_length=12)
    before = models.CharField(max_length=30, blank=True)
    value = models.CharField(max_length=30, blank=True)
    pinned = models.BooleanField(default=False)
    rule = models.CharField(max_length=40, blank=True)
    rule_name = models.CharField(max_length=120, blank=True)
    version = models.PositiveIntegerField(default=0)
    reason = EncryptedTextField(blank=True, person="consumer_id")
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        permissions = [("pin_class", "Can pin the classes of people, and let rules decide again")]
        indexes = [models.Index(fields=["consumer", "-id"], name="class_change_newest")]
        triggers = kept()

    def __str__(self) -> str:
        return self.public_id
