"""Payment methods and every movement at a gateway. This app knows no plans: it stores opaque references."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from accounts.models import Consumer
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from core.money import Money
from core.states import Stateful, words
from payments.guards import ANSWERED, ASKED
from payments.states import (
    BREAK,
    CHARGE,
    DISPUTE,
    MOVEMENT,
    MOVEMENT_OPEN,
    TRANSFER,
    TRANSFER_OVER,
    BreakStatus,
    DisputeStatus,
    MovementStatus,
    TransferStatus,
)


class MethodKind(models.TextChoices):
    """The kinds of payment methods."""

    CARD = "card", "Card"
    BANK_DEBIT = "bank_debit", "Bank account"
    WALLET = "wallet", "Wallet"


class PaymentMethod(Identified):
    """A consumer's way to pay: a token at a gateway. Card and account numbers never reach the platform.

    `shown` is what people recognize it by. A card: `brand`, `last4`, `exp_month`, `exp_year`; a bank account: `bank`, `last4`, `mandate`;
    a wallet: `name`, `hint`.
    """

    PREFIX = "pm"
    KINDS = MethodKind
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="payment_methods")
    gateway = models.CharField(max_length=20)
    token = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=MethodKind.choices, default=MethodKind.CARD, db_default=MethodKind.CARD)
    shown = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)
    removed_at = models.DateTimeField(null=True)
    blocked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "token"], name="payment_method_token_once"),
            models.CheckConstraint(condition=Q(kind__in=MethodKind.values), name="payment_method_kind_known"),
        ]
        indexes = [models.Index(fields=["consumer", "position", "-id"], name="payment_method_order")]

    def __str__(self) -> str:
        return " ".join(str(self.shown[name]) for name in ("brand", "bank", "name", "last4", "hint") if self.shown.get(name))

    @property
    def last4(self) -> str:
        """The last digits of a card or an account; empty where it has none."""
        return str(self.shown.get("last4", ""))

    @property
    def is_usable(self) -> bool:
        """Whether it can be charged: not removed, and not refused for good."""
        return self.removed_at is None and self.blocked_at is None


class GatewayCustomer(models.Model):
    """A gateway's customer for a consumer, with a hash of the e-mail address that the gateway was last told."""

    id = models.BigAutoField(primary_key=True)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, db_index=False)
    gateway = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    email_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer", "gateway"], name="gateway_customer_once"),
            models.UniqueConstraint(fields=["gateway", "ref"], name="gateway_customer_ref_once"),
        ]


class CardSetup(Identified):
    """A visit to the gateway's card page, from which a payment method comes back."""

    PREFIX = "cs"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT)
    gateway = models.CharField(max_length=20)
    gateway_ref = models.CharField(max_length=120, unique=True)
    return_path = models.CharField(max_length=300)
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True)
    network_hash = models.CharField(max_length=64, blank=True, default="")
    device_hash = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="card_setup_age")]


class CardTry(models.Model):
    """A try of a card by a person who was present: declined, or still under way. Nothing of the card is stored.

    `key` is what the card was tried for; the hashes stand for the network and the browser that the person used.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=160, unique=True)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, db_index=False)
    network_hash = models.CharField(max_length=64, blank=True)
    device_hash = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = "declined card", "declined cards"
        indexes = [
            models.Index(fields=["consumer", "-at"], name="card_try_recent"),
            models.Index(fields=["network_hash", "-at"], name="card_try_network", condition=~Q(network_hash="")),
            models.Index(fields=["device_hash", "-at"], name="card_try_device", condition=~Q(device_hash="")),
            models.Index(fields=["at"], name="card_try_age"),
        ]

    def __str__(self) -> str:
        return self.key


def by_day(name: str) -> BrinIndex:
    """Return an index that finds a day's movements; a BRIN index is cheap to write, since rows are stored in the order of their days."""
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
        return f"{Money(self.amount_minor, self.currency).text()}, {self.status}"

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


class Authorization(Movement):
    """Money held on a card at checkout, for the first installment.

    Its key is made from the reference, the method, the amount and the number of earlier holds that ended, so that two equal requests make
    one hold. `released_at`: nothing is held any more, since the hold was released, charged in full, or lapsed.
    """

    PREFIX = "aut"
    MADE_IN_ORDER = False
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT)
    used_at = models.DateTimeField(null=True)
    release_wanted_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="authorization_positive")]
        indexes = [
            models.Index(fields=["reference"], name="authorization_reference"),
            models.Index(fields=["created_at"], name="authorization_unsettled", condition=Q(status__in=MOVEMENT_OPEN)),
            models.Index(fields=["created_at"], name="authorization_held", condition=Q(status=MovementStatus.SUCCEEDED, released_at=None)),
        ]
        triggers = [*kept(fixed=[*ASKED, "payment_method"]), *MOVEMENT.triggers(), *ANSWERED]


class Charge(Movement):
    """Money taken from a payment method for one thing (`reference`), e.g. installments of a plan.

    `actor` is the person who asked for it and is present; empty for a charge on a due date. A charge that failed because the person has to
    confirm it has the page for that in `action_url`, and succeeds once they confirm.
    """

    PREFIX = "chg"
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT)
    authorization = models.ForeignKey(Authorization, on_delete=models.PROTECT, null=True, db_index=False)
    refunded_minor = models.BigIntegerField(default=0)
    actor = models.CharField(max_length=80, blank=True)
    action_url = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="charge_positive"),
            models.CheckConstraint(condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("amount_minor")), name="charge_refund_within"),
        ]
        indexes = [
            models.Index(fields=["reference", "-id"], name="charge_reference"),
            models.Index(fields=["authorization"], name="charge_authorization", condition=Q(authorization__isnull=False)),
            models.Index(fields=["created_at"], name="charge_unsettled", condition=Q(status__in=MOVEMENT_OPEN)),
            models.Index(fields=["-id"], name="charge_failed", condition=Q(status=MovementStatus.FAILED)),
            by_day("charge_day"),
        ]
        triggers = [*kept(fixed=[*ASKED, "payment_method", "authorization", "actor"]), *CHARGE.triggers(), *ANSWERED]

    @property
    def on_session(self) -> bool:
        """Whether the person is present."""
        return bool(self.actor)

    @CHARGE.transition
    def confirm(self) -> None:
        """The person confirmed the charge after it had failed."""


class Refund(Movement):
    """Money refunded for one charge, to its payment method or to another one; `reference` is the plan that owes it in the ledger."""

    PREFIX = "rfd"
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="refunds")
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True, db_index=False)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replacement")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_positive")]
        indexes = [
            models.Index(fields=["reference"], name="payment_refund_reference"),
            models.Index(fields=["created_at"], name="payment_refund_unsettled", condition=Q(status__in=MOVEMENT_OPEN)),
            by_day("payment_refund_day"),
        ]
        triggers = [*kept(fixed=[*ASKED, "charge", "payment_method", "replaces"]), *MOVEMENT.triggers(), *ANSWERED]


class Payout(Movement):
    """Money sent to a merchant's bank account, once for each `reference`; `owner` is the merchant whom it is owed in the ledger."""

    PREFIX = "pay"
    owner = models.CharField(max_length=60)
    destination = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payout_positive"),
            models.UniqueConstraint(fields=["reference"], name="payout_once"),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="payout_unsettled", condition=Q(status__in=MOVEMENT_OPEN)),
            by_day("payout_day"),
        ]
        triggers = [*kept(fixed=[*ASKED, "owner", "destination"]), *MOVEMENT.triggers(), *ANSWERED]


class Turn(models.TextChoices):
    """What became of a movement after its first end."""

    REVERSED = "reversed", "Taken back by the bank"
    REINSTATED = "reinstated", "With us again"
    FEE = "fee", "Fee of the gateway"
    FEE_RETURNED = "fee_returned", "Fee of the gateway given back"
    RETURNED = "returned", "Came back from the card's bank"
    COVERED = "covered", "Paid by what the bank took back"
    TRANSFERRED = "transferred", "Paid to a bank account by hand"
    BOUNCED = "bounced", "Came back from the shop's bank"
    RESENT = "resent", "Sent again"


class Dispute(Stateful, Identified):
    """A charge that the cardholder disputes at their bank: taken back until the bank decides who keeps the money.

    While a dispute is open or lost, nothing more is charged for the same thing, unless an operator has waived that (`waived_at`). `turns`
    counts the recorded changes, so that an answer older than this row is never recorded.
    """

    PREFIX = "dsp"
    gateway = models.CharField(max_length=20)
    gateway_ref = models.CharField(max_length=120)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="disputes")
    reference = models.CharField(max_length=60, db_index=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=60, blank=True)
    status = DISPUTE.field()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    waived_at = models.DateTimeField(null=True)
    turns = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "gateway_ref"], name="dispute_once"),
            DISPUTE.constraint("dispute_status_known"),
        ]
        triggers = [
            *kept(fixed=["gateway", "gateway_ref", "charge", "reference", "amount_minor", "currency", "opened_at"]),
            *DISPUTE.triggers(),
            settled("decided_stays", f"OLD.status <> '{DisputeStatus.OPEN}' AND OLD.status = NEW.status", changing=["waived_at", "turns"]),
        ]

    def __str__(self) -> str:
        return f"{Money(self.amount_minor, self.currency).text()}, {self.status}"

    @DISPUTE.transition
    def win(self) -> None:
        """The bank decided for us: the charge stands."""

    @DISPUTE.transition
    def lose(self) -> None:
        """The bank decided for the cardholder: the charge is taken back for good."""


class MovementEvent(Identified):
    """A turn of a charge, refund or payout after its first end; the first end is in the movement itself.

    The net amount of a movement is its own amount, less reversals, plus reinstatements. `number` counts the turns of a dispute; dispute and
    number together keep a turn from being recorded twice.
    """

    PREFIX = "mev"
    KINDS = Turn
    movement_kind = models.CharField(max_length=10, choices=[(kind, kind.capitalize()) for kind in ("charge", "refund", "payout")])
    movement_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Turn.choices)
    reference = models.CharField(max_length=60, db_index=True)
    gateway = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    gateway_ref = models.CharField(max_length=120, blank=True)
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, null=True, related_name="events")
    number = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["movement_id", "movement_kind", "kind", "dispute", "number"], name="movement_event_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="movement_event_positive"),
            models.CheckConstraint(condition=Q(kind__in=Turn.values), name="movement_event_kind_known"),
        ]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {Money(self.amount_minor, self.currency).text()}"


class Transfer(Stateful, Identified):
    """A refund that reaches no card, paid to a bank account by hand: one operator sends it, another one confirms it.

    `bank_reference` is the bank's name of the payment. A rejected transfer was not paid, and a new one may follow.
    """

    PREFIX = "trf"
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="transfers")
    holder = EncryptedTextField()
    account = EncryptedTextField()
    status = TRANSFER.field()
    wanted_by = models.CharField(max_length=80)
    bank_reference = models.CharField(max_length=60, blank=True)
    sent_by = models.CharField(max_length=80, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TRANSFER.constraint("transfer_status_known"),
            models.UniqueConstraint(fields=["refund"], condition=~Q(status=TransferStatus.REJECTED), name="transfer_one_a_refund"),
            models.CheckConstraint(condition=~Q(status=TransferStatus.CONFIRMED) | ~Q(sent_by=F("closed_by")), name="transfer_by_two"),
        ]
        triggers = [
            *kept(fixed=["refund", "holder", "account", "wanted_by", "created_at"]),
            *TRANSFER.triggers(),
            settled("closed_stays", f"OLD.status IN ({words(TRANSFER_OVER)})"),
            settled("sent_stays", f"OLD.status = '{TransferStatus.SENT}'", fixed=["bank_reference", "sent_by", "sent_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.status}"

    @TRANSFER.transition
    def send(self) -> None:
        """An operator paid it at the bank."""

    @TRANSFER.transition
    def confirm(self) -> None:
        """Another operator has seen that it was paid."""

    @TRANSFER.transition
    def reject(self) -> None:
        """It was not paid after all, or another account is wanted."""


class Break(Stateful, Identified):
    """A problem with money at a gateway that a person has to look into; on the work list until somebody closes it.

    `subject` is the movement's public id, `reference` what the movement was for. A movement has at most one break of a kind and `number`;
    the number rises if the problem can come again, as with a dispute that is lost after it was won.
    """

    PREFIX = "brk"
    KINDS = [
        ("answer_differs", "The gateway moved another amount"),
        ("refund_failed", "A refund did not reach the card"),
        ("payout_failed", "A payout did not reach the shop"),
        ("charge_reversed", "A payment was taken back by the bank"),
        ("dispute", "A payment is disputed at the bank"),
        ("dispute_lost", "The bank decided for the cardholder"),
    ]
    kind = models.CharField(max_length=20, choices=KINDS)
    number = models.PositiveSmallIntegerField(default=0, db_default=0)
    subject = models.CharField(max_length=40)
    reference = models.CharField(max_length=60)
    gateway = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    detail = models.JSONField(default=dict)
    status = BREAK.field()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject", "number"], name="break_once"),
            BREAK.constraint("break_status_known"),
        ]
        indexes = [models.Index(fields=["-id"], name="break_open", condition=Q(status=BreakStatus.OPEN))]
        triggers = [
            *kept(fixed=["kind", "number", "subject", "reference", "gateway", "amount_minor", "currency", "detail", "opened_at"]),
            *BREAK.triggers(),
            settled("closed_stays", f"OLD.status = '{BreakStatus.CLOSED}'"),
        ]
        permissions = [("handle_break", "Can close breaks and send refunds again")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"

    @BREAK.transition
    def close(self) -> None:
        """Somebody has looked into it, or it has settled by itself."""


class GatewayEvent(models.Model):
    """An event that a gateway sent us, kept once."""

    id = models.BigAutoField(primary_key=True)
    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    reference = models.CharField(max_length=120)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "event_id"], name="gateway_event_once")]
        indexes = [models.Index(fields=["received_at"], name="gateway_event_age")]
        triggers = kept()
