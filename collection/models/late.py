"""What collecting keeps of its own: the days that were closed, how late plans were, what people promised, and cases with their calls."""

from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from collection.segments import ARM_CHOICES, NEED_CHOICES
from collection.states import CASE, PROMISE, CaseStatus, PromiseStatus
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful
from plans.models import Plan


class ClosedDay(models.Model):
    """The close of one day of a time zone: which steps are done, and how far the step under way has come.

    `done` maps each finished step to what it did to how many plans. `step` is the one under way, `after` the last plan that it passed,
    `count` what it did so far, and `left` the plans that somebody else held when it came by: they are tried again before the step ends.
    `fault` is the error that stopped it last, since `stuck_at`; empty while it goes on.
    """

    id = models.BigAutoField(primary_key=True)
    zone = models.CharField(max_length=40)
    day = models.DateField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    done = models.JSONField(default=dict)
    step = models.CharField(max_length=40, blank=True)
    after = models.UUIDField(null=True)
    count = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=list)
    fault = models.CharField(max_length=200, blank=True)
    stuck_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        constraints = [models.UniqueConstraint(fields=["zone", "day"], name="closed_day_once")]
        indexes = [models.Index(fields=["zone"], name="closed_day_open", condition=Q(closed_at=None))]
        triggers = [*kept(fixed=["zone", "day", "opened_at"]), settled("closed_stays", "OLD.closed_at IS NOT NULL")]

    def __str__(self) -> str:
        return f"{self.zone} {self.day}"


class Arrears(models.Model):
    """A time in which a plan was in one bucket of days past due, as of closed days: from `since` to the day before `until` (null: still).

    `buckets` has the bucket of each late installment, by number; another row begins when one of them changes. `late_minor` is what was late
    when the row began. A plan without a row, or between two, is current.
    """

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="arrears", db_index=False)
    since = models.DateField()
    until = models.DateField(null=True)
    bucket = models.CharField(max_length=10)
    buckets = models.JSONField()
    late_minor = models.BigIntegerField()

    class Meta:
        verbose_name = _("arrears")
        verbose_name_plural = _("arrears")
        constraints = [
            models.UniqueConstraint(fields=["plan", "since"], name="arrears_once_a_day"),
            models.UniqueConstraint(fields=["plan"], condition=Q(until=None), name="arrears_one_now"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="arrears_ends_later"),
        ]
        triggers = [*kept(changing=["until"]), settled("ended_stays", "OLD.until IS NOT NULL")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.bucket} since {self.since}"


class RolledDay(models.Model):
    """How many plans of a market, brand and product went from one bucket to another on a closed day, and what was late of them.

    Plans that stayed where they were count from a bucket to itself. Amounts are in minor units; those of plans that were current before and
    after are not counted, and are 0.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    market = models.CharField(max_length=2)
    brand = models.CharField(max_length=20)
    product = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    source = models.CharField(max_length=10)
    target = models.CharField(max_length=10)
    plans = models.PositiveIntegerField()
    late_minor = models.BigIntegerField()

    class Meta:
        verbose_name = _("roll rate")
        verbose_name_plural = _("roll rates")
        constraints = [
            models.UniqueConstraint(fields=["market", "day", "brand", "product", "currency", "source", "target"], name="rolled_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.market} {self.product}: {self.source} to {self.target}"


class Promise(Stateful, Identified):
    """A promise to pay an amount of a late plan on a day (the plan's), by the person or by an operator who talked to them (`made_by`).

    It is decided by the close of its day, or of an earlier one on which the amount was already paid: `paid_minor` is what was paid since it
    was made. While it waits, workers try nothing late of the plan again.
    """

    PREFIX = "prm"
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="promises", db_index=False)
    amount_minor = models.BigIntegerField()
    pay_on = models.DateField()
    late_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    status = PROMISE.field()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("promise to pay")
        verbose_name_plural = _("promises to pay")
        permissions = [("note_promise", "Can note a person's promise to pay")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lte=models.F("late_minor")), name="promise_of_what_is_late"
            ),
            models.UniqueConstraint(fields=["plan"], condition=Q(status=PromiseStatus.WAITING), name="promise_one_waits"),
            PROMISE.constraint("promise_status_known"),
        ]
        indexes = [
            models.Index(fields=["plan", "-id"], name="promise_of_plan"),
            models.Index(fields=["decided_at"], name="promise_decided"),
        ]
        triggers = [*kept(changing=["status", "paid_minor", "decided_at"]), *PROMISE.triggers()]

    @property
    def currency(self) -> str:
        """The plan's currency."""
        return self.plan.currency

    @PROMISE.transition
    def keep(self) -> None:
        """All of it was paid in time."""

    @PROMISE.transition
    def keep_partly(self) -> None:
        """Some of it was paid in time."""

    @PROMISE.transition
    def break_it(self) -> None:
        """Nothing of it was paid in time."""

    @PROMISE.transition
    def fall_away(self) -> None:
        """Nothing is late any more, though not by what was promised."""


class Case(Stateful, Identified):
    """A person of a brand who is late, with all their late plans together, for operators of the desk.

    The close of day opens it, notes how late they are by the end of the day (`rank` is the place of the bucket in
    `plans.rules.arrears`, `late_minor` what is late with fees, `late_others` that in other currencies), and closes it once nothing is
    late; who is late again has a new one.
    `taken_by` is the key of the operator who works on it; empty if nobody does.
    """

    PREFIX = "cas"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="cases", db_index=False)
    currency = models.CharField(max_length=3)
    status = CASE.field()
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    rank = models.PositiveSmallIntegerField()
    days = models.PositiveIntegerField()
    plans = models.PositiveIntegerField()
    late_minor = models.BigIntegerField()
    late_others = models.JSONField(default=dict, db_default=Value({}, output_field=models.JSONField()))
    taken_by = models.CharField(max_length=80, blank=True)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("late person")
        verbose_name_plural = _("late people")
        permissions = [("work_case", "Can take cases of late people, call them, and note deaths and insolvencies")]
        constraints = [
            models.UniqueConstraint(fields=["consumer"], condition=Q(status=CaseStatus.OPEN), name="case_one_open"),
            CASE.constraint("case_status_known"),
        ]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="case_of_consumer"),
            models.Index(fields=["-rank", "-late_minor", "id"], name="case_queue", condition=Q(status=CaseStatus.OPEN)),
        ]
        triggers = [
            *kept(fixed=["consumer", "currency", "opened_on"]),
            settled("closed_stays", "OLD.closed_on IS NOT NULL"),
            *CASE.triggers(),
        ]

    @CASE.transition
    def close(self) -> None:
        """Nothing of the person is late any more."""


class Call(Identified):
    """A call to a late person: begun by an operator (`begun_by`), and ended with its outcome, once. It counts from its beginning.

    `debts` are the keys of the plans that were late then, all of which it is about. `day` is the day at the person's place.
    """

    PREFIX = "cal"
    MISSED, SPOKE, WRONG, STOP = "not_reached", "spoke", "wrong_number", "asked_not"
    OUTCOMES = [
        (MISSED, _("Not reached")),
        (SPOKE, _("Spoke with the person")),
        (WRONG, _("Wrong number")),
        (STOP, _("Asked not to be called")),
    ]
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="calls", db_index=False)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="calls", db_index=False)
    debts = models.JSONField()
    day = models.DateField()
    begun_by = models.CharField(max_length=80)
    begun_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=OUTCOMES, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = [
            models.UniqueConstraint(fields=["consumer"], condition=Q(ended_at=None), name="call_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | Q(ended_at__isnull=False, outcome__in=["not_reached", "spoke", "wrong_number", "asked_not"]),
                name="call_ends_with_its_outcome",
            ),
        ]
        indexes = [models.Index(fields=["consumer", "-id"], name="call_of_consumer")]
        triggers = [*kept(changing=["outcome", "ended_at"]), settled("told_stays", "OLD.ended_at IS NOT NULL")]


class Task(Identified):
    """Something to do about a late person by a day, noted by an operator (`made_by`), and done once (`done_by`).

    `owner` is the key of the operator who is to do it; empty for whoever works on the case. The person's data key seals the words.
    """

    PREFIX = "tsk"
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    what = EncryptedTextField(person="consumer_id")
    due_on = models.DateField()
    owner = models.CharField(max_length=80, blank=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    done_by = models.CharField(max_length=80, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.CheckConstraint(condition=Q(done_at=None, done_by="") | (Q(done_at__isnull=False) & ~Q(done_by="")), name="task_done_by")
        ]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="task_of_consumer"),
            models.Index(fields=["case", "due_on"], name="task_to_do", condition=Q(done_at=None)),
        ]
        triggers = [*kept(changing=["done_by", "done_at"]), settled("done_stays", "OLD.done_at IS NOT NULL")]


class ContactStop(Identified):
    """A channel by which a person does not want to be asked to pay what is late, since they or an operator said so (`stopped_by`).

    It ends when either says otherwise (`ended_by`); who stops it once more has a new row.
    """

    PREFIX = "stp"
    CALL, SMS, EMAIL = "call", "sms", "email"
    CHANNELS = [(CALL, _("Calls")), (SMS, _("SMS")), (EMAIL, _("E-mail"))]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="contact_stops", db_index=False)
    channel = models.CharField(max_length=5, choices=CHANNELS)
    stopped_by = models.CharField(max_length=80)
    stopped_at = models.DateTimeField()
    ended_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("stopped channel")
        verbose_name_plural = _("stopped channels")
        constraints = [
            models.UniqueConstraint(fields=["consumer", "channel"], condition=Q(ended_at=None), name="contact_stop_one_now"),
            models.CheckConstraint(condition=Q(channel__in=["call", "sms", "email"]), name="contact_stop_channel_known"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="contact_stop_ended_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["consumer", "-id"], name="contact_stop_of_consumer")]
        triggers = [*kept(changing=["ended_by", "ended_at"]), settled("ended_stays", "OLD.ended_at IS NOT NULL")]


class Contact(models.Model):
    """A message that asked a late person to pay, counted when its sending begins, whatever comes of it.

    `reference` is the message's public id: a message that is tried again counts once.
    """

    id = models.BigAutoField(primary_key=True)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="contacts", db_index=False)
    channel = models.CharField(max_length=5, choices=ContactStop.CHANNELS)
    reference = models.CharField(max_length=40)
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [models.UniqueConstraint(fields=["reference"], name="contact_once")]
        indexes = [models.Index(fields=["consumer", "-day"], name="contact_of_consumer")]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.reference} by {self.channel}"


class Reminder(Identified):
    """One step of reminding a late person, about all that is late of them, as the market's setting of that day had it.

    `since` is the day from which on the person is late without a break, `number` the place of the step in the setting, and `days` how late
    they were. `by` is how it is sent (`collection.reminding.Step`). A step is taken once while they are late without a break. `arm` and
    `need` are those of the person's `LateNeed`; empty where no model was in charge or tried.
    """

    PREFIX = "rem"
    TONES = [("friendly", _("Friendly")), ("firm", _("Firm")), ("last", _("Last one"))]
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="reminders", db_index=False)
    since = models.DateField()
    number = models.PositiveSmallIntegerField()
    days = models.PositiveIntegerField()
    tone = models.CharField(max_length=10, choices=TONES)
    by = models.CharField(max_length=5, blank=True, db_default="")
    arm = models.CharField(max_length=10, choices=ARM_CHOICES, blank=True, db_default="")
    need = models.CharField(max_length=5, choices=NEED_CHOICES, blank=True, db_default="")
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["consumer", "since", "number"], name="reminder_once"),
            models.CheckConstraint(condition=Q(tone__in=["friendly", "firm", "last"]), name="reminder_tone_known"),
        ]
        indexes = [models.Index(fields=["consumer", "-id"], name="reminder_of_consumer")]
        triggers = kept()


class LateNotice(Identified):
    """A notice that the market's law demands while a plan is late: that it is in arrears, before a default, or before a hand-over.

    What follows waits until `days` days are over after the day on which it was told (`told_at`: its letter was sent). `since` is the day
    from which on the plan is late without a break, `number` counts the notices of a kind since then, and `law` is the law of that day.
    """

    PREFIX = "lnt"
    ARREARS, DEFAULT, HAND_OVER = "arrears", "default", "hand_over"
    KINDS = [(ARREARS, _("Notice of arrears")), (DEFAULT, _("Notice of default")), (HAND_OVER, _("Notice before a hand-over"))]
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="late_notices", db_index=False)
    kind = models.CharField(max_length=10, choices=KINDS)
    since = models.DateField()
    number = models.PositiveSmallIntegerField()
    days = models.PositiveIntegerField()
    law = models.CharField(max_length=200)
    day = models.DateField()
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notice to who is late")
        verbose_name_plural = _("notices to who is late")
        constraints = [
            models.UniqueConstraint(fields=["plan", "kind", "since", "number"], name="late_notice_once"),
            models.CheckConstraint(condition=Q(kind__in=["arrears", "default", "hand_over"]), name="late_notice_kind_known"),
        ]
        triggers = [*kept(changing=["told_at"]), settled("told_stays", "OLD.told_at IS NOT NULL")]


class Complaint(Identified):
    """A complaint of a late person, handed over to who answers it: until it is answered nobody asks the person to pay what is late.

    One operator hands it over (`made_by`), and one who may answer complaints ends it (`ended_by`). The person's data key seals the words.
    """

    PREFIX = "cpl"
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="complaints", db_index=False)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="complaints", db_index=False)
    about = EncryptedTextField(person="consumer_id")
    answer_by = models.DateField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    answer = EncryptedTextField(person="consumer_id", blank=True)
    ended_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        permissions = [("answer_complaint", "Can answer complaints of late people")]
        constraints = [
            models.UniqueConstraint(fields=["consumer"], condition=Q(ended_at=None), name="complaint_one_now"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")), name="complaint_ended_by"
            ),
        ]
        indexes = [models.Index(fields=["consumer", "-id"], name="complaint_of_consumer")]
        triggers = [*kept(changing=["answer", "ended_by", "ended_at"]), settled("ended_stays", "OLD.ended_at IS NOT NULL")]
