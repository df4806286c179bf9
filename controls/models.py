"""Proposals, assignments of tasks, absences, routes, versions of rules with their cases and trials, and changes of settings."""

from django.db import models
from django.db.models import F, Q, Value

from controls import guards
from controls.audit.models import AuditAnchor, AuditHead, AuditRow, AuditSeal
from controls.states import (
    PROPOSAL,
    PROPOSAL_DECIDED,
    PROPOSAL_ENDED,
    PROPOSAL_OPEN,
    RULES,
    RULES_WRITTEN,
    TRIAL,
    TRIAL_OPEN,
    ProposalStatus,
    RuleStatus,
)
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from core.states import Stateful, words

__all__ = [
    "Absence",
    "Assignment",
    "AuditAnchor",
    "AuditHead",
    "AuditRow",
    "AuditSeal",
    "EvidenceFile",
    "Proposal",
    "Route",
    "RuleCase",
    "RuleTrial",
    "RuleVersion",
    "SettingChange",
]

LONGEST_OUTCOME = 400
"""The most characters that are kept of a case's outcome with its values."""
SIGNED = ("decided_by", "decided_at", "note", "signature")
"""The columns that the second person's decision fills."""


class Proposal(Stateful, Identified):
    """A change that one person proposes and another decides: the values before and after, the first day, and the reason.

    `kind` names the kind that carries it out (`controls.kinds`), `subject` identifies the changed object in the terms of that kind.
    `before` and `after` are plain values by name. `due_at` is when it is applied after the approval; `starts_on` is that day in the
    subject's time zone, and empty for a change at once. `trouble` says why it could not be applied on its day; it then waits for people.
    `trouble_facts` has the same as sentences with facts (`core.sentences.kept`), each with the value at fault, if any. People are keys of
    operators. `needs` is the permission that the second person must have. `signature` binds the decision to both people
    (`controls.signing`): the database refuses a decision of anybody else, and nothing is carried out without a valid signature. `evidence`
    is free text with links (https), and `files` says which files show it, each with name, type, size in bytes and SHA-256
    (`EvidenceFile` has their content). A proposed change is never edited: a changed version is a new proposal that `replaces` it and
    has no signature yet. A row is evidence: it is never changed after its end, and never deleted.
    """

    PREFIX = "prp"
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    before = models.JSONField(default=dict)
    after = models.JSONField()
    reason = models.CharField(max_length=500)
    evidence = models.CharField(max_length=2000, blank=True, default="", db_default="")
    files = models.JSONField(default=list, db_default=Value([], output_field=models.JSONField()), blank=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    starts_on = models.DateField(null=True)
    due_at = models.DateTimeField()
    status = PROPOSAL.field()
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    needs = models.CharField(max_length=80, blank=True, default="", db_default="")
    decided_by = models.CharField(max_length=80, blank=True)
    signature = models.CharField(max_length=64, blank=True, default="", db_default="")
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
            ("propose_rules", "Can write rules and propose them"),
            ("approve_rules", "Can decide proposed rules, and go back to earlier ones"),
            ("propose_movement", "Can propose to close movements without an answer by hand"),
            ("approve_movement", "Can decide proposed ends of movements"),
            ("propose_refund", "Can propose refunds that are too large for one person"),
            ("approve_refund", "Can decide proposed refunds"),
            ("propose_access", "Can propose what somebody may do in the back office"),
            ("approve_access", "Can decide what somebody may do in the back office"),
            ("propose_keys", "Can propose keys of providers"),
            ("approve_keys", "Can decide proposed keys of providers"),
            ("propose_list", "Can propose entries of block and allow lists that concern many people"),
            ("approve_list", "Can decide proposed entries of block and allow lists"),
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
            *kept(changing=[*SIGNED, "status", "ended_by", "ended_at", "trouble", "trouble_facts", "outcome"]),
            *PROPOSAL.triggers(),
            *guards.PROPOSAL,
            settled("ended_stays", f"OLD.status IN ({words(PROPOSAL_ENDED)})"),
            settled("decided_stays", f"OLD.status = '{ProposalStatus.APPROVED}'", fixed=SIGNED),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}, {self.status}"

    @property
    def is_open(self) -> bool:
        """Whether it may still have an effect."""
        return self.status in PROPOSAL_OPEN

    @PROPOSAL.transition
    def approve(self) -> None:
        """Another person agrees; it is applied on its day."""

    @PROPOSAL.transition
    def reject(self) -> None:
        """Another person does not agree."""

    @PROPOSAL.transition
    def withdraw(self) -> None:
        """It is withdrawn before it had an effect."""

    @PROPOSAL.transition
    def expire(self) -> None:
        """Nobody decided in time."""

    @PROPOSAL.transition
    def apply(self) -> None:
        """It was carried out."""


class EvidenceFile(Identified):
    """The content of a file that shows that a proposal is right, encrypted; its proposal says name, type, size and SHA-256 (`files`).

    The row is deleted after some years (`controls.retentions`); the proposal keeps name, type, size and hash.
    """

    PREFIX = "evf"
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, db_index=False, related_name="contents")
    sha256 = models.CharField(max_length=64)
    content = EncryptedTextField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "sha256"], name="evidence_file_once")]
        indexes = [models.Index(fields=["added_at"], name="evidence_file_by_age")]
        triggers = [settled("unchanged", "TRUE", fixed=["proposal", "sha256", "added_at"]), *guards.FILE]

    def __str__(self) -> str:
        return self.sha256


class Assignment(models.Model):
    """Who works on a task of the work list, and until when; after that, anybody may take the task.

    `kind` and `subject` identify the task. There is one row per task, so that two people never have the same task.
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


class Absence(Identified):
    """The days on which an operator is away (both included, UTC), and who stands in for them when others' proposals are decided.

    A stand-in needs rights of their own: an absence gives nobody a right. `stand_in` is empty if nobody stands in. People are
    keys of operators. An absence ends early (`ended_at`) when its person is back.
    """

    PREFIX = "abs"
    person = models.CharField(max_length=80)
    stand_in = models.CharField(max_length=80, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=500)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = "absence", "absences"
        constraints = [
            models.CheckConstraint(condition=~Q(stand_in=F("person")), name="absence_not_by_oneself"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_has_days"),
        ]
        indexes = [models.Index(fields=["ends_on"], name="absence_to_come", condition=Q(ended_at__isnull=True))]
        triggers = [*kept(changing=["ended_at"]), settled("ended_stays", "OLD.ended_at IS NOT NULL", fixed=["ended_at"]), *guards.ABSENCE]

    def __str__(self) -> str:
        return f"{self.person}, {self.starts_on}"


class Route(models.Model):
    """Who is notified of a matter, such as proposals of a kind, and sees it on their work list; the newest row of a `kind` applies.

    `people` are keys of operators, `roles` names of groups; if both are empty, everybody who may act on it is notified. A route gives
    nobody a right. `made_by` is the key of an operator. A row is evidence: it is never changed, and never deleted.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=160)
    people = models.JSONField(default=list)
    roles = models.JSONField(default=list)
    reason = models.CharField(max_length=500)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = "route", "routes"
        indexes = [models.Index(fields=["kind", "-id"], name="routes_of_kind")]
        triggers = kept()

    def __str__(self) -> str:
        return self.kind


class RuleVersion(Stateful, Identified):
    """A version of all rules of a kind (`controls.rule_kinds`).

    `content` is the JSON that `controls.rules.reading` reads. `revision` counts the changes of a draft, so that two people who change it at
    the same time notice. One version of a kind is in force at a time, and at most one other is observed; `observed_at` and `began_at` are
    the times when that began. People are keys of operators; `began_by` is the proposal, or the person who went back to an earlier version.
    """

    PREFIX = "rul"
    kind = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    content = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=500, blank=True)
    status = RULES.field()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()
    observed_at = models.DateTimeField(null=True)
    began_by = models.CharField(max_length=80, blank=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            RULES.constraint("rules_status_known"),
            models.UniqueConstraint(fields=["kind", "number"], name="rules_number_once"),
            models.UniqueConstraint(fields=["kind"], condition=Q(status=RuleStatus.LIVE), name="rules_one_live"),
            models.UniqueConstraint(fields=["kind"], condition=Q(status=RuleStatus.SHADOW), name="rules_one_observed"),
            models.CheckConstraint(condition=~Q(status=RuleStatus.LIVE) | ~Q(began_by=""), name="rules_begun_by_somebody"),
        ]
        triggers = [
            *kept(fixed=["kind", "number", "made_by", "made_at"]),
            *RULES.triggers(),
            settled(
                "written_stays",
                f"OLD.status IN ({words(RULES_WRITTEN)})",
                fixed=["content", "revision", "note", "changed_by", "changed_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.number}"

    @RULES.transition
    def observe(self) -> None:
        """It is evaluated beside the version in force, without effect."""

    @RULES.transition
    def begin(self) -> None:
        """It is in force from now on."""

    @RULES.transition
    def retire(self) -> None:
        """It is no longer in force or observed."""

    @RULES.transition
    def discard(self) -> None:
        """It is given up."""


class RuleCase(Identified):
    """A case for which rules were evaluated: its place, its facts at that time, and the result of each version.

    Facts are stored by their types (`controls.rules.facts`), and do not identify a person. `version` is the number of the version in force,
    0 if none. `findings` are its rules that held, each `[rule, row, outcome, reason, value]`, and `outcome` is the one that counts
    (`RuleKind.gravest`), empty if no rule held. `observed` is the number of the observed version, 0 if none.
    """

    PREFIX = "rcs"
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    at = models.DateTimeField()
    brand = models.CharField(max_length=40)
    market = models.CharField(max_length=2)
    merchant = models.CharField(max_length=40, blank=True)
    groups = models.JSONField(default=list)
    on = models.DateField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    facts = models.JSONField()
    version = models.PositiveIntegerField()
    outcome = models.CharField(max_length=LONGEST_OUTCOME, blank=True)
    findings = models.JSONField(default=list)
    observed = models.PositiveIntegerField(default=0)
    observed_outcome = models.CharField(max_length=LONGEST_OUTCOME, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="rule_case_by_time"),
            models.Index(fields=["kind", "subject"], name="rule_case_of_subject"),
            models.Index(
                fields=["kind", "observed", "-at"],
                name="rule_case_differs",
                condition=Q(observed__gt=0) & ~Q(outcome=F("observed_outcome")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class RuleTrial(Stateful, Identified):
    """A trial of a version on past cases: what it would have decided.

    `found` has the counts of `controls.rules.trials` as JSON; `asked` of `whole` cases are done.
    """

    PREFIX = "rtr"
    version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="trials")
    revision = models.PositiveIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    status = TRIAL.field()
    started_by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    whole = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=dict)

    class Meta:
        constraints = [
            TRIAL.constraint("trial_status_known"),
            models.UniqueConstraint(fields=["version"], condition=Q(status__in=list(TRIAL_OPEN)), name="trial_one_open"),
        ]
        indexes = [models.Index(fields=["started_at"], name="trial_open", condition=Q(status__in=list(TRIAL_OPEN)))]
        triggers = TRIAL.triggers()

    def __str__(self) -> str:
        return f"{self.public_id}, {self.status}"

    @TRIAL.transition
    def run(self) -> None:
        """A worker evaluates the rules."""

    @TRIAL.transition
    def finish(self) -> None:
        """All cases are done."""

    @TRIAL.transition
    def fail(self) -> None:
        """It failed."""


class SettingChange(models.Model):
    """A change of a setting (`core.adjusting`) by an operator; the newest change of a name has the value in force.

    `value` is empty if the setting went back to its default; `before` is the value until then. `actor` is the key of an operator, or the
    proposal that two people agreed on; for a dangerous setting the database takes nothing else (`controls.guards`). A row is evidence: it
    is never changed, and never deleted.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=60)
    value = models.BigIntegerField(null=True)
    before = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = "change of a setting", "settings"
        permissions = [
            ("change_setting", "Can change settings that one person may change"),
            ("propose_setting", "Can propose settings that take two people"),
            ("approve_setting", "Can decide proposed settings"),
        ]
        indexes = [models.Index(fields=["name", "-id"], name="setting_changes")]
        triggers = [*kept(), *guards.CHANGE]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"
