"""Writes of people: signing in, details, identity."""

from accounts.services.details import note_step, note_steps, record_consent, update_details
from accounts.services.identity import check_identity, poll_identity_checks
from accounts.services.renewal import renew_people
from accounts.services.requests import answer_request, open_request
from accounts.services.sign_in import confirm_contact, get_or_create_consumer, send_code, verify_code

__all__ = [
    "answer_request",
    "check_identity",
    "confirm_contact",
    "get_or_create_consumer",
    "note_step",
    "note_steps",
    "open_request",
    "poll_identity_checks",
    "record_consent",
    "renew_people",
    "send_code",
    "update_details",
    "verify_code",
]
