"""Writes of merchants, one file a subject."""

from merchants.services.inviting import accept_invitation, decline_invitation, invite_member, open_shop, withdraw_invitation
from merchants.services.keys import create_api_key, renew_key_hash, revoke_api_key
from merchants.services.profile import create_merchant, reopen_merchant, suspend_merchant, update_brand, update_terms
from merchants.services.settlement import bounce_payouts, note_paid, record_item, settle_merchants, undo_bounces
from merchants.services.team import change_role, remove_member

__all__ = [
    "accept_invitation",
    "bounce_payouts",
    "change_role",
    "create_api_key",
    "create_merchant",
    "decline_invitation",
    "invite_member",
    "note_paid",
    "open_shop",
    "record_item",
    "remove_member",
    "renew_key_hash",
    "reopen_merchant",
    "revoke_api_key",
    "settle_merchants",
    "suspend_merchant",
    "undo_bounces",
    "update_brand",
    "update_terms",
    "withdraw_invitation",
]
