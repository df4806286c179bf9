"""Reads of people for operators: finding them, notes, blocks, and the log of who looked at whom."""

import uuid
from collections.abc import Iterable
from contextlib import suppress

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import rules
from accounts.models import Block, Consumer, Look, NamePart, Note
from accounts.queries import account_ids, find_consumers, name_hashes
from core.errors import NotFound
from core.ids import parse_id
from markets.models import Market

MOST_WORDS, LEAST_DIGITS = 5, 6
PAGE = 25


def find_people(term: str, *, limit: int) -> list[Consumer]:
    """Return the people whom a search finds, newest first: by public id, e-mail address or phone number, otherwise by parts of the name.

    Every word must be a name, or at least the first three letters of one. A number without + is tried as a number of each market.
    """
    found = _people(term.strip())
    return list(found.select_related("market").order_by("-id")[:limit]) if found is not None else []


def _people(term: str) -> QuerySet[Consumer] | None:
    with suppress(NotFound):
        return Consumer.objects.filter(pk=parse_id(Consumer.PREFIX, term))
    if reached := _reached(term):
        return Consumer.objects.filter(pk__in=reached)
    words = rules.sought_parts(term)[:MOST_WORDS]
    return Consumer.objects.filter(*[Exists(_named(word)) for word in words]) if words else None


def _reached(term: str) -> set[uuid.UUID]:
    """Return the keys of the people who sign in with an e-mail address or a number."""
    if "@" in term:
        ways = [("email", "")]
    elif sum(char.isdigit() for char in term) >= LEAST_DIGITS:
        ways = [("sms", region) for region in ["", *([] if term.startswith("+") else Market.objects.values_list("code", flat=True))]]
    else:
        return set()
    return {one.pk for channel, region in ways for one in find_consumers(channel=channel, destination=term, region=region)}


def _named(forms: Iterable[str]) -> QuerySet[NamePart]:
    hashes = [hashed for form in forms for hashed in name_hashes(form)]
    return NamePart.objects.filter(consumer=OuterRef("pk"), part__in=hashes)


def list_notes(holder_id: uuid.UUID, *, limit: int) -> list[Note]:
    """Return the notes about a person, newest first."""
    return list(Note.objects.filter(consumer__in=account_ids(holder_id)).select_related("by").order_by("-id")[:limit])


def list_blocks(holder_id: uuid.UUID, *, limit: int) -> list[Block]:
    """Return the blocks of a person, newest first."""
    found = Block.objects.filter(consumer__in=account_ids(holder_id)).select_related("blocked_by", "lifted_by")
    return list(found.order_by("-id")[:limit])


def looks_to_tell(consumer: Consumer) -> QuerySet[Look]:
    """Return the looks at a person's data that the person may know of, oldest first.

    What a fraud desk looks at would show what it suspects; looks at suspicions of money laundering have a log of their own, which the law
    keeps from the person.
    """
    return Look.objects.filter(consumer=consumer).exclude(page="fraud_case").order_by("id")


def list_looks(consumer: Consumer, *, before: uuid.UUID | None = None, limit: int = PAGE) -> list[Look]:
    """Return who looked at a consumer, newest first; `before` is the key of the last row of the previous page."""
    found = Look.objects.filter(Q(consumer=consumer), *([Q(id__lt=before)] if before else [])).select_related("user")
    return list(found.order_by("-id")[:limit])
