"""The signature of a decision, made by the program for two people. Somebody with access only to the database cannot make it.

It binds the decision to the proposal with all its values, to both people and to the time. A row whose status was not written by the
services has no valid signature, and is never carried out.
"""

import json
from hmac import compare_digest

from controls.models import Proposal
from core.crypto import keyed_hashes


def _signed(proposal: Proposal) -> str:
    moment = proposal.decided_at.timestamp() if proposal.decided_at else 0
    day = proposal.starts_on.isoformat() if proposal.starts_on else ""
    parts = [str(proposal.pk), proposal.kind, proposal.subject, proposal.before, proposal.after, day]
    parts += [proposal.evidence] if proposal.evidence else []
    parts += [proposal.files] if proposal.files else []
    return "proposal " + json.dumps([*parts, proposal.proposed_by, proposal.decided_by, round(moment * 1_000_000)], sort_keys=True)


def signature_of(proposal: Proposal) -> str:
    """Return the signature of a proposal's decision (hex, 64 characters)."""
    return keyed_hashes(_signed(proposal))[0]


def fits(proposal: Proposal) -> bool:
    """Return whether a proposal has a valid signature; also True for decisions from before there were signatures.

    The database refuses new decisions without a signature (`controls.guards`), so rows without one must be from that time.
    """
    if not proposal.signature:
        return not proposal.needs
    return any(compare_digest(proposal.signature, one) for one in keyed_hashes(_signed(proposal)))
