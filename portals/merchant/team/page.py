"""Members and invitations in the form that the templates need."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from merchants.models import Invitation, Membership
from portals.merchant.frame import Desk


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of the team as the list shows them."""

    name: str
    email: str
    role: str
    since: datetime
    is_viewer: bool
    role_path: str
    remove_path: str


@dataclass(frozen=True, slots=True)
class InvitedRow:
    """A row of the list of open invitations; `too_old`: the link of the invitation has expired."""

    name: str
    email: str
    role: str
    until: datetime
    too_old: bool
    withdraw_path: str


def member_row(member: Membership, desk: Desk) -> MemberRow:
    """Return a member as a row of the list."""
    return MemberRow(
        name=member.user.name,
        email=member.user.email,
        role=member.get_role_display(),
        since=member.added_at,
        is_viewer=member.user_id == desk.user.pk,
        role_path=reverse("merchant_role", args=[member.pk]),
        remove_path=reverse("merchant_remove", args=[member.pk]),
    )


def invited_row(invitation: Invitation, desk: Desk) -> InvitedRow:
    """Return an open invitation as a row of the list."""
    return InvitedRow(
        name=invitation.name,
        email=invitation.user.email,
        role=invitation.get_role_display(),
        until=invitation.expires_at,
        too_old=invitation.expires_at <= desk.at,
        withdraw_path=reverse("merchant_invitation_withdraw", args=[invitation.public_id]),
    )
