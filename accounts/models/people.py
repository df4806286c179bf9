"""People: consumers, and the users who work for merchants or operate the platform."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q, Value
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.guards import RIGHTS
from accounts.rules import normalize_email, stored_email
from accounts.rules.requests import KINDS, OUTCOMES
from accounts.states import CHECK, IDENTITY, REQUEST, RequestStatus
from brands.models import DEFAULT, Brand
from core.crypto import EncryptedJSONField, EncryptedTextField
from core.evidence import Numbered, kept, numbered, settled
from core.ids import Identified, uuid7
from core.states import Stateful
from markets.models import Market


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user who may sign in, with the rights of their roles."""
        user = self.model(email=normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with an e-mail address in any of its forms; DoesNotExist."""
        return self.get(email=stored_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works in a shop (a member of its team) or for the lender (an operator, `is_staff`).

    `sessions_ended` counts how often all sessions of the user were ended: a session is compared with it, as with the password.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField("operator", default=False)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=8, blank=True, default="", db_default="")
    sessions_ended = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name of the user in the back office."""
        return str(self)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must hold to count; until sessions were ended for the first time, it is Django's own."""
        own: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]
        if not self.sessions_ended:
            return own
        return salted_hmac("accounts.sessions_ended", f"{own}:{self.sessions_ended}", secret=secret, algorithm="sha256").hexdigest()

    @property
    def works_here(self) -> bool:
        """Whether the user is an active operator."""
        return self.is_staff and self.is_active

    def may(self, permission: str) -> bool:
        """Whether the user is an active operator with a permission."""
        return self.works_here and self.has_perm(permission)


class UserChange(Numbered, Identified):
    """One change of a user's rights: the rights before, the rights after, and who made the change; `reason` where one person did it alone.

    Nobody has rights without a row: rights from before this history were recorded when it began.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="changes")
    before = models.JSONField(default=dict)
    after = models.JSONField()
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-number"], name="user_change_newest")]
        triggers = [*kept(), numbered(), RIGHTS]

    def __str__(self) -> str:
        return f"{self.user_id} by {self.actor}"


class Consumer(Stateful, Identified):
    """A natural person who buys and pays; all data that identifies the person is encrypted.

    `email_hash` and `phone_hash` are set only for contacts confirmed with a one-time code: only these identify a consumer. A person may
    have several accounts, each with its own contacts: `person` is the first account, and empty in the first account itself.

    `language` is empty until they choose one. `classes` holds the code of the class on each axis, for quick reading, and under `pinned` the
    axes that rules must not change; `ClassChange` has the history.

    `behavior` holds what rules let the account do while its person is late (`collection.behaving`), and is empty for everybody else.

    `signed_out` says which sessions count no more: those from before a moment, and those of some devices (`accounts.devices`).
    """

    PREFIX = "con"
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, default=DEFAULT, db_default=DEFAULT, db_index=False)
    market = models.ForeignKey(Market, on_delete=models.PROTECT)
    locale = models.CharField(max_length=10)
    language = models.CharField(max_length=8, blank=True, default="", db_default="")
    time_zone = models.CharField(max_length=40)
    email = EncryptedTextField(blank=True, person="pk")
    email_hash = models.CharField(max_length=64, null=True)  # noqa: DJ001  (unknown, not empty)
    phone = EncryptedTextField(blank=True, person="pk")
    phone_hash = models.CharField(max_length=64, null=True)  # noqa: DJ001  (unknown, not empty)
    name = EncryptedTextField(blank=True, person="pk")
    birth_date = EncryptedTextField(blank=True, person="pk")
    address = EncryptedJSONField(blank=True, person="pk")
    identity = IDENTITY.field()
    person = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="other_accounts", db_index=False)
    classes = models.JSONField(default=dict, db_default=Value({}, output_field=models.JSONField()), blank=True)
    behavior = models.JSONField(default=dict, db_default=Value({}, output_field=models.JSONField()), blank=True)
    signed_out = models.JSONField(default=dict, db_default=Value({}, output_field=models.JSONField()), blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email_hash__isnull=False) | Q(phone_hash__isnull=False), name="consumer_reachable"),
            models.UniqueConstraint(fields=["email_hash", "brand"], name="consumer_email_once"),
            models.UniqueConstraint(fields=["phone_hash", "brand"], name="consumer_phone_once"),
            IDENTITY.constraint("consumer_identity_known"),
        ]
        indexes = [
            models.Index(fields=["person"], name="consumer_of_person", condition=Q(person__isnull=False)),
            models.Index(fields=["brand"], name="consumer_of_brand"),
            models.Index(fields=["id"], name="consumer_paying_late", condition=Q(classes__fee_status="late")),
            models.Index(fields=["id"], name="consumer_behaving", condition=~Q(behavior={})),
        ]
        triggers = IDENTITY.triggers()
        permissions = [
            ("view_person", "Can find people, and see their names, contacts, messages and notes"),
            ("look_after_person", "Can write notes about people, and block or unblock them"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def holder_id(self) -> uuid.UUID:
        """The key of the person, which is the key of their first account."""
        found: uuid.UUID = self.person_id or self.pk
        return found

    @property
    def erased_hash(self) -> str:
        """The value that replaces the hash of an e-mail address once the person is erased: no address has it."""
        return f"erased:{self.pk.hex}"

    @property
    def is_erased(self) -> bool:
        """Whether the person's data was erased."""
        return self.email_hash == self.erased_hash

    @IDENTITY.transition
    def await_identity(self) -> None:
        """A check was requested and is still pending."""

    @IDENTITY.transition
    def verify_identity(self) -> None:
        """A check confirmed the person's identity."""

    @IDENTITY.transition
    def reject_identity(self) -> None:
        """A check did not confirm the person's identity."""


class PersonKey(Identified):
    """A keyed hash of name, birth date and place; equal keys show that two verified accounts belong to the same person.

    Each place where the person lived makes a key; `consumer` is the person's first account.
    """

    PREFIX = "psk"
    key_hash = models.CharField(max_length=64, unique=True)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="person_keys")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.consumer_id}"


class IdentityCheck(Stateful, Identified):
    """One check of a person by a KYC provider, or its result; rows never change, and the newest one counts.

    The row made before the provider is called is `pending` and has a `next_at` (product time) until the check is settled; the result is
    another row with the same `reference`. `claimed_until` is a worker's lease, in wall time.
    """

    PREFIX = "idc"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="identity_checks")
    reference = models.CharField(max_length=40)
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=120, blank=True)
    result = CHECK.field(max_length=10)
    reasons = models.JSONField(default=list)
    evidence = EncryptedJSONField(blank=True, person="consumer_id")
    details_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "result"], name="identity_check_result_once"),
            CHECK.constraint("identity_check_result_known"),
        ]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="identity_check_newest"),
            models.Index("next_at", name="identity_check_open", condition=Q(next_at__isnull=False)),
        ]
        triggers = [*kept(changing=["next_at", "claimed_until"]), *CHECK.triggers()]

    def __str__(self) -> str:
        return f"{self.reference} {self.result}"


SUBJECTS = ("details", "contact", "identity", "person")


class ConsumerChange(Identified):
    """One change of a consumer's details or identity: the fields or the state, and who made it; never the values themselves."""

    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="changes")
    subject = models.CharField(max_length=20, choices=[(name, name) for name in SUBJECTS])
    change = models.JSONField()
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["consumer", "-id"], name="consumer_change_newest")]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.subject} of {self.consumer_id}"


class SignInCode(Identified):
    """A one-time code that was sent; only the verification provider knows the code itself.

    `device_hash` is the hash of the browser that requested the code, `ip_hash` of its network; `provider` is the account that sent it. Rows
    with the same `provider_ref` are the same code, sent again while it was pending at the provider.
    """

    PREFIX = "otc"
    channel = models.CharField(max_length=5, choices=[("email", "e-mail"), ("sms", "SMS")])
    destination = EncryptedTextField()
    destination_hash = models.CharField(max_length=64)
    ip_hash = models.CharField(max_length=64, blank=True)
    device_hash = models.CharField(max_length=64, blank=True)
    provider = models.CharField(max_length=20, blank=True, default="", db_default="")
    provider_ref = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["destination_hash", "-sent_at"], name="sign_in_code_recent"),
            models.Index(fields=["ip_hash", "-sent_at"], name="sign_in_code_recent_ip", condition=~Q(ip_hash="")),
            models.Index(fields=["sent_at"], name="sign_in_code_age"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Consent(Identified):
    """A consumer's consent to a text, or its withdrawal (`given` is false): purpose (`kind`), version, language, and the hash of the text.

    `how` says where the consumer gave or withdrew it. Rows from before the language was stored have none.
    """

    WAYS = [("checkout", _("At a checkout")), ("account", _("In the account")), ("operator", _("By an operator"))]

    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=30)
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=8, blank=True, default="", db_default="")
    text_hash = models.CharField(max_length=64)
    given = models.BooleanField(default=True, db_default=True)
    how = models.CharField(max_length=10, choices=WAYS, blank=True, default="", db_default="")
    reference = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["consumer", "-id"], name="consent_newest")]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class ConsumerRequest(Stateful, Identified):
    """A consumer's request to a person; it stays on the work list until an operator answers it in words.

    `reference` is the public id of its subject (an order, a checkout), or empty. `due_date` is the day, in the consumer's time zone, by
    which it must be answered.
    """

    PREFIX = "crq"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=20, choices=[(kind, _(told.label)) for kind, told in KINDS.items()])
    reference = models.CharField(max_length=40, blank=True)
    text = EncryptedTextField(blank=True, person="consumer_id")
    status = REQUEST.field()
    due_date = models.DateField()
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=[(outcome, _(label)) for outcome, label in OUTCOMES.items()], blank=True)
    answer = EncryptedTextField(blank=True, person="consumer_id")
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="answered_requests")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consumer", "kind", "reference"], name="request_open_once", condition=Q(status=RequestStatus.OPEN)
            ),
            REQUEST.constraint("request_status_known"),
            models.CheckConstraint(
                condition=Q(status=RequestStatus.OPEN, answered_by=None, outcome="")
                | (Q(status=RequestStatus.ANSWERED, answered_by__isnull=False, answered_at__isnull=False) & ~Q(outcome="") & ~Q(answer="")),
                name="request_answered_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["due_date", "id"], name="request_waiting", condition=Q(status=RequestStatus.OPEN)),
            models.Index(fields=["consumer", "-id"], name="request_of_consumer"),
        ]
        triggers = [
            *kept(fixed=["consumer", "kind", "reference", "text", "due_date", "asked_at"]),
            *REQUEST.triggers(),
            settled("answered_stays", f"OLD.status = '{RequestStatus.ANSWERED}'"),
        ]
        permissions = [("answer_request", "Can answer what consumers ask of a person")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.public_id}"

    @REQUEST.transition
    def close(self) -> None:
        """An operator has answered the request."""


class OnboardingStep(models.Model):
    """The first time that a consumer reached a step of onboarding."""

    id = models.BigAutoField(primary_key=True)
    consumer = models.ForeignKey(Consumer, on_delete=models.CASCADE)
    step = models.CharField(max_length=30)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consumer", "step"], name="onboarding_step_once")]

    def __str__(self) -> str:
        return self.step
