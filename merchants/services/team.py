"""A merchant's team: people are invited, change roles, leave."""

import uuid
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.rules import Faulty, normalize_email
from core.characters import visible
from core.db import unit
from core.errors import Invalid, NotFound
from core.outbox import append
from merchants.errors import AlreadyMember, InvitationSpent, LastOwner
from merchants.events import MemberInvited
from merchants.models import Membership, Merchant
from merchants.queries import lock_merchant, lock_user
from merchants.rules import PERMISSIONS
from merchants.services.history import record_change


def invite_member(*, merchant: Merchant, email: str, role: str, actor: str, at: datetime, name: str = "") -> Membership:
    """Add somebody to a team by e-mail; a new person sets a password by the invitation (see `invitation_token`).

    Invalid names the field; AlreadyMember.
    """
    _check_role(role)
    try:
        address = normalize_email(email)
    except Faulty:
        raise Invalid("This is not an e-mail address.", fields={"email": "is not an e-mail address"}) from None
    with unit():
        lock_merchant(merchant.id)
        user = User.objects.filter(email=address).first() or User.objects.create_user(address, name=visible(name))
        if Membership.objects.filter(user=user, merchant=merchant).exists():
            raise AlreadyMember("This person is in your team.")
        membership = Membership.objects.create(user=user, merchant=merchant, role=role, added_at=at)
        record_change(merchant=merchant, kind="member_invited", subject=str(user.pk), actor=actor, at=at, role=role)
        append(MemberInvited(merchant=merchant.public_id, membership=membership.pk), at=at)
    return membership


def invitation_token(user: User) -> str:
    """Return the token that lets an invited person set a password, once and for three days."""
    return default_token_generator.make_token(user)


def accept_invitation(*, user_id: uuid.UUID, token: str, password: str) -> User:
    """Set an invited person's password; InvitationSpent for an old or used token, Invalid for a weak password."""
    with unit():
        user = lock_user(user_id)
        if user is None or user.has_usable_password() or not default_token_generator.check_token(user, token):
            raise InvitationSpent("This invitation was used or is too old. Ask for a new one.")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise Invalid(" ".join(error.messages), fields={"password": " ".join(error.messages)}) from None
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def change_role(*, membership_id: int, merchant: Merchant, role: str, actor: str, at: datetime) -> Membership:
    """Give a member another role; LastOwner where nobody would own the account any more."""
    _check_role(role)
    with unit():
        membership = _locked_member(merchant, membership_id)
        if role != "owner":
            _keep_an_owner(merchant, membership)
        before, membership.role = membership.role, role
        membership.save(update_fields=["role"])
        record_change(
            merchant=merchant, kind="role_changed", subject=str(membership.user_id), actor=actor, at=at, before=before, after=role
        )
    return membership


def remove_member(*, membership_id: int, merchant: Merchant, actor: str, at: datetime) -> None:
    """Take somebody out of a team; LastOwner where nobody would own the account any more."""
    with unit():
        membership = _locked_member(merchant, membership_id)
        _keep_an_owner(merchant, membership)
        membership.delete()
        record_change(merchant=merchant, kind="member_removed", subject=str(membership.user_id), actor=actor, at=at, role=membership.role)


def _check_role(role: str) -> None:
    if role not in PERMISSIONS:
        raise Invalid("There is no such role.", fields={"role": f"must be one of {', '.join(PERMISSIONS)}"})


def _locked_member(merchant: Merchant, membership_id: int) -> Membership:
    lock_merchant(merchant.id)
    found = Membership.objects.select_related("user").filter(id=membership_id, merchant=merchant).first()
    if found is None:
        raise NotFound("There is no such person in your team.")
    return found


def _keep_an_owner(merchant: Merchant, leaving: Membership) -> None:
    if leaving.role == "owner" and not Membership.objects.filter(merchant=merchant, role="owner").exclude(id=leaving.pk).exists():
        raise LastOwner("A team keeps at least one owner. Make somebody else an owner first.")
