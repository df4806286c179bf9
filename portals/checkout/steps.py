"""Which step a checkout is at, derived from stored facts, so that any browser, a reload and the back button show the right page."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.http import HttpRequest

from accounts.models import Consumer, SignInCode
from accounts.proofs.levels import level_missing
from accounts.queries import missing_details
from accounts.states import Identity
from brands.queries import brand_of
from checkout.models import Checkout
from checkout.queries import get_checkout
from checkout.states import CheckoutStatus
from core.errors import NotFound
from core.ids import parse_id
from core.money import Money
from credit.queries import are_figures_needed
from merchants.queries import registered_origins
from portals import sessions
from portals.checkout.opening import Opening, read_opening


class Step(StrEnum):
    """The pages of a checkout."""

    CONTACT = "contact"
    CODE = "code"
    DETAILS = "details"
    PICTURES = "pictures"
    FIGURES = "figures"
    CHECK = "check"
    WAIT = "wait"
    PROVE = "prove"
    REFUSED = "refused"
    PLAN = "plan"
    DONE = "done"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELED = "canceled"


_DECIDED = {"approve": Step.PLAN, "refer": Step.PLAN, "decline": Step.REFUSED, "step_up": Step.PROVE}
"""The page that follows each outcome of the credit decision."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to a checkout: the consumer of this browser's session, the code it waits for, and how the shop opened the checkout."""

    checkout: Checkout
    consumer: Consumer | None
    code: SignInCode | None
    at: datetime
    opening: Opening

    @property
    def owner(self) -> Consumer | None:
        """The consumer of this checkout, if the visitor is that consumer; other browsers never see the consumer's data."""
        mine = self.consumer is not None and self.checkout.consumer_id == self.consumer.id
        return self.consumer if mine else None


def open_visit(request: HttpRequest, checkout_id: str, at: datetime) -> Visit:
    """Load a checkout with its visitor, and let only its shop show it in a frame; NotFound."""
    checkout = get_checkout(parse_id("chk", checkout_id))
    if checkout.merchant.brand_id != brand_of(request).code:
        raise NotFound("There is no such checkout.")
    opening = read_opening(request, checkout)
    request.frame_ancestors = registered_origins(checkout.merchant)  # type: ignore[attr-defined]
    request.has_opener = opening.mode == "popup" and bool(opening.origin)  # type: ignore[attr-defined]
    return Visit(checkout, sessions.find_consumer(request, checkout.consumer), sessions.find_code(request, at), at, opening)


def find_step(visit: Visit, *, figures: bool = True) -> Step:
    """Return the step that a checkout is at for this visitor; CHECK in place of FIGURES unless `figures`, which saves queries."""
    checkout, owner = visit.checkout, visit.owner
    if checkout.status == CheckoutStatus.COMPLETED:
        return Step.DONE if owner else Step.COMPLETED
    if checkout.status == CheckoutStatus.CANCELED:
        return Step.CANCELED
    if checkout.status == CheckoutStatus.EXPIRED or checkout.expires_at <= visit.at:
        return Step.EXPIRED
    if owner is None:
        return Step.CODE if visit.code else Step.CONTACT
    return _step_of_owner(checkout, owner, visit.at, figures=figures)


def _step_of_owner(checkout: Checkout, owner: Consumer, at: datetime, *, figures: bool) -> Step:
    if checkout.decision is not None:
        return _DECIDED[checkout.decision.outcome]
    if owner.identity == Identity.REJECTED:
        return Step.REFUSED
    if owner.identity == Identity.PENDING:
        return Step.WAIT
    if owner.identity == Identity.UNKNOWN and missing_details(owner):
        return Step.DETAILS
    return _step_of_verified(checkout, owner, at, figures=figures) if owner.identity == Identity.VERIFIED else Step.CHECK


def _step_of_verified(checkout: Checkout, owner: Consumer, at: datetime, *, figures: bool) -> Step:
    if level_missing(owner, checkout.amount_minor, checkout.merchant.market_id, at):
        return Step.PICTURES
    if figures and are_figures_needed(owner, Money(checkout.amount_minor, checkout.currency), at):
        return Step.FIGURES
    return Step.CHECK
