"""Writes of controls, one file a subject."""

from controls.services.assigning import give_task, hand_task, release_all_of, release_task, take_first, take_task
from controls.services.proposing import (
    apply_proposals,
    approve_proposal,
    expire_proposals,
    propose,
    reject_proposal,
    retry_proposal,
    withdraw_proposal,
)

__all__ = [
    "apply_proposals",
    "approve_proposal",
    "expire_proposals",
    "give_task",
    "hand_task",
    "propose",
    "reject_proposal",
    "release_all_of",
    "release_task",
    "retry_proposal",
    "take_first",
    "take_task",
    "withdraw_proposal",
]
