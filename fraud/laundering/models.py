"""Alerts about money laundering, looks at them, and reports to the authority."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer, User
from core.crypto import EncryptedJSONField, EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful
from fraud.states import ALERT, AlertStatus


class LaunderingAlert(Stateful, Identified):
    """A rule about money laundering held for a person. There is at most one alert per person and rule in 30 days or while one is open.

    `consumer` is the person's first account. `facts` are figures by the names of `fraud.laundering.facts` at that time, amounts in minor
    units of `currency`; `version` is that of the rules. `decision` is the reason for clearing or reporting it; `report` has the reported
    facts as they were then (`checkout.suspicion`). Everything is kept after the person's data key is destroyed, because the law requires it
    for five years.
    """

    PREFIX = "mla"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.CharField(max_length=40)
    rule_name = models.CharField(max_length=160)
    reason = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    facts = models.JSONField()
    currency = models.CharField(max_length=3)
    status = ALERT.field()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    decision = EncryptedTextField(blank=True)
    report = EncryptedJSONField(blank=True, default=dict, db_default="")
    raised_at = models.DateTimeField()

    class Meta:
        verbose_name = _("money laundering alert")
        verbose_name_plural = _("money laundering alerts")
        permissions = [
            ("handle_laundering", "Can see and decide alerts about money laundering, and report suspicions"),
            ("audit_laundering", "Can see what the money laundering desk did and looked at"),
        ]
        constraints = [
            ALERT.constraint("laundering_alert_status_known"),
            models.UniqueConstraint(
                fields=["consumer", "rule"], condition=Q(status=AlertStatus.OPEN.value), name="laundering_alert_open_once"
            ),
            models.CheckConstraint(
                condition=Q(status=AlertStatus.OPEN.value, decided_by=None, decided_at=None)
                | Q(~Q(status=AlertStatus.OPEN.value), decided_by__isnull=False, decided_at__isnull=False),
                name="laundering_alert_decided_by_whom",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="laundering_alert_by_status"),
            models.Index(fields=["consumer", "-raised_at"], name="laundering_alert_of_person"),
            models.Index(fields=["raised_at"], name="laundering_alert_age"),
        ]
        triggers = [
            *kept(changing=["status", "decided_by", "decided_at", "decision", "report"]),
            *ALERT.triggers(),
            settled("decided_once", f"OLD.status <> '{AlertStatus.OPEN}'"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.status}"

    @ALERT.transition
    def clear(self) -> None:
        """An officer found an explanation."""

    @ALERT.transition
    def tell(self) -> None:
        """An officer reports the suspicion."""


class LaunderingLook(Identified):
    """A look of an officer at the money laundering desk; not part of any log that others can read.

    `alert_id` is null for the list. It is not a foreign key: alerts are deleted after five years, looks are kept, like the audit log.
    """

    PREFIX = "mlk"
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    alert_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["alert_id", "-id"], name="laundering_look_at_alert", condition=Q(alert_id__isnull=False))]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.public_id} by {self.user_id}"


class LaunderingReport(Identified):
    """A suspicious activity report for the financial intelligence unit: one version of the report about an alert, as written.

    `xml` is the goAML file (`fraud.laundering.goaml`) and `header` the officer's input; both are kept after the person's data key is
    destroyed, like alerts. A version is filed once: `filed_number` is the authority's number, `filed_on` the day of filing. It has no
    foreign key to the alert, so that each can be deleted by its own age.
    """

    PREFIX = "mlr"
    alert = models.ForeignKey(LaunderingAlert, on_delete=models.DO_NOTHING, related_name="reports", db_index=False, db_constraint=False)
    number = models.PositiveIntegerField()
    header = EncryptedJSONField()
    xml = EncryptedTextField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    filed_number = models.CharField(max_length=80, blank=True, default="")
    filed_on = models.DateField(null=True)
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    filed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "number"], name="laundering_report_number_once")]
        indexes = [models.Index(fields=["made_at"], name="laundering_report_age")]
        triggers = [
            *kept(changing=["filed_number", "filed_on", "filed_by", "filed_at"]),
            settled("filed_once", "OLD.filed_at IS NOT NULL", fixed=["filed_number", "filed_on", "filed_by", "filed_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, version {self.number}"
