"""A merchant's team: changes of roles and removals; `inviting` adds members."""

from datetime import datetime

from core.db import unit
from core.errors import NotFound
from merchants.errors import LastOwner
from merchants.models import Membership, Merchant
from merchants.queries import lock_merchant
from merchants.services.history import record_change
from merchants.services.inviting import check_role, withdraw_all_of


def change_role(*, membership_id: int, merchant: Merchant, role: str, actor: str, at: datetime) -> Membership:
    """Change a member's role; LastOwner if the account would have no owner left."""
    check_role(role)
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
    """Remove a member from a team, and withdraw their open invitations; LastOwner if the account would have no owner left."""
    with unit():
        membership = _locked_member(merchant, membership_id)
        _keep_an_owner(merchant, membership)
        membership.delete()
        withdraw_all_of(merchant=merchant, inviter=f"user:{membership.user_id}", actor=actor, at=at)
        record_change(merchant=merchant, kind="member_removed", subject=str(membership.user_id), actor=actor, at=at, role=membership.role)


def _locked_member(merchant: Merchant, membership_id: int) -> Membership:
    lock_merchant(merchant.id)
    found = Membership.objects.select_related("user").filter(id=membership_id, merchant=merchant).first()
    if found is None:
        raise NotFound("There is no such person in your team.")
    return found


def _keep_an_owner(merchant: Merchant, leaving: Membership) -> None:
    if leaving.role == "owner" and not Membership.objects.filter(merchant=merchant, role="owner").exclude(id=leaving.pk).exists():
        raise LastOwner("A team keeps at least one owner. Make somebody else an owner first.")
