"""The demo's first customers: short plans that have ended, well and badly, so that a model can be learned from its own cases."""

from datetime import datetime, timedelta
from random import Random

from checkout import services as checkouts
from checkout.services import CheckoutDraft
from core import clock, timers
from core.errors import DomainError
from core.money import Money
from credit.models import Decision
from merchants.models import Merchant
from payments.gateways.sandbox import follow_clock
from simulation import shopper
from simulation.lives import EMPTY_CARD, GOOD_CARD
from simulation.world import first_moment

PEOPLE = 50
PRODUCT, DUE = "pay_in_30", 30
DAYS_BEFORE = 68
"""They buy so many days before now: a plan with an installment that was due more than 30 days ago has ended as a case."""
BOUGHT_ON = 2
"""The days on which they buy."""
DAYS_AFTER = DAYS_BEFORE - DUE - BOUGHT_ON + 1
"""How many days before now the last day is that they live through."""
SURE, UNSURE = 820, 620
"""The bureau's scores from which on nearly everybody, and up to which nearly nobody pays."""


def let_early_people_buy(merchant: Merchant, *, at: datetime) -> int:
    """Let people buy weeks before `at`, in the past, and live through the days on which their installments are due; return how many bought.

    Who has a weak file more often has an empty card. Nothing happens on the days between, so they are not simulated one by one.
    """
    draw, bought = Random(13), 0  # noqa: S311  (a simulation, not a secret)
    start = first_moment(at - timedelta(days=DAYS_BEFORE), past=True)
    days = [*range(BOUGHT_ON), *(DUE + day for day in range(BOUGHT_ON))]
    for day in days:
        then = start + timedelta(days=day)
        follow_clock(offset=then - clock.wall())
        if day < BOUGHT_ON:
            bought += sum(_buy(merchant, number, draw, then) for number in range(day, PEOPLE, BOUGHT_ON))
        timers.run_until_quiet(at=then)
    follow_clock(offset=clock.offset())
    return bought


def _buy(merchant: Merchant, number: int, draw: Random, at: datetime) -> bool:
    """Let a person buy, and the shop send it at once; return whether they did."""
    minor = draw.randrange(30, 160) * 100
    item = {"name": "Table lamp Fjord", "quantity": 1, "unit_amount": minor, "amount": minor}
    urls = {"confirmation": f"https://{merchant.slug}.example/thanks", "cancel": f"https://{merchant.slug}.example/basket"}
    draft = CheckoutDraft(
        amount=Money(minor, merchant.currency), merchant_reference=f"NL-EARLY-{number + 1}", items=[item], urls=urls, capture="automatic"
    )
    checkout = checkouts.open_checkout(merchant=merchant, draft=draft, at=at)
    email = f"early{number}@people.example"
    try:
        shopper.identify(checkout=checkout, email=email, at=at)
        decision = checkouts.decide(checkout_id=checkout.id, at=at)
        card = EMPTY_CARD if draw.random() > _surely(decision) else GOOD_CARD
        return shopper.complete(checkout=checkout, email=email, product=PRODUCT, card=card, at=at).order is not None
    except DomainError:
        return False


def _surely(decision: Decision) -> float:
    """Return how likely the person pays, by the score of the bureau."""
    return (decision.inputs["bureau"]["score"] - UNSURE) / (SURE - UNSURE) if decision.inputs["bureau"] else 0.5
