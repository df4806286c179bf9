"""Relief that operators offer to people in hardship, the budget that it rests on, and the payment plans that people got by any relief."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from core.crypto import EncryptedJSONField
from core.evidence import kept, settled
from core.ids import Identified
from plans.models.hardship import Hardship
from plans.models.plans import Plan


class Budget(Identified):
    """A person's income and costs in a month, as an operator wrote them down with them; `figures` as in `plans.rules.budgets.Budget`.

    `living_minor` is the market's standard for living costs of that day, which counts where the person told of less. It is forgotten after
    some time (`plans.retentions`).
    """

    PREFIX = "bud"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="budgets")
    figures = EncryptedJSONField(person="consumer_id")
    living_minor = models.BigIntegerField()
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("budget of a person")
        verbose_name_plural = _("budgets of people")
        indexes = [models.Index(fields=["at"], name="budget_age")]
        triggers = kept()


class ReliefOffer(Identified):
    """Relief that an operator offers for a plan: a pause of `days`, or `count` smaller payments; the person accepts it until `until`.

    `actor` is the operator, or the proposal on which two agreed. `relief` is what came of it; `closed_at` without it: another offer, or
    relief that the person chose by themselves, took its place. The answers are as in `Hardship`. `budget` is empty once it was forgotten.
    """

    PREFIX = "rof"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="relief_offers", db_index=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="relief_offers", db_index=False)
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, null=True, related_name="offers", db_index=False)
    kind = models.CharField(max_length=10, choices=Hardship.KINDS)
    days = models.PositiveSmallIntegerField(default=0)
    count = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=10, choices=Hardship.REASONS)
    lasts = models.CharField(max_length=10, choices=Hardship.LASTS)
    until = models.DateField()
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()
    relief = models.OneToOneField(Hardship, on_delete=models.PROTECT, null=True, related_name="offer")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("offer of relief")
        verbose_name_plural = _("offers of relief")
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(closed_at=None), name="relief_offer_one_open"),
            models.CheckConstraint(condition=Q(relief=None) | Q(closed_at__isnull=False), name="relief_offer_accepted_is_closed"),
            models.CheckConstraint(
                condition=Q(kind="pause", days__gt=0, count=0) | Q(kind="smaller", days=0, count__gt=0), name="relief_offer_of_one_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["plan", "-id"], name="relief_offer_of_plan"),
            models.Index(fields=["budget"], name="relief_offer_budget", condition=Q(budget__isnull=False)),
        ]
        triggers = [*kept(changing=["relief", "closed_at"]), settled("closed_stays", "OLD.closed_at IS NOT NULL")]


class ReliefPaper(Identified):
    """The new payment plan that a person got by relief or when an operator laid payments out anew, or what they agreed to (no `relief`).

    It is as it was written for them then; a document is never written anew.
    """

    PREFIX = "rpp"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="relief_papers", db_index=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="relief_papers", db_index=False)
    relief = models.OneToOneField(Hardship, on_delete=models.PROTECT, null=True, related_name="paper")
    paper = EncryptedJSONField(person="consumer_id")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("payment plan by relief")
        verbose_name_plural = _("payment plans by relief")
        indexes = [models.Index(fields=["plan", "-id"], name="relief_paper_of_plan")]
        triggers = kept()
