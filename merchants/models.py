"""Merchants: their account, brand, pricing, keys, team and settlements."""

import pgtrigger
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from brands.models import DEFAULT, Brand
from core.evidence import Numbered, kept, numbered, settled
from core.ids import Identified
from markets.models import Market
from merchants.guards import ACCOUNT_CHANGE, MERCHANT

RESOLD = ("bullion", "gift_card", "prepaid_card")
"""Kinds of easily resold goods; by default, a shop's terms hold orders with them."""


class Merchant(Identified):
    """A shop that sells on installments, with its look (color, mark, texts) and terms.

    `held_categories` and `max_quantity` are its basket rules, which hold orders. Without a `payout_destination`, it is not paid yet. A
    suspended shop cannot open checkouts and is not paid; its running orders go on.
    """

    PREFIX = "mer"
    name = models.CharField(max_length=80)
    legal_name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, default=DEFAULT, db_default=DEFAULT, db_index=False)
    market = models.ForeignKey(Market, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    category = models.CharField(max_length=60, blank=True)
    support_email = models.EmailField(blank=True)
    brand_color = models.CharField(max_length=7, blank=True)
    checkout_text = models.CharField(max_length=140, blank=True)
    fee_bps = models.PositiveIntegerField(default=400)
    fee_fixed_minor = models.PositiveIntegerField(default=0)
    # What it costs the shop to let the payments of an order come later: a fixed amount and a share of what is open; not offered if both are
    # 0. And how often it may for one order.
    postpone_fixed_minor = models.PositiveIntegerField(default=0, db_default=0)
    postpone_bps = models.PositiveIntegerField(default=0, db_default=0)
    postpone_most = models.PositiveSmallIntegerField(default=1, db_default=1)
    refund_fees = models.BooleanField(default=True)
    auto_extend = models.BooleanField(default=False)
    authorization_days = models.PositiveSmallIntegerField(default=28)
    held_categories = models.JSONField(default=list, db_default=Value(list(RESOLD), output_field=models.JSONField()))
    max_quantity = models.PositiveSmallIntegerField(default=9, db_default=9)
    payout_destination = models.CharField(max_length=120, blank=True)
    origins = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        triggers = MERCHANT

    def __str__(self) -> str:
        return self.name

    @property
    def is_suspended(self) -> bool:
        """Whether it is suspended."""
        return self.suspended_at is not None


class Membership(models.Model):
    """A person's membership in a merchant's team."""

    ROLES = [
        ("owner", _("Owner")),
        ("manager", _("Manager")),
        ("finance", _("Finance")),
        ("developer", _("Developer")),
        ("viewer", _("Viewer")),
    ]
    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=ROLES)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "merchant"], name="membership_once")]


class Invitation(Identified):
    """An invitation to a merchant's team, for the owner of an e-mail address; there is no membership until they accept.

    `name` is typed by the inviting person, who sees nothing about an existing account of the address before it is accepted.
    """

    PREFIX = "inv"
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="invitations")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=10, choices=Membership.ROLES)
    invited_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "user"], name="invitation_one_open", condition=Q(accepted_at=None, withdrawn_at=None)
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-created_at"], name="invitation_of_merchant"),
            models.Index(fields=["user", "-created_at"], name="invitation_to_user"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.role}"


class AccountChange(Numbered, Identified):
    """One change of a merchant's account, keys or team: the change, the person or key concerned, and who made it."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=80, blank=True)
    detail = models.JSONField(default=dict)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["merchant", "-number", "-id"], name="account_change_newest")]
        triggers = [*kept(), numbered(), *ACCOUNT_CHANGE]

    def __str__(self) -> str:
        return f"{self.kind} by {self.actor}"


class ApiKey(Identified):
    """An API key, stored as its keyed hash only; shown in full once, when it is made."""

    PREFIX = "key"
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="api_keys")
    kind = models.CharField(max_length=12, choices=[("secret", _("Secret")), ("publishable", _("Publishable"))])
    name = models.CharField(max_length=60)
    hint = models.CharField(max_length=30)
    scopes = models.JSONField(default=list)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["merchant", "-id"], name="api_key_of_merchant")]
        triggers = [
            *kept(fixed=["merchant", "kind", "scopes", "created_at", "created_by"]),
            settled("revoked_stays", "OLD.revoked_at IS NOT NULL"),
        ]


class SettlementItem(Identified):
    """The amount that a capture, a refund, a returned payout or a subsidy adds to a merchant's balance; `settlement` is its statement.

    `interest` that the shop pays for a customer is negative, and positive where it comes back. An `arrival` undoes a `bounce`. Their
    `source` is the payout's id, followed by a number from the second time on.
    """

    KINDS = [
        ("capture", pgettext_lazy("noun", "Capture")),
        ("refund", pgettext_lazy("noun", "Refund")),
        ("bounce", _("Payout that came back")),
        ("arrival", _("Payout that arrived after all")),
        ("interest", _("Interest for a customer")),
        ("postpone", _("Later payments for a customer")),
    ]
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT)
    kind = models.CharField(max_length=8, choices=KINDS)
    source = models.CharField(max_length=40, unique=True)
    order_ref = models.CharField(max_length=40)
    merchant_reference = models.CharField(max_length=120, blank=True)
    gross_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    settlement = models.ForeignKey("Settlement", on_delete=models.PROTECT, null=True, related_name="items")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "at"], name="settlement_item_open", condition=Q(settlement=None)),
            models.Index(fields=["settlement", "id"], name="settlement_item_of"),
        ]
        triggers = [
            *kept(changing=["settlement"]),
            pgtrigger.Protect(name="settled_once", operation=pgtrigger.Update, condition=pgtrigger.Q(old__settlement__isnull=False)),
        ]

    @property
    def net_minor(self) -> int:
        """The amount that the item adds to the payout: positive for a capture, negative for a refund; the fee has the same sign."""
        return self.gross_minor - self.fee_minor


class Settlement(Identified):
    """One day's statement of a merchant: all items since the last statement, and the payout for them.

    `closing = opening + sales - returns - fees + fee_refunds + bounced - subsidies + subsidy_refunds - payout`; a negative balance rolls
    over, and a returned payout (`bounced`) is owed again. `held`: nothing is paid out until the shop's bank account changes or an operator
    has checked it.
    """

    PREFIX = "set"
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="settlements")
    date = models.DateField()
    currency = models.CharField(max_length=3)
    opening_minor = models.BigIntegerField()
    sales_minor = models.BigIntegerField()
    returns_minor = models.BigIntegerField()
    fees_minor = models.BigIntegerField()
    fee_refunds_minor = models.BigIntegerField()
    bounced_minor = models.BigIntegerField(default=0)
    # What the shop pays for its customers, such as their interest, and what of it comes back.
    subsidies_minor = models.BigIntegerField(default=0, db_default=0)
    subsidy_refunds_minor = models.BigIntegerField(default=0, db_default=0)
    payout_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    item_count = models.PositiveIntegerField()
    held = models.BooleanField(default=False, db_default=False)
    payout = models.ForeignKey("payments.Payout", on_delete=models.PROTECT, null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "date"], name="settlement_once_a_day"),
            models.CheckConstraint(
                condition=Q(
                    closing_minor=models.F("opening_minor")
                    + models.F("sales_minor")
                    - models.F("returns_minor")
                    - models.F("fees_minor")
                    + models.F("fee_refunds_minor")
                    + models.F("bounced_minor")
                    - models.F("subsidies_minor")
                    + models.F("subsidy_refunds_minor")
                    - models.F("payout_minor")
                ),
                name="settlement_adds_up",
            ),
        ]
        triggers = kept()

    def __str__(self) -> str:
        return self.public_id
