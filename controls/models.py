"""Proposals of one person that another decides, and who works on which task."""

from django.db import models
from django.db.models import F, Q, Value

from controls.states import PROPOSAL, PROPOSAL_DECIDED, PROPOSAL_ENDED, PROPOSAL_OPEN, ProposalStatus
from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful, words


class Proposal(Stateful, Identified):
    """A change that one person proposes and another decides: what would change, from which values to which, since when and why.

    `kind` names who carries it out (`controls.kinds`), `subject` what it is about, as that kind names it. `before` and `after` hold plain
    values by their names. `due_at` is when it is applied after the approval; `starts_on` is that day at the subject's place, and empty for
    a change that holds at once. `trouble` says why it could not be applied on its day; it waits for people then. `trouble_facts` are the
    same in sentences with their facts (`core.sentences.kept`), each with the value at fault, if any. The people are keys of
    operators. A row is evidence: it is never changed after its end, and never deleted.
    """

    PREFIX = "prp"
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    before = models.JSONField(default=dict)
    after = models.JSONField()
    reason = models.CharField(max_length=500)
    starts_on = models.DateField(null=True)
    due_at = models.DateTimeField()
    status = PROPOSAL.field()
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=500, blank=True)
    trouble_facts = models.JSONField(default=list, db_default=Value([], output_field=models.JSONField()), blank=True)
    outcome = models.CharField(max_length=80, blank=True)

    class Meta:
        permissions = [
            ("propose_shop", "Can propose changes of shops"),
            ("approve_shop", "Can decide proposed changes of shops"),
            ("propose_offer", "Can propose changes of products and markets"),
            ("approve_offer", "Can decide proposed changes of products and markets"),
            ("propose_limit", "Can propose limits of people by hand"),
            ("approve_limit", "Can decide proposed limits of people"),
            ("propose_brand", "Can propose legal entities and hosts of brands"),
            ("approve_brand", "Can decide proposed legal entities and hosts of brands"),
        ]
        constraints = [
            PROPOSAL.constraint("proposal_status_known"),
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(status__in=list(PROPOSAL_OPEN)), name="proposal_one_open"),
            models.CheckConstraint(
                condition=~Q(status__in=list(PROPOSAL_DECIDED)) | (~Q(decided_by="") & ~Q(decided_by=F("proposed_by"))),
                name="proposal_by_two",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "subject", "-id"], name="proposal_of_subject"),
            models.Index(fields=["expires_at"], name="proposal_undecided", condition=Q(status=ProposalStatus.PROPOSED)),
            models.Index(fields=["due_at"], name="proposal_to_apply", condition=Q(status=ProposalStatus.APPROVED)),
        ]
        triggers = [
            *kept(changing=["status", "decided_by", "decided_at", "note", "ended_by", "ended_at", "trouble", "trouble_facts", "outcome"]),
            *PROPOSAL.triggers(),
            settled("ended_stays", f"OLD.status IN ({words(PROPOSAL_ENDED)})"),
            settled("decided_stays", f"OLD.status = '{ProposalStatus.APPROVED}'", fixed=["decided_by", "decided_at", "note"]),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.status}"

    @property
    def is_open(self) -> bool:
        """Whether it may still have an effect."""
        return self.status in PROPOSAL_OPEN

    @PROPOSAL.transition
    def approve(self) -> None:
        """Another person agrees; it is applied when its day has come."""

    @PROPOSAL.transition
    def reject(self) -> None:
        """Another person does not agree."""

    @PROPOSAL.transition
    def withdraw(self) -> None:
        """It is taken back before it had an effect."""

    @PROPOSAL.transition
    def expire(self) -> None:
        """Nobody decided in time."""

    @PROPOSAL.transition
    def apply(self) -> None:
        """It was carried out."""


class Assignment(models.Model):
    """Who works on a task of the work list, and until when; after that the task is free for anybody again.

    `kind` and `subject` name the task; one row a task, so that two people never have the same one.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=80)
    person = models.CharField(max_length=80)
    given_by = models.CharField(max_length=80)
    taken_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        permissions = [("assign_task", "Can give tasks of the work list to others")]
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="assignment_one_a_task")]
        indexes = [
            models.Index(fields=["person", "until"], name="assignment_of_person"),
            models.Index(fields=["until"], name="assignment_until"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
