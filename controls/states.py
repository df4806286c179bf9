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
"""Proposals that stay as they are."""
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
