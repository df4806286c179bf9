"""Messages to shops' teams: payouts, invitations, suspension."""

from datetime import datetime

from core.ids import parse_id
from core.outbox import Event
from merchants.models import Invitation
from merchants.queries import find_invitation_to_send, get_merchant, list_finance, list_team
from notifications.services import queue_for_users


def on_payout_bounced(event: Event, *, at: datetime) -> None:
    """Tell the owners and finance members of a shop that its bank refused a payout, and that another bank account is needed."""
    _tell_finance(event, "payout_bounced", event.payload()["settlement"], at)


def on_payout_arrived(event: Event, *, at: datetime) -> None:
    """Tell them that a payout which had seemed to be returned has arrived after all."""
    _tell_finance(event, "payout_arrived", event.payload()["settlement"], at)


def on_payout_repaid(event: Event, *, at: datetime) -> None:
    """Tell them that a payout which had been returned is paid."""
    _tell_finance(event, "payout_resent", event.payload()["paid_with"], at)


def _tell_finance(event: Event, kind: str, settlement: str, at: datetime) -> None:
    told = event.payload()
    context = {name: told[name] for name in ("merchant", "amount_minor", "currency")} | {"settlement": settlement}
    users, brand = list_finance(parse_id("mer", told["merchant"])), _brand_of(told["merchant"])
    # One payout may come back more than once.
    subject = f"{told['payout']}:{at:%Y%m%d%H%M%S%f}"
    queue_for_users(users=users, kind=kind, subject=subject, context=context, at=at, brand=brand)


def on_member_invited(event: Event, *, at: datetime) -> None:
    """Send an invited person the link, unless the invitation was withdrawn meanwhile."""
    told = event.payload()
    invitation = find_invitation_to_send(parse_id(Invitation.PREFIX, told["invitation"]))
    if invitation is not None:
        brand, subject = _brand_of(told["merchant"]), told["invitation"]
        queue_for_users(users=[invitation.user], kind="member_invited", subject=subject, context=told, at=at, brand=brand)


def on_merchant_suspended(event: Event, *, at: datetime) -> None:
    """Tell a shop's team that it may not sell for now, and what continues."""
    _tell_team(event, "shop_suspended", at)


def on_merchant_reopened(event: Event, *, at: datetime) -> None:
    """Tell a shop's team that it may sell again."""
    _tell_team(event, "shop_reopened", at)


def _tell_team(event: Event, kind: str, at: datetime) -> None:
    merchant = event.payload()["merchant"]
    people, subject = list_team(parse_id("mer", merchant)), f"{merchant}:{at:%y%m%d%H%M%S}"
    queue_for_users(users=people, kind=kind, subject=subject, context={"merchant": merchant}, at=at, brand=_brand_of(merchant))


def _brand_of(merchant: str) -> str:
    """Return the code of a shop's brand, by the shop's public id."""
    return str(get_merchant(parse_id("mer", merchant)).brand_id)
