"""Invitations to a merchant's team: sent to an e-mail address, accepted by its owner, withdrawn, or expired after a week."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.queries import lock_user
from accounts.rules import Faulty, normalize_email
from core.adjusting import value_of
from core.characters import visible
from core.db import unit
from core.errors import Forbidden, Invalid, TooMany
from core.outbox import append
from core.sentences import Sentence
from merchants.errors import AlreadyMember, InvitationSpent, OperatorsStayOutside
from merchants.events import MemberInvited
from merchants.models import Invitation, Membership, Merchant
from merchants.queries import lock_invitation, lock_merchant, open_invitations
from merchants.rules import PERMISSIONS
from merchants.services.history import record_change
from merchants.services.profile import create_merchant
from merchants.settable import INVITATION_DAYS

PERIOD = timedelta(hours=24)
MOST_OF_A_SHOP, MOST_TO_ONE = 50, 5
"""The most invitations that a shop may send, and that one address may get from all shops, in a day."""


def open_shop(*, owner_email: str, actor: str, at: datetime, language: str = "", **details: Any) -> Merchant:
    """Open a merchant's account (details as in `create_merchant`) and invite its owner, in one unit of work; Invalid names the field."""
    with unit():
        merchant = create_merchant(at=at, **details)
        invite_member(merchant=merchant, email=owner_email, role="owner", actor=actor, at=at, language=language)
    return merchant


def invite_member(*, merchant: Merchant, email: str, role: str, actor: str, at: datetime, name: str = "", language: str = "") -> Invitation:
    """Invite somebody to a team by e-mail; a second invitation to an address replaces the first.

    The effect and the answer are the same whether or not the address already has an account, and whoever owns it. The letter is
    in `language` if its reader has chosen none. Invalid names the field; AlreadyMember; TooMany.
    """
    check_role(role)
    try:
        address = normalize_email(email)
    except Faulty:
        raise Invalid("This is not an e-mail address.", fields={"email": Sentence("is not an e-mail address")}) from None
    with unit():
        lock_merchant(merchant.id)
        _refuse_too_many(merchant, address, at)
        user, _ = User.objects.get_or_create(email=address, defaults={"password": make_password(None)})
        if Membership.objects.filter(user=user, merchant=merchant).exists():
            raise AlreadyMember("This person is in your team.")
        open_invitations(merchant).filter(user=user).update(withdrawn_at=at)
        until = at + timedelta(days=value_of(INVITATION_DAYS))
        invitation = Invitation.objects.create(
            merchant=merchant, user=user, name=visible(name), role=role, invited_by=actor, created_at=at, expires_at=until
        )
        record_change(merchant=merchant, kind="member_invited", subject=invitation.public_id, actor=actor, at=at, role=role)
        append(MemberInvited(merchant=merchant.public_id, invitation=invitation.public_id, language=language), at=at)
    return invitation


def _refuse_too_many(merchant: Merchant, address: str, at: datetime) -> None:
    recent = Invitation.objects.filter(created_at__gt=at - PERIOD)
    if recent.filter(merchant=merchant).count() >= MOST_OF_A_SHOP or recent.filter(user__email=address).count() >= MOST_TO_ONE:
        raise TooMany("There were too many invitations. Try again tomorrow.", retry_after_s=int(PERIOD.total_seconds()))


def accept_invitation(*, invitation_id: uuid.UUID, user: User | None, password: str, at: datetime) -> Membership:
    """Accept an invitation as the invited person, who is signed in or, without a password so far, sets a new one.

    InvitationSpent if it is no longer valid; Forbidden for any other person, and for operators; Invalid for a weak password.
    """
    with unit():
        invitation = lock_invitation(invitation_id, at)
        invited = lock_user(invitation.user_id) if invitation else None
        if invitation is None or invited is None:
            raise InvitationSpent("This invitation was used, taken back, or is too old. Ask for a new one.")
        if invited.is_staff or invited.is_superuser:
            raise OperatorsStayOutside("Who works in the back office has no place in a shop's team. Ask to be invited by another address.")
        if invited.has_usable_password():
            if user is None or user.pk != invited.pk:
                raise Forbidden("This invitation is for somebody else. Sign in as the person whom it invites.", code="team.not_invited")
        else:
            _set_password(invited, password)
        if invitation.name and not invited.name:
            invited.name = invitation.name
        invited.save(update_fields=["password", "name"])
        invitation.accepted_at = at
        invitation.save(update_fields=["accepted_at"])
        merchant = invitation.merchant
        membership, made = Membership.objects.get_or_create(
            user=invited, merchant=merchant, defaults={"role": invitation.role, "added_at": at}
        )
        if made:
            actor = f"user:{invited.pk}"
            record_change(merchant=merchant, kind="member_joined", subject=str(invited.pk), actor=actor, at=at, role=membership.role)
    return membership


def decline_invitation(*, invitation_id: uuid.UUID, user: User | None, at: datetime) -> None:
    """Decline an invitation as the invited person, who is signed in or, without a password so far, has the link from its e-mail.

    Its link is invalid from now on. InvitationSpent if it is no longer valid; Forbidden for any other person.
    """
    with unit():
        invitation = lock_invitation(invitation_id, at)
        invited = lock_user(invitation.user_id) if invitation else None
        if invitation is None or invited is None:
            raise InvitationSpent("This invitation was used, taken back, or is too old.")
        if invited.has_usable_password() and (user is None or user.pk != invited.pk):
            raise Forbidden("This invitation is for somebody else. Sign in as the person whom it invites.", code="team.not_invited")
        invitation.withdrawn_at = at
        invitation.save(update_fields=["withdrawn_at"])
        record_change(
            merchant=invitation.merchant, kind="invitation_declined", subject=invitation.public_id, actor=f"user:{invited.pk}", at=at
        )


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), fields={"password": " ".join(error.messages)}) from None
    user.set_password(password)


def withdraw_invitation(*, invitation_id: uuid.UUID, merchant: Merchant, actor: str, at: datetime) -> None:
    """Withdraw an invitation; does nothing if it is no longer valid."""
    with unit():
        lock_merchant(merchant.id)
        _withdraw(merchant, actor, at, id=invitation_id)


def withdraw_all_of(*, merchant: Merchant, inviter: str, actor: str, at: datetime) -> None:
    """Withdraw the invitations sent by a member who leaves the team."""
    _withdraw(merchant, actor, at, invited_by=inviter)


def _withdraw(merchant: Merchant, actor: str, at: datetime, **which: object) -> None:
    for invitation in open_invitations(merchant).filter(**which):
        if open_invitations(merchant).filter(pk=invitation.pk).update(withdrawn_at=at):
            record_change(merchant=merchant, kind="invitation_withdrawn", subject=invitation.public_id, actor=actor, at=at)


def check_role(role: str) -> None:
    """Refuse an unknown role."""
    if role not in PERMISSIONS:
        raise Invalid("There is no such role.", fields={"role": Sentence("must be one of %(names)s", names=", ".join(PERMISSIONS))})
