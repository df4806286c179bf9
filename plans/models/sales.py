"""Debts that are sold: plans that were given up, sold together to a buyer, and what moves between the buyer and us."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from controls.models import Proposal
from core.evidence import kept, settled
from core.ids import Identified
from markets.models import Market
from plans.models.plans import Plan
from plans.sale_guards import PAID_BY_TWO, RETURNED_BY_TWO, SOLD_BY_TWO


class DebtSale(Identified):
    """Plans that were given up and that a buyer takes together: first a list, then, once two operators agreed, sold.

    `contact` says how people reach the buyer, in the words that they read. Each plan is sold for `price_bps` of what is open of it. Within
    `warranty_days` of the sale the buyer may return a plan that should not have been in it.
    """

    PREFIX = "dsl"
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    buyer = models.CharField(max_length=120)
    contact = models.CharField(max_length=300)
    price_bps = models.PositiveIntegerField()
    warranty_days = models.PositiveIntegerField()
    chosen_by = models.JSONField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    sold_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("sale of debts"), _("sales of debts")
        permissions = [("propose_debtsale", "Can propose to sell debts"), ("confirm_debtsale", "Can decide on sales of debts")]
        constraints = [
            models.CheckConstraint(condition=Q(price_bps__gt=0, price_bps__lte=10_000), name="debt_sale_price"),
            models.CheckConstraint(condition=Q(sold_at=None) | Q(proposal__isnull=False), name="debt_sale_by_proposal"),
        ]
        triggers = [
            *kept(changing=["proposal", "sold_at"]),
            settled("sold_stays", "OLD.sold_at IS NOT NULL"),
            SOLD_BY_TWO,
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.buyer}"


class SoldPlan(Identified):
    """A plan on the list of a sale: what is open of it (`face_minor`) and its price; sold from `sold_at` until it is returned.

    `passed_minor` is what came for it since, which is the buyer's. A return is agreed on by two operators, for a price.
    """

    PREFIX = "sdp"
    DECEASED, INSOLVENT, FRAUD, PAID, DISPUTED, BOUGHT_BACK = "deceased", "insolvent", "fraud", "paid_before", "disputed", "bought_back"
    CAUSES = [
        (DECEASED, _("The person had died before the sale")),
        (INSOLVENT, _("The person was insolvent before the sale")),
        (FRAUD, _("Fraud")),
        (PAID, _("It was paid before the sale")),
        (DISPUTED, _("The debt is disputed, and rightly")),
        (BOUGHT_BACK, _("We buy it back")),
    ]
    sale = models.ForeignKey(DebtSale, on_delete=models.PROTECT, related_name="plans", db_index=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="sales", db_index=False)
    face_minor = models.BigIntegerField()
    price_minor = models.BigIntegerField()
    passed_minor = models.BigIntegerField(default=0)
    sold_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    return_cause = models.CharField(max_length=12, choices=CAUSES, blank=True)
    return_minor = models.BigIntegerField(default=0)

    @property
    def warranty_minor(self) -> int:
        """What the buyer gets back under the warranty: the price, less what was passed on to them; never below zero."""
        return max(self.price_minor - self.passed_minor, 0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sale", "plan"], name="sold_plan_listed_once"),
            models.UniqueConstraint(fields=["plan"], condition=Q(sold_at__isnull=False, returned_at=None), name="sold_plan_sold_once"),
            models.CheckConstraint(
                condition=Q(face_minor__gt=0, price_minor__gte=0, price_minor__lte=F("face_minor"))
                & Q(passed_minor__gte=0, return_minor__gte=0),
                name="sold_plan_amounts",
            ),
        ]
        indexes = [models.Index(fields=["plan", "-id"], name="sold_plan_of_plan")]
        triggers = [
            *kept(changing=["passed_minor", "sold_at", "returned_at", "returned_by", "return_cause", "return_minor"]),
            settled("returned_stays", "OLD.returned_at IS NOT NULL"),
            RETURNED_BY_TWO,
        ]


class BuyerPayment(Identified):
    """Money between the buyer of a sale and us on our bank account: from the buyer above zero, to the buyer below.

    `bank_reference` is what the bank calls it, and counts once.
    """

    PREFIX = "byp"
    sale = models.ForeignKey(DebtSale, on_delete=models.PROTECT, related_name="payments")
    amount_minor = models.BigIntegerField()
    bank_reference = models.CharField(max_length=60, unique=True)
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="buyer_payment_not_zero")]
        triggers = [*kept(), PAID_BY_TWO]
