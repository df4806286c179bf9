"""The states of proposals, and their transitions."""

from enum import StrEnum

from core.states import Machine


class ProposalStatus(StrEnum):
    """The status of a proposal: another person decides, then it is applied once, on its day; or it ends without effect."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    APPLIED = "applied"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


PROPOSAL_OPEN = (ProposalStatus.PROPOSED, ProposalStatus.APPROVED)
"""Proposals that may still have an effect."""
PROPOSAL_ENDED = (ProposalStatus.APPLIED, ProposalStatus.REJECTED, ProposalStatus.WITHDRAWN, ProposalStatus.EXPIRED)
"""Proposals that never change again."""
PROPOSAL_DECIDED = (ProposalStatus.APPROVED, ProposalStatus.APPLIED, ProposalStatus.REJECTED)
"""Proposals that another person has decided."""

PROPOSAL = Machine(
    ProposalStatus,
    initial=[ProposalStatus.PROPOSED],
    transitions={
        "approve": ([ProposalStatus.PROPOSED], ProposalStatus.APPROVED),
        "reject": ([ProposalStatus.PROPOSED], ProposalStatus.REJECTED),
        "expire": ([ProposalStatus.PROPOSED], ProposalStatus.EXPIRED),
        "withdraw": (PROPOSAL_OPEN, ProposalStatus.WITHDRAWN),
        "apply": ([ProposalStatus.APPROVED], ProposalStatus.APPLIED),
    },
)


class RuleStatus(StrEnum):
    """The status of a version of rules: only a draft may change; an observed version, or one that was in force, never does."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"
    RETIRED = "retired"
    DISCARDED = "discarded"


RULES_WRITTEN = (RuleStatus.SHADOW, RuleStatus.LIVE, RuleStatus.RETIRED, RuleStatus.DISCARDED)
"""Versions whose rules never change again."""
RULES_PROPOSABLE = (RuleStatus.DRAFT, RuleStatus.SHADOW, RuleStatus.RETIRED)
"""Versions that may come into force."""

RULES = Machine(
    RuleStatus,
    initial=[RuleStatus.DRAFT],
    transitions={
        "observe": ([RuleStatus.DRAFT], RuleStatus.SHADOW),
        "begin": (RULES_PROPOSABLE, RuleStatus.LIVE),
        "retire": ([RuleStatus.SHADOW, RuleStatus.LIVE], RuleStatus.RETIRED),
        "discard": ([RuleStatus.DRAFT], RuleStatus.DISCARDED),
    },
)


class TrialStatus(StrEnum):
    """The status of a trial of rules on cases of the past."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


TRIAL_OPEN = (TrialStatus.WAITING, TrialStatus.RUNNING)

TRIAL = Machine(
    TrialStatus,
    initial=[TrialStatus.WAITING],
    transitions={
        "run": (TRIAL_OPEN, TrialStatus.RUNNING),
        "finish": (TRIAL_OPEN, TrialStatus.FINISHED),
        "fail": (TRIAL_OPEN, TrialStatus.FAILED),
    },
)
