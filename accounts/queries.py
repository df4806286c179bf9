"""Reads of people."""

import json
import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from accounts import rules
from accounts.models import (
    Block,
    Consent,
    Consumer,
    ConsumerRequest,
    IdentityCheck,
    SignInCode,
    User,
    UserChange,
)
from accounts.rules.requests import KINDS
from accounts.settable import CODES_AN_HOUR, CODES_APART, TWO_PEOPLE
from accounts.states import CheckResult, RequestStatus
from brands.models import DEFAULT
from core.adjusting import value_of
from core.clock import wall
from core.compiled import prepared
from core.crypto import lookup_hashes
from core.db import rows, wait_lock
from core.errors import NotFound
from core.ids import parse_id, public_id
from core.prepared import Statement
from markets.models import Market
from markets.queries import find_setting

DETAILS = ("name", "birth_date", "address", "email")
INQUIRY = "bureau_inquiry"
"""The kind of consent that says that a person was told of a question to a credit bureau, and went on."""


CHECKS_WAIT = """EXISTS (
    SELECT 1 FROM accounts_identitycheck WHERE next_at <= %(at)s AND (claimed_until IS NULL OR claimed_until <= %(wall)s))"""
"""Whether an identity check is due to be polled."""


@prepared
def _consumers(consumer_id: uuid.UUID) -> QuerySet[Consumer]:
    return Consumer.objects.select_related("market").filter(id=consumer_id)


_LOCK_PERSON_OF = """
    SELECT person, pg_advisory_xact_lock(hashtextextended('person:' || person::text, 0))
    FROM (SELECT coalesce(person_id, id) AS person FROM accounts_consumer WHERE id = %s) AS found"""


def get_consumer(public_id: str) -> Consumer:
    """Return a consumer with its market; NotFound."""
    consumer = _consumers.first(parse_id(Consumer.PREFIX, public_id))
    if consumer is None:
        raise NotFound("There is no such consumer.")
    return consumer


def find_holder(consumer_id: uuid.UUID) -> Consumer | None:
    """Return the first account of an account's person, with its market; None if the account was erased. At most 2 queries."""
    consumer = _consumers.first(consumer_id)
    if consumer is not None and not consumer.is_erased and consumer.person_id:
        consumer = _consumers.first(consumer.person_id)
    return None if consumer is None or consumer.is_erased else consumer


def find_consumer(*, channel: str, destination: str, region: str = "", brand: str = DEFAULT) -> Consumer | None:
    """Return a brand's consumer with a confirmed e-mail address or phone number, or None.

    A number without + is read as a number of the region (ISO country).
    """
    found = find_consumers(channel=channel, destination=destination, region=region)
    return next((consumer for consumer in found if consumer.brand_id == brand), None)


def find_consumers(*, channel: str, destination: str, region: str = "") -> list[Consumer]:
    """Return the consumers of all brands with a confirmed e-mail address or phone number, at most one for each brand."""
    normal = rules.find_destination(channel, destination, region)
    if not normal:
        return []
    field = "email_hash" if channel == "email" else "phone_hash"
    return list(Consumer.objects.select_related("market").filter(**{f"{field}__in": lookup_hashes(normal)}).order_by("id"))


def lock_consumer(consumer_id: uuid.UUID) -> Consumer:
    """Lock a consumer's row until the transaction ends and return it; NotFound."""
    # The lock leaves the key free, so that other transactions can write rows that refer to the consumer: purchases lock the person instead.
    consumer = Consumer.objects.select_for_update(of=("self",), no_key=True).select_related("market").filter(pk=consumer_id).first()
    if consumer is None:
        raise NotFound("There is no such consumer.")
    return consumer


def lock_person(holder_id: uuid.UUID) -> None:
    """Lock a person's limits, in every currency and account, until the transaction ends."""
    wait_lock(f"person:{holder_id}")


def lock_person_of(consumer_id: uuid.UUID) -> uuid.UUID:
    """Lock the person of an account, like `lock_person`, and return the key of the person's first account."""
    found = rows(_LOCK_PERSON_OF, [consumer_id])
    return uuid.UUID(str(found[0][0])) if found else consumer_id


def holder_of(consumer_id: uuid.UUID) -> uuid.UUID:
    """Return the key of the first account of an account's person, which stands for the person."""
    return Consumer.objects.filter(pk=consumer_id).values_list("person_id", flat=True).first() or consumer_id


ACCOUNTS = "SELECT id FROM accounts_consumer WHERE (id = %(holder)s OR person_id = %(holder)s)"
"""SQL of `account_ids`, for a parameter `holder`; conditions may follow."""


def account_ids(holder_id: uuid.UUID, *, brand: str | None = None) -> QuerySet[Consumer, uuid.UUID]:
    """Return a query for the keys of a person's accounts, all or only those with one brand, for use with `__in`.

    These are few rows, found first by index.
    """
    found = Consumer.objects.filter(Q(pk=holder_id) | Q(person_id=holder_id))
    return (found.filter(brand_id=brand) if brand else found).values_list("pk", flat=True)


def home_state(consumer: Consumer | None) -> str:
    """Return the code of the state where a person lives; empty if that is not known, or cannot be read."""
    address = consumer.address if consumer else None
    return str(address.get("region", "")) if isinstance(address, dict) else ""


def list_accounts(consumer: Consumer) -> list[Consumer]:
    """Return all accounts of the same person, the oldest first."""
    return list(Consumer.objects.filter(pk__in=account_ids(consumer.holder_id)).order_by("id"))


def public_id_of(consumer_id: uuid.UUID) -> str:
    """Return the public id of a consumer by its key."""
    return public_id(Consumer.PREFIX, consumer_id)


def address_form(market: Market, on: date) -> rules.AddressForm:
    """Return a market's form of addresses on a date."""
    return rules.AddressForm(
        market.code,
        market.postal_code_pattern,
        market.postal_code_label,
        market.postal_code_example,
        market.region_label,
        market.postal_code_join,
        list_regions(market, on),
    )


def list_regions(market: Market, on: date) -> dict[str, str]:
    """Return the names of a market's states by code on a date, ordered by name; empty where addresses have no state."""
    if not market.region_label:
        return {}
    listed = find_setting(market.code, "address.regions", on)
    return dict(sorted(listed.value.items(), key=itemgetter(1))) if listed else {}


def zone_of(address: Mapping[str, str], market: Market, on: date) -> str:
    """Return the time zone of an address in its stored form, or the market's own if the address does not decide it."""
    zones = find_setting(market.code, "address.time_zones", on)
    return rules.zone_of(address, zones.value if zones else {}, market.time_zone)


def missing_details(consumer: Consumer) -> list[str]:
    """Return which of `name`, `birth_date`, `address`, `email` an identity check still needs, in the order to ask for them."""
    return [field for field in DETAILS if not getattr(consumer, field)]


def name_hashes(part: str) -> list[uuid.UUID]:
    """Return the keyed hashes under which a part of a name may be stored, that of the newest key first."""
    return [uuid.UUID(hashed[:32]) for hashed in lookup_hashes(f"name:{part}")]


def find_block(holder_id: uuid.UUID) -> Block | None:
    """Return the current block of a person, in whichever of their accounts it was made; None if there is none."""
    return Block.objects.filter(consumer__in=account_ids(holder_id), lifted_at=None).select_related("blocked_by").first()


_BLOCKED = Statement(
    "accounts_blocked",
    """
    SELECT 1 FROM accounts_consumer c JOIN accounts_block b ON b.consumer_id = c.id
    WHERE (c.id = %s OR c.person_id = %s) AND b.lifted_at IS NULL LIMIT 1""",
)


def is_blocked(holder_id: uuid.UUID) -> bool:
    """Return whether a person's new purchases are refused; `holder_id` is the key of the first of their accounts."""
    return bool(_BLOCKED.rows(holder_id, holder_id))


def blocked_holders(holders: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of some persons, by the keys of their first accounts, whose new purchases are refused; one query."""
    found = Block.objects.filter(lifted_at=None).filter(Q(consumer__in=holders) | Q(consumer__person__in=holders))
    return {person or account for account, person in found.values_list("consumer_id", "consumer__person_id")}


def birth_date_of(consumer: Consumer) -> date:
    """Return a consumer's date of birth, which must be known."""
    return date.fromisoformat(consumer.birth_date)


def get_code(public_id: str) -> SignInCode:
    """Return a one-time code's row; NotFound."""
    code = SignInCode.objects.filter(pk=parse_id(SignInCode.PREFIX, public_id)).first()
    if code is None:
        raise NotFound("There is no such code.")
    return code


def lock_code(code_id: uuid.UUID) -> SignInCode:
    """Lock a one-time code's row until the transaction ends and return it; NotFound."""
    code = SignInCode.objects.select_for_update().filter(pk=code_id).first()
    if code is None:
        raise NotFound("There is no such code.")
    return code


def codes_sent_to(destination_hash: str, *, device_hash: str, ip_hash: str, since: datetime) -> list[SignInCode]:
    """Return the unused codes that a browser requested for a destination, oldest first; a used code proves who owns the destination.

    A requester without a browser mark is identified by the network.
    """
    mine = Q(device_hash=device_hash) if device_hash else Q(device_hash="", ip_hash=ip_hash)
    return list(_unused(destination_hash, since).filter(mine).only("sent_at", "attempts").order_by("sent_at"))


def wait_for_code(code: SignInCode, at: datetime) -> int:
    """Return how many seconds the requester of a code must wait before another one is sent to the same destination, or 0."""
    sent = codes_sent_to(code.destination_hash, device_hash=code.device_hash, ip_hash=code.ip_hash, since=at - rules.HOUR)
    is_dead = bool(sent) and sent[-1].attempts >= rules.CODE_TRIES
    return rules.wait_before_code(
        [one.sent_at for one in sent], at, apart_s=value_of(CODES_APART), most=value_of(CODES_AN_HOUR), is_dead=is_dead
    )


def count_codes_from(ip_hash: str, *, since: datetime, destination_hash: str = "") -> int:
    """Return how many codes a network requested; for one destination, only the unused ones."""
    asked = SignInCode.objects.filter(ip_hash=ip_hash, sent_at__gt=since)
    return (asked.filter(destination_hash=destination_hash, used_at__isnull=True) if destination_hash else asked).count()


def spent_codes(destination_hash: str, *, since: datetime) -> list[tuple[str, str]]:
    """Return the provider account and provider id of codes to a destination that were tried too often but are still pending there."""
    return _references(_unused(destination_hash, since).filter(attempts__gte=rules.CODE_TRIES))


def pending_codes(destination_hash: str, *, since: datetime) -> list[tuple[str, str]]:
    """Return the provider account and provider id of the unused codes to a destination."""
    return _references(_unused(destination_hash, since))


def _unused(destination_hash: str, since: datetime) -> QuerySet[SignInCode]:
    return SignInCode.objects.filter(destination_hash=destination_hash, sent_at__gt=since, used_at__isnull=True)


def _references(codes: QuerySet[SignInCode]) -> list[tuple[str, str]]:
    return list(codes.exclude(provider_ref="").order_by("provider_ref").values_list("provider", "provider_ref").distinct())


def is_identity_asked(consumer: Consumer) -> bool:
    """Return whether a process is calling the identity provider about a consumer right now."""
    return IdentityCheck.objects.filter(consumer=consumer, result=CheckResult.PENDING, claimed_until__gt=wall()).exists()


def latest_identity_check(consumer: Consumer) -> IdentityCheck | None:
    """Return the newest check of a consumer, which is the one that counts."""
    return IdentityCheck.objects.filter(consumer=consumer).order_by("-id").first()


def list_consents(consumer: Consumer) -> list[Consent]:
    """Return a consumer's consents, newest first."""
    return list(Consent.objects.filter(consumer=consumer).order_by("-id"))


def knows_of_inquiry(consumer_id: uuid.UUID) -> bool:
    """Return whether a person was told that a credit bureau is asked about them, and did not take it back."""
    told = _told_of_inquiry.first(consumer_id)
    return told is not None and told.given


@prepared
def _told_of_inquiry(consumer_id: uuid.UUID) -> QuerySet[Consent]:
    return Consent.objects.filter(consumer=consumer_id, kind=INQUIRY).order_by("-id")[:1]


def answer_days(consumer: Consumer, kind: str, today: date) -> int:
    """Return within how many days a request must be answered: our own promise, or the period of the current law if that is shorter."""
    setting = find_setting(consumer.market_id, f"request.{kind}.days", today)
    promised = KINDS[kind].days
    return min(promised, int(setting.value)) if setting else promised


def offers_request(consumer: Consumer, kind: str, today: date) -> bool:
    """Return whether a consumer may ask for a kind of request: a right that a law gives is offered where it holds."""
    told = KINDS[kind]
    if not told.by_law:
        return True
    region = consumer.address.get("region") if isinstance(consumer.address, dict) else None
    if told.region and region and region != told.region:
        return False
    return find_setting(consumer.market_id, f"request.{kind}.days", today) is not None


def find_open_request(consumer: Consumer, kind: str, reference: str) -> ConsumerRequest | None:
    """Return a consumer's open request of a kind about a subject, or None."""
    return ConsumerRequest.objects.filter(consumer=consumer, kind=kind, reference=reference, status=RequestStatus.OPEN).first()


def count_requests(consumer: Consumer, *, since: datetime) -> int:
    """Return how many requests a consumer has sent since a moment."""
    return ConsumerRequest.objects.filter(consumer=consumer, asked_at__gt=since).count()


def list_requests(consumer: Consumer, *, references: Collection[str] | None = None, limit: int = 50) -> list[ConsumerRequest]:
    """Return a consumer's requests, newest first; `references` limits them to some subjects."""
    found = ConsumerRequest.objects.filter(consumer=consumer).select_related("answered_by").order_by("-id")
    return list((found if references is None else found.filter(reference__in=references))[:limit])


def access_request(consumer: Consumer, public_id: str) -> ConsumerRequest:
    """Return one of a consumer's own requests; NotFound, also for another person's."""
    key = parse_id(ConsumerRequest.PREFIX, public_id)
    found = ConsumerRequest.objects.select_related("answered_by").filter(pk=key, consumer=consumer).first()
    if found is None:
        raise NotFound("There is no such request.")
    return found


def get_request(public_id: str) -> ConsumerRequest:
    """Return a request by its public id; NotFound."""
    found = ConsumerRequest.objects.filter(pk=parse_id(ConsumerRequest.PREFIX, public_id)).first()
    if found is None:
        raise NotFound("There is no such request.")
    return found


def lock_request(request_id: uuid.UUID) -> ConsumerRequest:
    """Lock a request until the transaction ends and return it; NotFound."""
    found = ConsumerRequest.objects.select_for_update(of=("self",)).select_related("consumer").filter(pk=request_id).first()
    if found is None:
        raise NotFound("There is no such request.")
    return found


def operators() -> QuerySet[User]:
    """Return the active operators; `User.works_here` is the same for one user."""
    return active_users().filter(is_staff=True)


def active_users() -> QuerySet[User]:
    """Return the users who may sign in: operators and members of shops' teams."""
    return User.objects.filter(is_active=True)


def find_operator(email: str) -> User | None:
    """Return the active operator who signs in with an address, or None."""
    return operators().filter(email=rules.stored_email(email)).first()


def lock_user(user_id: uuid.UUID, *, who_left: bool = False) -> User | None:
    """Return an active user, locked until the transaction ends, or None; with `who_left`, also users who may no longer sign in."""
    found = User.objects.filter(id=user_id) if who_left else active_users().filter(id=user_id)
    return found.select_for_update().first()


def rights_of(user: User) -> dict[str, Any]:
    """Return a user's rights, as the database itself reads them.

    `operator`, `may_all` and `active` are flags of the user; `permissions` are the user's own and those of their `groups`.
    """
    found: dict[str, Any] = json.loads(rows("SELECT accounts_rights_of(%s)::text", [str(user.pk)])[0][0])
    return found


def lock_rights() -> None:
    """Wait until no other transaction changes rights, because each records a user's rights as they are at its end."""
    wait_lock("rights")


def permissions_of(user: User) -> QuerySet[Permission]:
    """Return the permissions that an operator may grant: those that they have themselves."""
    if user.is_superuser:
        return Permission.objects.all()
    own, theirs = user.user_permissions.values("pk"), Permission.objects.filter(group__user=user).values("pk")
    return Permission.objects.filter(Q(pk__in=own) | Q(pk__in=theirs))


def groups_within(user: User) -> QuerySet[Group]:
    """Return the groups without any permission that the operator lacks."""
    beyond = Permission.objects.exclude(pk__in=permissions_of(user).values("pk"))
    return Group.objects.exclude(permissions__in=beyond)


def may_as_much(user: User, other: User) -> bool:
    """Return whether an operator has all rights of another, who may have left."""
    rights = rights_of(other)
    return user.is_superuser or (not rights["may_all"] and set(rights["permissions"]) <= user.get_all_permissions())


def rights_history(user: User, limit: int = 50) -> list[tuple[UserChange, str]]:
    """Return the changes of a user's rights, newest first, each with who made it: an address, or the name of a program."""
    found = list(user.changes.order_by("-number")[:limit])
    people = [change.actor for change in found if change.actor.count("-") == 4]
    emails = {str(pk): email for pk, email in User.objects.filter(pk__in=people).values_list("pk", "email")}
    return [(change, emails.get(change.actor, change.actor)) for change in found]


def may_be_one_person(one: str, other: str, *, at: datetime) -> bool:
    """Return whether the back office's log shows that two operators, by their keys, may be the same person; one query.

    An operator who made an account or changed it (its rights, its address, its password) within the days of the setting may control it, and
    with it every account that it made or changed. Two accounts linked in this way, over any number of others, may belong to one person. The
    log is in real time, which a sandbox's clock does not move.
    """
    since = min(at, wall()) - timedelta(days=value_of(TWO_PEOPLE))
    log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), action_time__gte=since)
    links: dict[str, set[str]] = {}
    for key, actor in log.values_list("object_id", "user_id").distinct():
        links.setdefault(str(key), set()).add(str(actor))
        links.setdefault(str(actor), set()).add(str(key))
    reached, found = set(), {one}
    while found:
        reached |= found
        found = {key for near in found for key in links.get(near, ())} - reached
    return other in reached
