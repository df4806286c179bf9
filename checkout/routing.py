"""Who is told of held orders: whom the routes of what holds an order name, and those of the last step before it ends."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import User
from checkout.models import OrderReview
from checkout.rules import MOST_URGENT
from checkout.ruling import rules_that_hold
from checkout.services.reviews import MAY_DECIDE, MAY_PREPARE
from controls.routing import Matter, named_by, present, routes

ESCALATED = "checkout.escalated"
"""The matter of held orders of which hardly any time is left."""


def held_matters() -> list[Matter]:
    """Return what routes of held orders can be given to: each rule that holds orders, and the last step. Two queries."""
    may = (MAY_PREPARE, MAY_DECIDE)
    last = Matter(ESCALATED, _("Held orders that nobody decided, when they become very urgent"), may)
    return [*(Matter(key, title, may) for key, title in rules_that_hold().items()), last]


def matters_of(review: OrderReview) -> set[str]:
    """Return the matters of a held order: what holds it, and the last step where it has come to it."""
    return {*(review.held_by or ()), *([ESCALATED] if review.urgency == MOST_URGENT else [])}


def told_of(review: OrderReview, day: date) -> set[str]:
    """Return the keys of operators whom routes name for a held order on a day (UTC); empty where no route does. At most three queries."""
    found = routes()
    return set().union(*named_by([found[one] for one in matters_of(review) if one in found], day).values())


def those_told(review: OrderReview | None, users: list[User], day: date) -> list[User]:
    """Return those of some operators whom the routes of a held order name and who are not away; all where that is nobody."""
    named = told_of(review, day) if review else set()
    return present([user for user in users if str(user.pk) in named] or users, day)


def matters_routed_to(key: str, day: date) -> set[str]:
    """Return the matters whose routes name an operator on a day (UTC). At most three queries."""
    return {matter for matter, named in named_by(routes().values(), day).items() if key in named}
