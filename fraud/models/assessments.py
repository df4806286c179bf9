"""The assessment of each attempt to buy."""

from django.db import models
from django.db.models import Q

from accounts.models import Consumer
from core.evidence import kept, settled
from core.ids import Identified
from fraud.states import ASKED, Moment, Verdict


class Assessment(Identified):
    """One assessment of an attempt to buy: all its signals, the rules that held, and the verdict.

    `moment` says when: before the credit decision of the purchase, without a card, or at the last click. `subject` is the checkout's
    public id, `order` the order's, empty if none was made. `signals` are values by the names of `fraud.facts`,
    emptied when the person is erased. `scores` has the results of risk models (`fraud.scoring.ask_models`), empty if none has a role.
    `findings` are the rules that held, each `[rule, row, outcome, reason, value]`, of version `version` of the rules of kind `fraud` (0 if
    no version was in force). `asked` is where they were asked and what was met (`fraud.replaying.asked_at`), empty in older rows.
    `proved_at` is when the person entered the code that a `step_up` asked for.
    """

    PREFIX = "fas"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=40)
    order = models.CharField(max_length=40, blank=True, default="")
    moment = models.CharField(
        max_length=8, choices=[(one.value, one.value) for one in Moment], default=Moment.CONSENT.value, db_default=Moment.CONSENT.value
    )
    verdict = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Verdict])
    signals = models.JSONField(default=dict)
    scores = models.JSONField(default=dict, db_default={})
    findings = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=0)
    asked = models.JSONField(default=dict, db_default={})
    proved_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=[one.value for one in Verdict]), name="assessment_verdict_known"),
            models.CheckConstraint(condition=Q(moment__in=[one.value for one in Moment]), name="assessment_moment_known"),
            models.CheckConstraint(
                condition=Q(proved_at=None) | Q(verdict__in=[one.value for one in ASKED]), name="assessment_proved_if_asked"
            ),
            models.CheckConstraint(
                condition=Q(order="") | Q(verdict__in=[Verdict.ALLOW.value, Verdict.HOLD.value]), name="assessment_ordered_if_let"
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "-id"], name="assessment_subject"),
            models.Index(fields=["order"], name="assessment_order", condition=~Q(order="")),
        ]
        triggers = [
            *kept(changing=["signals", "proved_at"]),
            settled("proved_once", "OLD.proved_at IS NOT NULL", fixed=["proved_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.subject}, {self.verdict}"
