"""Reads of agencies: contracts, who has which debt, and the lines of an agency's file."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from checkout.models import Order
from collection.contacting import list_stopped
from collection.held import why_held
from collection.models import Agency, AgencyKey, Placement
from core.arrays import plain_array
from core.clock import local_date
from core.crypto import keyed_hashes
from core.db import rows
from core.ids import parse_id
from core.unreadable import listing, readable_or_none
from payments.models import Charge
from plans.models import AgencyPayment
from plans.sales import Parts, open_parts_of

ACTIVE_CAUSES = ("uncollectible", "by_day", "uneconomic")
"""The causes of a charge-off after which an agency may still collect."""
FIELDS = (
    *("placement", "status", "cause", "account", "shop", "currency", "placed_minor", "open_minor", "fees_minor", "placed_on"),
    *("name", "email", "phone", "language", "time_zone", "not_by"),
)
"""Columns of an agency's file."""
NOTHING = Parts(0, 0, 0)
_PLACED = "SELECT plan_id FROM collection_placement WHERE plan_id = ANY(%s::uuid[]) AND recalled_at IS NULL"


def list_placed(plan_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of some plans that an agency has, or will have; one query."""
    return {key for (key,) in rows(_PLACED, [plain_array(plan_ids)])}


def find_placement(plan_id: uuid.UUID) -> Placement | None:
    """Return which agency has a plan, or will have it; None if none."""
    return Placement.objects.select_related("agency").filter(plan_id=plan_id, recalled_at=None).first()


def list_placements(plan_id: uuid.UUID) -> list[Placement]:
    """Return which agencies had a plan, have it or will have it, the newest first; one query."""
    return list(Placement.objects.select_related("agency", "release").filter(plan_id=plan_id).order_by("-id"))


def name_of_payee(charge: str) -> str:
    """Return the name of the agency to which a person made a payment, by the public id of its charge; empty if they paid us."""
    paid_to = AgencyPayment.objects.filter(charge_id=parse_id(Charge.PREFIX, charge)).values_list("agency", flat=True).first()
    return Agency.objects.values_list("name", flat=True).get(pk=parse_id(Agency.PREFIX, paid_to)) if paid_to else ""


def names_of_payees(charges: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names of the agencies to which people made payments, by the key of the charge; those to us are left out. Two queries."""
    paid_to = dict(AgencyPayment.objects.filter(charge__in=charges).values_list("charge_id", "agency"))
    keys = {parse_id(Agency.PREFIX, one) for one in paid_to.values()}
    names = dict(Agency.objects.filter(pk__in=keys).values_list("id", "name")) if keys else {}
    return {charge: names[parse_id(Agency.PREFIX, one)] for charge, one in paid_to.items()}


def hashes_of_key(full_key: str) -> list[str]:
    """Return the hashes under which a key of an agency may be stored, by the newest look-up key first."""
    return keyed_hashes(f"agency-key:{full_key}")


def find_agency_key(full_key: str) -> AgencyKey | None:
    """Return a valid key with its agency and market, in one query; None for a revoked or unknown one."""
    known = AgencyKey.objects.select_related("agency__market")
    return known.filter(key_hash__in=hashes_of_key(full_key), revoked_at=None).first()


def list_agency_keys(agency: Agency, *, limit: int) -> list[AgencyKey]:
    """Return an agency's newest keys, including revoked ones."""
    return list(agency.keys.order_by("-id")[:limit])


def placed_by(agency: Agency, on: date) -> QuerySet[Placement]:
    """Return what an agency had or has until a day, with plan and person, in no order."""
    return agency.placements.filter(placed_on__lte=on).select_related("plan__consumer")


def lines_of(agency: Agency, on: date, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield what an agency's file says on a day (`lines_for`)."""
    return lines_for(agency, placed_by(agency, on).order_by("id"), at)


def lines_for(agency: Agency, placed: Iterable[Placement], at: datetime) -> Iterator[dict[str, Any]]:
    """Yield what an agency is told of placements of its own: each debt that it has, with its person, and each that was recalled, without.

    A debt that was recalled before the agency got it is left out. Amounts are in minor units and as they are now. Erased people have no
    name, and what of a person cannot be read is empty. What no agency may have any longer (`why_held`) is recalled here at once, whether or
    not our books say so yet.
    """
    with listing():
        mine = list(placed)
    found = [one for one in mine if not one.recalled_at or local_date(one.recalled_at, agency.market.time_zone) >= one.placed_on]
    keys = [one.plan_id for one in found]
    opened = open_parts_of(keys)
    stops: dict[uuid.UUID, list[str]] = {}
    for who, channel in list_stopped({one.plan.consumer_id for one in found}):
        stops.setdefault(who, []).append(channel)
    held = why_held([one.plan for one in found], at)
    orders = {one.plan_id: one for one in Order.objects.filter(plan_id__in=keys).select_related("merchant")}
    for one in found:
        plan, person = one.plan, one.plan.consumer
        is_here = one.recalled_at is None and plan.pk not in held
        shown = is_here and not person.is_erased
        open_now = opened.get(plan.id, NOTHING) if is_here else NOTHING
        yield {
            "placement": one.public_id,
            "status": "placed" if is_here else "recalled",
            "cause": one.recall_cause or held.get(plan.pk, ""),
            "account": plan.public_id,
            "shop": orders[plan.id].merchant.name if plan.id in orders else "",
            "currency": plan.currency,
            "placed_minor": one.face_minor,
            "open_minor": open_now.total_minor,
            "fees_minor": open_now.fees_minor,
            "placed_on": one.placed_on.isoformat(),
            "name": (readable_or_none(person.name) or "") if shown else "",
            "email": (readable_or_none(person.email) or "") if shown else "",
            "phone": (readable_or_none(person.phone) or "") if shown else "",
            "language": person.language if shown else "",
            "time_zone": plan.time_zone if shown else "",
            "not_by": " ".join(sorted(stops.get(person.pk, ()))) if shown else "",
        }
