"""Writes about people: signing in, details, identity."""

from accounts.services.behavior import assign_behavior
from accounts.services.care import block_person, unblock_person, write_note
from accounts.services.classes import add_class, assign_classes, pin_class, rename_class, unpin_class
from accounts.services.consents import note_inquiry_told, record_consent
from accounts.services.details import note_step, note_steps, update_details
from accounts.services.erasing import erase_closed
from accounts.services.identity import check_identity, poll_identity_checks
from accounts.services.languages import choose_language, choose_language_of_user
from accounts.services.looks import note_look, note_search
from accounts.services.operators import (
    invite_operator,
    lock_out,
    make_first_operator,
    make_operator,
    record_rights,
    set_access,
    set_roles,
    telling_rights,
)
from accounts.services.passwords import ask_new_password, choose_password
from accounts.services.renewal import renew_people
from accounts.services.requests import answer_request, open_request
from accounts.services.sign_in import get_or_create_consumer, send_code, verify_code
from accounts.services.support import note_support, take_back_support

__all__ = [
    "add_class",
    "answer_request",
    "ask_new_password",
    "assign_behavior",
    "assign_classes",
    "block_person",
    "check_identity",
    "choose_language",
    "choose_language_of_user",
    "choose_password",
    "erase_closed",
    "get_or_create_consumer",
    "invite_operator",
    "lock_out",
    "make_first_operator",
    "make_operator",
    "note_inquiry_told",
    "note_look",
    "note_search",
    "note_step",
    "note_steps",
    "note_support",
    "open_request",
    "pin_class",
    "poll_identity_checks",
    "record_consent",
    "record_rights",
    "rename_class",
    "renew_people",
    "send_code",
    "set_access",
    "set_roles",
    "take_back_support",
    "telling_rights",
    "unblock_person",
    "unpin_class",
    "update_details",
    "verify_code",
    "write_note",
]
