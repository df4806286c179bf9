"""What became of a purchase that was not paid for long, beside the versions of its schedule: given up, with an agency, sold, and back."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from collection.agencies import list_placements
from collection.models import Placement
from core.clock import local_date
from core.formats import day_text
from plans.models import ChargeOff, Plan, SoldPlan
from plans.sales import list_sold
from plans.states import ChargeOffStatus

Step = tuple[datetime, str, str]
"""When something happened, what, and what it means."""


def debt_steps(plan: Plan, locale: str) -> list[Step]:
    """Return what became of a plan since it was given up, in any order; one query, and two more where it ever was."""
    given_up = list(ChargeOff.objects.filter(plan=plan, status=ChargeOffStatus.CONFIRMED).exclude(closed_at=None))
    if not given_up:
        return []
    found = [
        (one.closed_at, _("We stopped collecting this purchase"), _("What is open is still owed.")) for one in given_up if one.closed_at
    ]
    for placement in list_placements(plan.pk):
        found += _of_placement(placement, plan, locale)
    for sold in list_sold(plan.pk):
        found += _of_sale(sold)
    return found


def _of_placement(one: Placement, plan: Plan, locale: str) -> Iterator[Step]:
    who = {"agency": one.agency.name}
    from_day = who | {"day": day_text(one.placed_on, locale)}
    yield one.told_at, _("%(agency)s collects this purchase for us") % who, _("They may ask you for it from %(day)s on.") % from_day
    if one.recalled_at is None or one.recall_cause == Placement.SOLD:
        return
    if one.recall_cause == Placement.PAID:
        yield one.recalled_at, _("%(agency)s no longer collects this purchase") % who, _("It is paid.")
    elif local_date(one.recalled_at, plan.time_zone) < one.placed_on:
        yield one.recalled_at, _("%(agency)s does not collect this purchase") % who, _("You owe it to us alone.")
    else:
        yield one.recalled_at, _("%(agency)s no longer collects this purchase") % who, _("You owe it to us alone.")


def _of_sale(one: SoldPlan) -> Iterator[Step]:
    who = {"buyer": one.sale.buyer}
    if one.sold_at:
        yield one.sold_at, _("We sold what you owed to %(buyer)s") % who, _("From then on you owed it to them.")
    if one.returned_at and one.return_cause == SoldPlan.DISPUTED:
        yield one.returned_at, _("%(buyer)s gave it back to us") % who, _("You owe nothing more for it.")
    elif one.returned_at:
        yield one.returned_at, _("%(buyer)s gave it back to us") % who, _("From then on you owe it to us alone.")
