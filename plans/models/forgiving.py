"""What is let go of a plan after the person paid what was agreed on instead of all of it."""

from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from core.crypto import EncryptedJSONField
from core.evidence import kept, settled
from core.ids import Identified
from plans.models.plans import Plan


class Forgiven(Identified):
    """The rest of a plan that nobody asks for any more, since its person paid what was agreed on (`reference`); minor units.

    `rows` has by the number of an installment its open principal and interest, which fell away. `returned` has what shops' refunds took of
    that principal later. `given_up`: the plan was given up before. It is undone once a payment of the plan is taken back: what fell away is
    then owed again, but its fees. `paper` is the letter of settlement, as it was written for them then.
    """

    PREFIX = "fgv"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="forgiven", db_index=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="forgiven", db_index=False)
    reference = models.CharField(max_length=40)
    given_up = models.BooleanField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    fees_minor = models.BigIntegerField()
    rows = models.JSONField()
    returned = models.JSONField(default=dict, db_default=Value({}, output_field=models.JSONField()))
    paper = EncryptedJSONField(person="consumer_id")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("forgiven rest")
        verbose_name_plural = _("forgiven rests")
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(undone_at=None), name="forgiven_once"),
            models.CheckConstraint(
                condition=Q(principal_minor__gte=0, interest_minor__gte=0, fees_minor__gte=0), name="forgiven_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["plan", "-id"], name="forgiven_of_plan"),
            models.Index(fields=["consumer", "-id"], name="forgiven_of_consumer"),
        ]
        triggers = [*kept(changing=["returned", "undone_at"]), settled("undone_stays", "OLD.undone_at IS NOT NULL")]

    @property
    def amount_minor(self) -> int:
        """Principal, interest and fees that fell away."""
        return self.principal_minor + self.interest_minor + self.fees_minor

    @property
    def lost_minor(self) -> int:
        """The principal that is lost: what fell away of it, less what shops' refunds took of it."""
        return self.principal_minor - int(sum(self.returned.values()))

    def left_of(self, number: int) -> int:
        """Return the principal of an installment that is lost."""
        return int(self.rows.get(str(number), [0, 0])[0]) - int(self.returned.get(str(number), 0))

    def interest_left_of(self, number: int) -> int:
        """Return the interest of an installment that fell away, without that on principal which a shop's refund took; rounded down."""
        principal, interest = (int(minor) for minor in self.rows.get(str(number), [0, 0]))
        return interest * self.left_of(number) // principal if principal else interest
