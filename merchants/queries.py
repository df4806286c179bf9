"""Reads of merchants, their keys, teams and statements. Objects of other merchants count as not found."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from accounts.rules import stored_email
from core.crypto import keyed_hashes
from core.db import rows
from core.errors import NotFound
from core.web_addresses import sound_origins
from merchants.models import AccountChange, ApiKey, Invitation, Membership, Merchant, Settlement, SettlementItem
from merchants.rules import SCOPES, scopes_of
from payments.states import MOVEMENT_UNDONE, MovementStatus


def get_merchant(merchant_id: uuid.UUID) -> Merchant:
    """Return a merchant with its market; NotFound."""
    found = Merchant.objects.select_related("market").filter(id=merchant_id).first()
    if found is None:
        raise NotFound("There is no such merchant.")
    return found


def lock_merchant(merchant_id: uuid.UUID) -> Merchant:
    """Return a merchant with its market, locked against other changes of the merchant but not against new orders; NotFound."""
    found = Merchant.objects.select_related("market").filter(id=merchant_id).select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise NotFound("There is no such merchant.")
    return found


def registered_origins(merchant: Merchant) -> list[str]:
    """Return a merchant's registered origins that are safe in an HTTP header; other values in the row are ignored."""
    return sound_origins(merchant.origins, sandbox=settings.SANDBOX)


def lock_api_key(key_id: uuid.UUID, merchant: Merchant) -> ApiKey:
    """Return a merchant's own key, locked until the transaction ends; NotFound."""
    found = ApiKey.objects.filter(id=key_id, merchant=merchant).select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound("There is no such API key.")
    return found


def hash_key(full_key: str) -> str:
    """Return the keyed hash under which an API key is stored."""
    return _hashes(full_key)[0]


def _hashes(full_key: str) -> list[str]:
    """Return the hashes under which a key may be stored, by the new and the old look-up key; they are renewed when the key is used."""
    return keyed_hashes(f"api-key:{full_key}")


def find_api_key(full_key: str) -> ApiKey | None:
    """Return a valid key with its merchant and market, in one query; None for a revoked or unknown one."""
    known = ApiKey.objects.select_related("merchant__market")
    return known.filter(key_hash__in=_hashes(full_key), revoked_at__isnull=True, merchant__active=True).first()


def list_api_keys(merchant: Merchant) -> list[ApiKey]:
    """Return a merchant's keys, newest first, including revoked ones."""
    return list(ApiKey.objects.filter(merchant=merchant).order_by("-id"))


def scopes_within(merchant: Merchant, actor: str) -> frozenset[str]:
    """Return the scopes allowed in keys made by an actor: those of a team member's role, or all if the platform makes the key."""
    head, _, key = actor.partition(":")
    if head != "user":
        return frozenset(SCOPES)
    role = Membership.objects.filter(merchant=merchant, user_id=uuid.UUID(key)).values_list("role", flat=True).first()
    return scopes_of(role or "")


def keys_beyond_their_makers(merchant: Merchant) -> dict[uuid.UUID, str]:
    """Return the secret keys in use that have more scopes than their maker has now, with the maker; two queries.

    The keys stay valid, since they belong to the shop. But the maker may still know them.
    """
    made = ApiKey.objects.filter(merchant=merchant, kind="secret", revoked_at=None, created_by__startswith="user:")
    roles = {f"user:{user}": role for user, role in Membership.objects.filter(merchant=merchant).values_list("user_id", "role")}
    return {key.id: key.created_by for key in made if not scopes_of(roles.get(key.created_by, "")) >= set(key.scopes)}


def keys_made_by(merchant: Merchant, user_id: uuid.UUID) -> list[ApiKey]:
    """Return the keys in use that a person made, newest first."""
    return list(ApiKey.objects.filter(merchant=merchant, created_by=f"user:{user_id}", revoked_at=None).order_by("-id"))


def list_members(merchant: Merchant) -> list[Membership]:
    """Return a merchant's team in order of joining."""
    return list(Membership.objects.select_related("user").filter(merchant=merchant).order_by("id"))


def list_team(merchant_id: uuid.UUID) -> list[User]:
    """Return the members of a merchant's team who can sign in."""
    found = Membership.objects.filter(merchant_id=merchant_id, user__is_active=True)
    return [one.user for one in found.select_related("user").order_by("id")]


def list_finance(merchant_id: uuid.UUID) -> list[User]:
    """Return the members of a merchant's team who handle its money and can sign in: owners and finance."""
    found = Membership.objects.filter(merchant_id=merchant_id, role__in=["owner", "finance"], user__is_active=True)
    return [one.user for one in found.select_related("user").order_by("id")]


def list_memberships(user: User, brand: str) -> list[Membership]:
    """Return a person's memberships in shops of a brand, with merchant and market."""
    mine = Membership.objects.select_related("merchant__market").filter(user=user, merchant__active=True, merchant__brand_id=brand)
    return list(mine.order_by("merchant__name", "id"))


def find_member(email: str, brand: str) -> User | None:
    """Return the active user who signs in with an address and belongs to a shop of a brand, or None."""
    teams = Membership.objects.filter(merchant__active=True, merchant__brand_id=brand)
    return User.objects.filter(email=stored_email(email), is_active=True, pk__in=teams.values("user")).first()


def invitation_token(invitation: Invitation) -> str:
    """Return the signed token in an invitation's e-mail; whoever has it can read that mailbox."""
    return _invitation_tokens(invitation)[0]


def _invitation_tokens(invitation: Invitation) -> list[str]:
    """Return the accepted tokens of an invitation: by the present secret key, and by earlier keys."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac("merchants.invitation", str(invitation.pk), key, algorithm="sha256").hexdigest()[:40] for key in keys]


def find_invitation(*, invitation_id: uuid.UUID, token: str, at: datetime) -> Invitation | None:
    """Return the valid invitation of a token, with its shop and person."""
    found = _that_count(at).select_related("user").filter(id=invitation_id).first()
    if found is None:
        return None
    return found if any(constant_time_compare(token, one) for one in _invitation_tokens(found)) else None


def find_invitation_to_send(invitation_id: uuid.UUID) -> Invitation | None:
    """Return an invitation that was neither accepted nor withdrawn, with its person, or None."""
    return Invitation.objects.select_related("user").filter(id=invitation_id, accepted_at=None, withdrawn_at=None).first()


def lock_invitation(invitation_id: uuid.UUID, at: datetime) -> Invitation | None:
    """Return a valid invitation with its shop, locked until the transaction ends, or None."""
    return _that_count(at).filter(id=invitation_id).select_for_update(of=("self",)).first()


def _that_count(at: datetime) -> QuerySet[Invitation]:
    known = Invitation.objects.select_related("merchant__market")
    return known.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=at, merchant__active=True, user__is_active=True)


def open_invitations(merchant: Merchant) -> QuerySet[Invitation]:
    """Return a merchant's invitations that were neither accepted nor withdrawn, including expired ones, unordered."""
    return Invitation.objects.filter(merchant=merchant, accepted_at=None, withdrawn_at=None)


def changes_of(merchant: Merchant) -> QuerySet[AccountChange]:
    """Return the history of a merchant's account, unordered."""
    return AccountChange.objects.filter(merchant=merchant)


def settlements_of(merchant: Merchant) -> QuerySet[Settlement]:
    """Return a merchant's statements with their payouts, unordered."""
    return Settlement.objects.filter(merchant=merchant).select_related("payout")


def access_settlement(settlement_id: uuid.UUID, merchant: Merchant) -> Settlement:
    """Return a merchant's own statement with its payout; NotFound."""
    found = settlements_of(merchant).filter(id=settlement_id).first()
    if found is None:
        raise NotFound("There is no such settlement.")
    found.merchant = merchant
    return found


def items_of(settlement: Settlement) -> list[SettlementItem]:
    """Return a statement's lines, oldest first."""
    return list(SettlementItem.objects.filter(settlement=settlement).order_by("id"))


def newest_bounces(payouts: Collection[str]) -> dict[str, SettlementItem]:
    """Return the newest `bounce` line of each payout that came back, with its statement, by the payout's public id; one query."""
    of_them = reduce(or_, (Q(source__startswith=payout) for payout in payouts))
    lines = SettlementItem.objects.select_related("settlement").filter(of_them, kind="bounce").order_by("id")
    return {line.source.partition(":")[0]: line for line in lines}


def find_paid_with(settlement: Settlement) -> Settlement | None:
    """Return the statement whose payout paid a returned payout again; None if it is not paid yet."""
    if settlement.payout is None or settlement.payout.status not in MOVEMENT_UNDONE:
        return None
    item = newest_bounces([settlement.payout.public_id]).get(settlement.payout.public_id)
    if item is None or item.settlement is None:
        return None
    later = settlements_of(settlement.merchant).filter(date__gte=item.settlement.date, payout__status=MovementStatus.SUCCEEDED)
    return later.order_by("date").first()


@dataclass(frozen=True, slots=True)
class NextPayout:
    """The amount that the next statement would pay out now; negative if the merchant owes."""

    amount_minor: int
    captures: int
    refunds: int


def next_payout(merchant: Merchant) -> NextPayout:
    """Return the unsettled amount owed to a merchant: the last closing balance and the open items; two queries."""
    closing = Settlement.objects.filter(merchant=merchant).order_by("-date").values_list("closing_minor", flat=True).first()
    waiting = SettlementItem.objects.filter(merchant=merchant, settlement=None).aggregate(
        gross=Sum("gross_minor"),
        fee=Sum("fee_minor"),
        captures=Count("id", filter=Q(kind="capture")),
        refunds=Count("id", filter=Q(kind="refund")),
    )
    return NextPayout((closing or 0) + (waiting["gross"] or 0) - (waiting["fee"] or 0), waiting["captures"], waiting["refunds"])


_UNSETTLED = """
    SELECT m.id
    FROM merchants_merchant m
    JOIN markets_market k ON k.code = m.market_id
    LEFT JOIN LATERAL (SELECT max(s.date) AS date FROM merchants_settlement s WHERE s.merchant_id = m.id) done ON true
    WHERE (m.active OR EXISTS (SELECT 1 FROM merchants_settlementitem i WHERE i.merchant_id = m.id AND i.settlement_id IS NULL))
      AND coalesce(done.date + 1, (m.created_at AT TIME ZONE k.time_zone)::date) < (%(at)s AT TIME ZONE k.time_zone)::date"""
SETTLEMENTS_WAIT = f"EXISTS ({_UNSETTLED})"
"""SQL: whether a merchant lacks the statement of an ended day."""


def list_unsettled(at: datetime) -> list[uuid.UUID]:
    """Return the merchants that lack the statement of an ended day."""
    return [row[0] for row in rows(f"{_UNSETTLED} ORDER BY m.id", {"at": at})]
