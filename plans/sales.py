"""Reads of sales of debts: what can be sold, what a sale lists, and to whom a plan was sold."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from core.arrays import plain_array
from core.db import rows
from core.errors import NotFound
from core.ids import public_id
from core.states import words
from payments.queries import list_being_disputed
from plans.models import DebtSale, SoldPlan
from plans.standstill import MOVES
from plans.states import INSTALLMENT_OPEN, ChargeOffStatus, PlanStatus

MOST = 5_000
"""The most plans that are sold together."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which plans a sale takes: given up until a day, open amounts in minor units between two, and for which causes."""

    market: str
    currency: str
    given_up_until: date
    least_minor: int
    most_minor: int
    causes: tuple[str, ...]
    zone: str = ""
    """The time zone of the plans; empty for all."""

    def as_json(self) -> dict[str, object]:
        """Return it as it is kept with the sale."""
        return {
            "given_up_until": self.given_up_until.isoformat(),
            "least_minor": self.least_minor,
            "most_minor": self.most_minor,
            "causes": list(self.causes),
        }


@dataclass(frozen=True, slots=True)
class Parts:
    """What is open of a debt in minor units, by what it is: notices to debtors itemize it (such as 12 CFR 1006.34(c)(2))."""

    principal_minor: int
    interest_minor: int
    fees_minor: int

    @property
    def total_minor(self) -> int:
        """The sum."""
        return self.principal_minor + self.interest_minor + self.fees_minor


_OPEN = "i.principal_minor + i.interest_minor + i.fees_minor - i.paid_principal_minor - i.paid_interest_minor - i.paid_fees_minor"
# What is under way is not sold, nor what is owed by a person for whom collecting stands still.
_TO_SELL = f"""
    SELECT p.id, o.minor FROM plans_plan p JOIN plans_product r ON r.id = p.product_id
    CROSS JOIN LATERAL (
        SELECT sum({_OPEN})::bigint AS minor,
            bool_or(i.charge_id IS NOT NULL) AS under_way
        FROM plans_installment i WHERE i.plan_id = p.id AND i.status IN ({words(INSTALLMENT_OPEN)})) o
    CROSS JOIN LATERAL (
        SELECT x.reason, x.closed_at FROM plans_chargeoff x
        WHERE x.plan_id = p.id AND x.status = '{ChargeOffStatus.CONFIRMED}' ORDER BY x.id DESC LIMIT 1) x
    WHERE p.status = '{PlanStatus.CHARGED_OFF}' AND p.sold_at IS NULL AND r.market_id = %(market)s AND p.currency = %(currency)s
        AND x.reason = ANY(%(causes)s::text[]) AND (x.closed_at AT TIME ZONE p.time_zone)::date <= %(until)s
        AND (%(zone)s = '' OR p.time_zone = %(zone)s)
        AND o.minor BETWEEN %(least)s AND %(most)s AND NOT o.under_way AND {MOVES}
    ORDER BY p.id LIMIT {MOST}"""  # noqa: S608  (words of our own)


def list_to_sell(choice: Choice) -> list[tuple[uuid.UUID, int]]:
    """Return the plans that a choice takes, each with what is open, fees included, in minor units, by their keys; two queries.

    What a bank looks into is left out.
    """
    told = {
        "market": choice.market,
        "currency": choice.currency,
        "causes": list(choice.causes),
        "until": choice.given_up_until,
        "least": choice.least_minor,
        "most": choice.most_minor,
        "zone": choice.zone,
    }
    found = [(key, int(minor)) for key, minor in rows(_TO_SELL, told)]
    disputed = list_being_disputed([public_id("pln", key) for key, _ in found])
    return [(key, minor) for key, minor in found if public_id("pln", key) not in disputed]


_OPEN_OF = f"""
    SELECT i.plan_id, sum(i.principal_minor - i.paid_principal_minor)::bigint, sum(i.interest_minor - i.paid_interest_minor)::bigint,
        sum(i.fees_minor - i.paid_fees_minor)::bigint
    FROM plans_installment i WHERE i.plan_id = ANY(%s::uuid[]) AND i.status IN ({words(INSTALLMENT_OPEN)}) GROUP BY 1"""  # noqa: S608


def open_minor_of(plan_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return what is open of plans, fees included, in minor units; plans without an open installment are left out; one query."""
    return {key: one.total_minor for key, one in open_parts_of(plan_ids).items()}


def open_parts_of(plan_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Parts]:
    """Return what is open of plans as `open_minor_of`, by what it is; one query."""
    return {key: Parts(*map(int, minors)) for key, *minors in rows(_OPEN_OF, [plain_array(plan_ids)])}


def digest_of(listed: Iterable[SoldPlan]) -> str:
    """Return a text that is equal for equal lists: who decides signs exactly the plans and prices that were proposed."""
    told = "\n".join(f"{one.plan_id} {one.face_minor} {one.price_minor}" for one in sorted(listed, key=lambda one: one.plan_id))
    return hashlib.sha256(told.encode()).hexdigest()


def get_sale(key: object) -> DebtSale:
    """Return a sale by its key; NotFound."""
    try:
        found = DebtSale.objects.filter(pk=uuid.UUID(str(key))).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such sale.")
    return found


def list_sold(plan_id: uuid.UUID) -> list[SoldPlan]:
    """Return each sale of a plan, returned or not, with the sale; one query."""
    return list(SoldPlan.objects.select_related("sale").filter(plan_id=plan_id, sold_at__isnull=False).order_by("id"))


def find_sold(plan_id: uuid.UUID) -> SoldPlan | None:
    """Return how a plan was sold, with its sale; None if it is ours."""
    return SoldPlan.objects.select_related("sale").filter(plan_id=plan_id, sold_at__isnull=False, returned_at=None).first()
