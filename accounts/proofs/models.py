"""Pictures that prove who a person is, and what came of them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Consumer, User
from accounts.states import PROOF, PROOF_OPEN, ProofLevel, ProofStatus
from core.crypto import EncryptedJSONField, EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful, words

DOCUMENTS = [("passport", _("Passport")), ("card", _("Identity card")), ("licence", _("Driving license"))]
PARTS = [("front", _("Front of the document")), ("back", _("Back of the document")), ("selfie", _("Picture of the person"))]
LEVELS = [(ProofLevel.DOCUMENT.value, _("Document")), (ProofLevel.SELFIE.value, _("Document and selfie"))]


class IdentityProof(Stateful, Identified):
    """Pictures that a person sent at one time to prove who they are, and the decision about them.

    `provider` is the account of the company that looked at them, empty where none did; `evidence` is what it told. `review_by` is when a
    reviewer has to have decided. `ends_on` is the last day of the document: the proof ends with it. The pictures themselves are
    `IdentityPicture`, and are deleted earlier.
    """

    PREFIX = "idp"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="identity_proofs", db_index=False)
    level = models.CharField(max_length=10, choices=LEVELS)
    document = models.CharField(max_length=10, choices=DOCUMENTS)
    reference = models.CharField(max_length=40, blank=True)
    provider = models.CharField(max_length=20, blank=True)
    provider_ref = models.CharField(max_length=120, blank=True)
    status = PROOF.field()
    reasons = models.JSONField(default=list)
    evidence = EncryptedJSONField(blank=True, person="consumer_id")
    sent_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    review_by = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    note = EncryptedTextField(blank=True, person="consumer_id")
    ends_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("identity check by pictures")
        verbose_name_plural = _("identity checks by pictures")
        constraints = [
            PROOF.constraint("identity_proof_status_known"),
            models.UniqueConstraint(
                fields=["consumer"], condition=Q(status__in=[one.value for one in PROOF_OPEN]), name="identity_proof_open_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[one.value for one in PROOF_OPEN], decided_at=None)
                | Q(~Q(status__in=[one.value for one in PROOF_OPEN]), decided_at__isnull=False),
                name="identity_proof_decided_when",
            ),
        ]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="identity_proof_newest"),
            models.Index(fields=["status", "-id"], name="identity_proof_by_status"),
            models.Index(fields=["next_at"], name="identity_proof_open", condition=Q(next_at__isnull=False)),
            models.Index(fields=["ends_on"], name="identity_proof_ends", condition=Q(status=ProofStatus.ACCEPTED.value)),
        ]
        triggers = [
            *kept(fixed=["consumer", "level", "document", "reference", "provider", "sent_at"]),
            *PROOF.triggers(),
            settled("decided_stays", f"OLD.status NOT IN ({words(PROOF_OPEN)})", changing=["status"]),
        ]
        permissions = [("review_proof", "Can see pictures of identity documents, and decide about them")]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.status}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.status in PROOF_OPEN

    @property
    def is_accepted(self) -> bool:
        """Whether the pictures show the person, with a document that has not ended."""
        return bool(self.status == ProofStatus.ACCEPTED)

    @property
    def is_company_looking(self) -> bool:
        """Whether a company looks at them, which takes minutes, and no person here."""
        return bool(self.status == ProofStatus.CHECKING)

    @PROOF.transition
    def ask_reviewer(self) -> None:
        """No company decided: a person here looks at the pictures."""

    @PROOF.transition
    def accept(self) -> None:
        """The pictures show the person."""

    @PROOF.transition
    def refuse(self) -> None:
        """The pictures do not show the person, or cannot be read."""

    @PROOF.transition
    def end(self) -> None:
        """The document has ended."""


class IdentityPicture(Identified):
    """A picture of a proof, drawn anew (`accounts.proofs.pictures`) and encrypted with the person's key; `content` is a JPEG in base64.

    The row is deleted after a while (`accounts.retentions`); its proof stays.
    """

    PREFIX = "pic"
    proof = models.ForeignKey(IdentityProof, on_delete=models.PROTECT, db_index=False, related_name="pictures")
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+", db_index=False)
    part = models.CharField(max_length=10, choices=PARTS)
    sha256 = models.CharField(max_length=64)
    content = EncryptedTextField(person="consumer_id")
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proof", "part"], name="identity_picture_once")]
        indexes = [
            models.Index(fields=["sent_at"], name="identity_picture_by_age"),
            models.Index(fields=["consumer"], name="identity_picture_of"),
        ]
        triggers = [settled("unchanged", "TRUE", fixed=["proof", "consumer", "part", "sha256", "sent_at"])]

    def __str__(self) -> str:
        return f"{self.part} of {self.proof_id}"
