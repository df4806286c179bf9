"""Credit lines and the decisions behind them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from accounts.models import Consumer
from accounts.screening.guards import approves_nobody_stopped
from core.crypto import EncryptedJSONField, EncryptedTextField
from core.evidence import Numbered, kept, numbered
from core.ids import Identified
from credit.banking.sums import Figures
from credit.guards import ANSWER, INQUIRY, LIMIT, LIMIT_CHANGE, REFERRAL
from credit.reasons import LIMIT_CHANGES
from credit.rules.inputs import GOES_ON


class CreditLine(Identified):
    """A consumer's credit limit in one currency, and its used amount.

    `used_minor` is the open exposure: authorized and not yet captured amounts without their deposits, and the principal of open
    installments. `beyond_minor` is how far the exposure may exceed the limit: payments were taken back after the credit that they had freed
    was used again.

    `by_hand_minor` is the limit that two operators set; decisions use it until it is lifted. `order_by_hand_minor` is the order limit that
    two operators set, and `order_by_hand_until` its last day in the person's time zone.

    `own_minor` is the limit that the person set themselves, 0 for no purchases, and `own_at` when. It never changes `limit_minor`: the
    smaller of the two counts, so that nothing becomes free while the person pays back.
    """

    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="credit_lines")
    currency = models.CharField(max_length=3)
    limit_minor = models.BigIntegerField()
    order_limit_minor = models.BigIntegerField()
    used_minor = models.BigIntegerField(default=0)
    beyond_minor = models.BigIntegerField(default=0, db_default=0)
    by_hand_minor = models.BigIntegerField(null=True)
    order_by_hand_minor = models.BigIntegerField(null=True)
    order_by_hand_until = models.DateField(null=True)
    own_minor = models.BigIntegerField(null=True)
    own_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer", "currency"], name="credit_line_once"),
            models.CheckConstraint(
                condition=Q(used_minor__gte=0, beyond_minor__gte=0) & Q(used_minor__lte=F("limit_minor") + F("beyond_minor")),
                name="credit_line_within_limit",
            ),
        ]
        indexes = [
            models.Index(fields=["order_by_hand_until"], name="order_limit_by_hand", condition=Q(order_by_hand_until__isnull=False)),
        ]
        triggers = [*kept(fixed=["consumer", "currency"]), *LIMIT]

    def __str__(self) -> str:
        return f"{self.currency} line of {self.consumer_id}"


class LimitChange(Numbered, Identified):
    """One change of a limit, with its reason as the consumer reads it."""

    line = models.ForeignKey(CreditLine, on_delete=models.PROTECT, related_name="changes")
    before_minor = models.BigIntegerField()
    after_minor = models.BigIntegerField()
    reason = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["line", "-number", "-id"], name="limit_change_newest")]
        triggers = [*kept(), numbered(), *LIMIT_CHANGE]

    def __str__(self) -> str:
        return f"{self.before_minor} to {self.after_minor}"

    @property
    def reason_text(self) -> str:
        """The reason as the consumer reads it."""
        return str(LIMIT_CHANGES[self.reason])


class Inquiry(Identified):
    """One inquiry to a data source about a consumer; the row is written before the source is asked.

    `data` has the parts of the answer that scoring needs, and nothing that identifies the person; `review` is the later decision of the
    source's staff. `agency` describes the source at the time, for a notice of refusal; empty for inquiries from before it was stored.
    An answer that is no report has only a `file` (`credit.gateways.base.FILES`). `cost_minor` is what the answer cost, in minor units,
    and `took_ms` how long it took in real time; null for inquiries from before they were stored. `purpose` is the law that allowed the
    question (`markets`, `credit_report.purpose`); empty for inquiries from before it was stored.

    `register` is the code of the register of payment remarks that was asked, empty for a credit bureau; `agency` is then the register's
    name and address, and `data` what it told (`credit.gateways.registers.Remarks`).
    `check_kind` is the kind of check that the market's law asked for (`credit.checks`), empty where it knows none.
    """

    PREFIX = "inq"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="inquiries")
    currency = models.CharField(max_length=3)
    provider = models.CharField(max_length=20)
    agency = models.JSONField(default=dict)
    purpose = models.CharField(max_length=200, blank=True, default="", db_default="")
    register = models.CharField(max_length=20, blank=True, default="", db_default="")
    check_kind = models.CharField(max_length=8, blank=True, default="", db_default="")
    provider_ref = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict)
    review = models.CharField(max_length=8, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    cost_minor = models.BigIntegerField(null=True)
    cost_currency = models.CharField(max_length=3, default="", db_default="")
    took_ms = models.IntegerField(null=True)

    class Meta:
        verbose_name_plural = "inquiries"
        constraints = [
            models.UniqueConstraint(
                fields=["consumer", "currency", "provider", "register"],
                name="inquiry_one_open_of_each",
                condition=Q(answered_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["consumer", "currency", "-answered_at"], name="inquiry_newest"),
            models.Index(fields=["answered_at"], name="inquiry_by_answer", condition=Q(answered_at__isnull=False)),
        ]
        triggers = [*kept(changing=["provider_ref", "data", "answered_at", "review", *ANSWER]), *INQUIRY]


class Declaration(Identified):
    """What a person said of their income and costs of a month; the newest in a currency counts, for as long as the market's law says.

    `figures` are the fields of `credit.rules.affording.Declared`, in minor units of the currency; `reference` is the checkout that asked,
    empty where the person corrected them on their own page. A correction is a row of its own. `is_raised`: it leaves more than what the
    person had declared when they were refused shortly before, so that people look at it.
    """

    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="declarations")
    currency = models.CharField(max_length=3)
    figures = EncryptedJSONField(person="consumer_id")
    reference = models.CharField(max_length=40, blank=True)
    is_raised = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["consumer", "currency", "-at"], name="declaration_newest")]
        triggers = kept()


HOLDERS = ("untold", "same", "other", "shared", "theirs", "refused")
"""Whose the accounts are: the bank told no name; the person's; somebody else's; also another person's; by an operator, theirs or not."""
DOUBTED = ("other", "shared")
"""What an operator has to decide about; it verifies nothing meanwhile."""


class BankAccess(Identified):
    """One reading of a person's bank accounts, which they allowed: what opens them is destroyed as soon as they were read.

    `handle` and `access` are secrets of the provider; both are empty once the access has ended there (`closed_at`). `ended_at` is when it
    was no longer wanted: read, taken back, or never used. `next_at` is when the end is due. `figures` are those at `read_at`, as
    `credit.banking.sums.Figures`; both are empty again if the person takes them back, and after half a year. With `watches` the
    person also lets us look at the balance before debits: then the access stays after the reading, until `next_at` at the latest.
    `reference` is the checkout from which the person went to their bank; empty if from none.

    `holder` says whose accounts they are (`HOLDERS`), by the names that the bank told (`holders`): only what is the person's own verifies
    an income. `marks` are keyed hashes of the bank's own marks of the accounts, and stay as long as the row: one account
    verifies one person. Where the names differ or the account verified somebody else, an operator decides (`holder_by`, `holder_at`).
    """

    PREFIX = "bka"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="bank_accesses")
    currency = models.CharField(max_length=3)
    provider = models.CharField(max_length=20)
    reference = models.CharField(max_length=40, blank=True, default="", db_default="")
    handle = EncryptedTextField(blank=True, person="consumer_id")
    access = EncryptedTextField(blank=True, person="consumer_id")
    figures = EncryptedJSONField(default=dict, person="consumer_id")
    watches = models.BooleanField(default=False, db_default=False)
    holder = models.CharField(max_length=8, choices=[(one, one) for one in HOLDERS], blank=True, default="", db_default="")
    holders = EncryptedJSONField(kind=list, default=list, db_default="", person="consumer_id", blank=True)
    marks = ArrayField(models.CharField(max_length=80), default=list, db_default=[], blank=True)
    holder_by = models.CharField(max_length=80, blank=True, default="", db_default="")
    holder_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "bank accesses"
        indexes = [
            models.Index(fields=["consumer", "currency", "-read_at"], name="bank_access_newest"),
            models.Index(fields=["next_at"], name="bank_access_open", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["started_at"], name="bank_access_by_start"),
            models.Index(fields=["started_at"], name="bank_access_read", condition=Q(read_at__isnull=False)),
            models.Index(fields=["consumer"], name="bank_access_watched", condition=Q(watches=True, closed_at__isnull=True)),
            GinIndex(fields=["marks"], name="bank_access_by_mark"),
            models.Index(fields=["read_at"], name="bank_access_doubted", condition=Q(holder__in=DOUBTED)),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.started_at:%Y-%m-%d}"

    @property
    def verifies_income(self) -> bool:
        """Whether the figures show a regular income for long enough, in accounts that are the person's own."""
        return self.is_own and bool(self.figures) and Figures(**self.figures).verifies_income

    @property
    def is_own(self) -> bool:
        """Whether nobody doubts that the accounts are the person's; readings from before this was asked count."""
        return self.holder not in {*DOUBTED, "refused"}


class BankCall(models.Model):
    """One call of a provider of open banking, for what it cost and how it answered; it names no person.

    `kind` is `visit` (the way to the bank), `read` (its movements; `refresh` if the person had shown them before), or `balance`. `outcome`
    is `ok`, or that of the failure (`credit.gateways.base`). `took_ms` is the real time of an answer. The cost in minor units is what the
    account's terms say of an answer. `reference` is the checkout from which the person went to their bank; empty if from none.
    """

    provider = models.CharField(max_length=20)
    market = models.CharField(max_length=2)
    brand = models.CharField(max_length=40)
    kind = models.CharField(max_length=8)
    outcome = models.CharField(max_length=12)
    took_ms = models.IntegerField()
    cost_minor = models.BigIntegerField()
    cost_currency = models.CharField(max_length=3)
    reference = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="bank_call_by_time"),
            models.Index(fields=["reference"], name="bank_call_by_checkout", condition=~Q(reference="")),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.at:%Y-%m-%d}"


class Decision(Identified):
    """One credit decision with all its inputs, so that it can be replayed.

    `step_up` decides nothing yet: the person is asked for another code, and is then decided on anew.
    `counter_minor` is how much of a refused amount the lender offered to lend instead, if the rest is paid as a deposit; 0 for none.
    """

    PREFIX = "dec"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="decisions")
    reference = models.CharField(max_length=40, db_index=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, null=True, related_name="decisions")
    outcome = models.CharField(max_length=8, choices=[(one, one) for one in (*GOES_ON, "decline", "step_up")])
    limit_minor = models.BigIntegerField()
    order_limit_minor = models.BigIntegerField()
    counter_minor = models.BigIntegerField(default=0, db_default=0)
    score = models.IntegerField()
    reasons = models.JSONField(default=list)
    inputs = models.JSONField()
    versions = models.JSONField()
    provider_ref = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["consumer", "-id"], name="decision_newest"), models.Index(fields=["at"], name="decision_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(counter_minor=0) | Q(outcome="decline", counter_minor__gt=0, counter_minor__lt=F("amount_minor")),
                name="decision_counter_within",
            ),
        ]
        triggers = [*kept(), approves_nobody_stopped("NEW.outcome = 'approve'")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.outcome}"

    @property
    def goes_on(self) -> bool:
        """Whether the person may choose a plan."""
        return self.outcome in GOES_ON


class Approval(Identified):
    """A purchase that people approved although it was refused (`decision`): until `until`, decisions about as much approve it.

    `granted_minor` is what the person may then owe in all, in the decision's currency. `left_minor` is what the operator saw proven to be
    left of a month's income; None where the bureau's figure counts. `why` says on what grounds (`credit.reasons.GROUNDS`), `note` what
    the operator saw; only operators read it. `actor` is one operator, or the proposal of two.
    """

    PREFIX = "apv"
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="approval")
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="approvals")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    granted_minor = models.BigIntegerField()
    left_minor = models.BigIntegerField(null=True)
    why = models.CharField(max_length=20)
    note = EncryptedTextField(person="consumer_id")
    actor = models.CharField(max_length=80)
    until = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0, granted_minor__gte=F("amount_minor")), name="approval_of_an_amount")
        ]
        indexes = [models.Index(fields=["consumer", "currency", "-until"], name="approval_newest")]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.decision_id} until {self.until:%Y-%m-%d}"


class Referral(Identified):
    """A decision that waits for a review at its data source.

    `next_at` says in product time when to ask again; `claimed_until` is a worker's lease, in wall time.
    """

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT)
    outcome = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="referral_open", condition=Q(resolved_at__isnull=True))]
        triggers = [*kept(changing=["outcome", "next_at", "claimed_until", "resolved_at", "resolved_by"]), *REFERRAL]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.outcome or 'open'}"


class LimitReview(Identified):
    """One daily review that moved a limit, with all that it used (`look`), so that it can be replayed.

    `decision` is the last one about the person, whose report was used again. `why` is the reason of the change; `reasons` are a cut's main
    reasons (`credit.reasons.SENTENCES`), empty where the limit rose.
    """

    PREFIX = "lrv"
    line = models.ForeignKey(CreditLine, on_delete=models.PROTECT, related_name="reviews")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="reviews")
    before_minor = models.BigIntegerField()
    limit_minor = models.BigIntegerField()
    order_limit_minor = models.BigIntegerField()
    score = models.IntegerField()
    why = models.CharField(max_length=60)
    reasons = models.JSONField(default=list)
    look = models.JSONField()
    version = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["line", "-id"], name="limit_review_newest")]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.before_minor} to {self.limit_minor}"

    @property
    def is_cut(self) -> bool:
        """Whether the limit fell, so that the person is sent a notice."""
        return self.limit_minor < self.before_minor


class ReviewPass(models.Model):
    """How far the daily review of limits has come: one row, with the day (UTC), and the key of the last line that was reviewed."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    day = models.DateField()
    after = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="review_pass_one")]

    def __str__(self) -> str:
        return f"{self.day}: {self.after or 'begins'}"
