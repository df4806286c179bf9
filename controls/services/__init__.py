"""Writes of controls, one file a subject."""

from controls.services.adjusting import change_setting, propose_setting
from controls.services.assigning import give_task, hand_task, release_all_of, release_task, take_first, take_task
from controls.services.proposing import (
    LONGEST_EVIDENCE,
    apply_proposals,
    approve_proposal,
    expire_proposals,
    propose,
    reject_proposal,
    replace_proposal,
    retry_proposal,
    withdraw_proposal,
)
from controls.services.replaying import Replayed, replay_case
from controls.services.routing import set_route
from controls.services.ruling import (
    ask_rules,
    begin_rules,
    change_draft,
    clear_cases,
    consult_rules,
    discard_draft,
    go_back,
    observe_rules,
    propose_rules,
    start_draft,
)
from controls.services.sealing import Reading, anchor_audit, note_look_at_audit, note_reading, seal_audit
from controls.services.standing_in import end_absence, note_absence
from controls.services.trying import run_trials, start_trial

__all__ = [
    "LONGEST_EVIDENCE",
    "Reading",
    "Replayed",
    "anchor_audit",
    "apply_proposals",
    "approve_proposal",
    "ask_rules",
    "begin_rules",
    "change_draft",
    "change_setting",
    "clear_cases",
    "consult_rules",
    "discard_draft",
    "end_absence",
    "expire_proposals",
    "give_task",
    "go_back",
    "hand_task",
    "note_absence",
    "note_look_at_audit",
    "note_reading",
    "observe_rules",
    "propose",
    "propose_rules",
    "propose_setting",
    "reject_proposal",
    "release_all_of",
    "release_task",
    "replace_proposal",
    "replay_case",
    "retry_proposal",
    "run_trials",
    "seal_audit",
    "set_route",
    "start_draft",
    "start_trial",
    "take_first",
    "take_task",
    "withdraw_proposal",
]
