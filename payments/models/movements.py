"""The fields and transitions that all movements at a gateway share."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from core.ids import Identified
from core.moments import amount_words
from core.readable import words
from core.states import Stateful
from payments.states import MOVEMENT


def by_day(name: str) -> BrinIndex:
    """Return an index that finds a day's movements; BRIN is cheap to write, and fits because rows are stored in the order of their days."""
    return BrinIndex(fields=["created_at"], name=name, pages_per_range=32, autosummarize=True)


class Movement(Stateful, Identified):
    """A call that moves money at a gateway: the row and its key are committed before the call is made.

    `pending`: recorded and perhaps sent. `unknown`: sent without an answer, until a look-up settles the movement.
    `claimed_until` (wall time) is the end of a process's claim or the time of the next look-up; null before the first call.
    """

    gateway = models.CharField(max_length=20)
    reference = models.CharField(max_length=60)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = MOVEMENT.field()
    gateway_ref = models.CharField(max_length=120, blank=True)
    failure = models.CharField(max_length=60, blank=True)
    claimed_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{amount_words(self.amount_minor, self.currency)}, {words(self.status).lower()}"

    @property
    def idempotency_key(self) -> str:
        """The key under which the gateway knows this movement, the same for every try."""
        return self.public_id

    @MOVEMENT.transition
    def lose(self) -> None:
        """The gateway was asked and did not answer."""

    @MOVEMENT.transition
    def succeed(self) -> None:
        """The gateway did it."""

    @MOVEMENT.transition
    def fail(self) -> None:
        """The gateway refused, or never heard of it."""

    @MOVEMENT.transition
    def come_back(self) -> None:
        """The gateway had done it, and days later the bank on the other side returned it."""
