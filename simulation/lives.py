"""The actions of each simulated consumer, drawn before the simulation starts: pure, and the same for the same seed."""

from dataclasses import dataclass, field
from random import Random

from plans.queries import Scope

GOOD_CARD = "4242424242424242"
EMPTY_CARD = "4000000000009995"
PERSONAS = (("", 84), ("+card_fails_2nd", 6), ("+decline", 5), ("+refer", 1), ("+kyc_fail", 2), ("+approve", 2))
LEAVES = (("", 84), ("opened", 6), ("identified", 4), ("approved", 6))
PRODUCTS = (("pay_in_4", 60), ("pay_in_30", 22), ("monthly_6", 12), ("monthly_12", 6))
# Factor for the amounts of a basket, by currency: an item for 1 USD costs about this many units of it.
SCALE = {"USD": 1, "EUR": 1, "GBP": 1, "AUD": 1, "DKK": 7, "SEK": 10}
GOODS = {
    "lamps": ("Table lamp Fjord", "Pendant Nord", "Floor lamp Sol", "Wall light Havn", "Bulb set, warm white"),
    "outdoor gear": ("Rain shell", "Trail pack 30 l", "Tent for two", "Sleeping bag", "Trail shoes"),
}


@dataclass(frozen=True, slots=True)
class Purchase:
    """One purchase and its later actions; days are counted from the simulation's start.

    `leaves` is the step of checkout after which the person leaves; empty if they complete it.
    """

    day: int
    merchant: int
    amount_minor: int
    item: str
    product: str
    captures: tuple[tuple[int, int], ...]
    refunds: tuple[tuple[int, int], ...] = ()
    void_day: int | None = None
    release_day: int | None = None
    early: tuple[int, Scope] | None = None
    leaves: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """One consumer: the e-mail address, the card, whether they become a late payer, and their purchases."""

    index: int
    email: str
    card: str
    cure_day: int | None
    purchases: tuple[Purchase, ...] = field(default=())


def draw_life(*, seed: int, index: int, days: int, merchants: tuple[tuple[str, str], ...]) -> Life:
    """Draw the life of consumer `index`; `merchants` are (currency, category) of each shop."""
    draw = Random(f"{seed}:{index}")  # noqa: S311  (a simulation, not a secret)
    persona = _pick(draw, PERSONAS)
    late = draw.random() < 0.03
    email = f"person{index}.s{seed}{persona}@people.example"
    count = 1 + min(int(draw.expovariate(0.9) * days / 120), 8)
    home = draw.randrange(len(merchants))
    purchases = tuple(_purchase(draw, days, home, merchants[home], late=late) for _ in range(count))
    cure = draw.randrange(days // 2, days) if late and draw.random() < 0.5 and days > 2 else None
    return Life(index, email, EMPTY_CARD if late else GOOD_CARD, cure, tuple(sorted(purchases, key=lambda p: p.day)))


def _pick(draw: Random, weighted: tuple[tuple[str, int], ...]) -> str:
    return draw.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


def _purchase(draw: Random, days: int, merchant: int, shop: tuple[str, str], *, late: bool) -> Purchase:
    currency, category = shop
    day = draw.randrange(days)
    dollars = min(max(draw.lognormvariate(4.6, 0.6), 15), 900)
    amount = round(dollars * SCALE.get(currency, 1)) * 100 - draw.choice((0, 1, 5))
    product = "pay_in_30" if late else _pick(draw, PRODUCTS)
    if amount < 20_000 * SCALE.get(currency, 1) and product.startswith("monthly"):
        product = "pay_in_4"
    captures = _captures(draw, day, amount)
    void = day + 2 if draw.random() < 0.03 else None
    refunds = _refunds(draw, captures) if void is None else ()
    scopes: tuple[Scope, Scope] = ("next", "all")
    early = (day + draw.randrange(5, 60), draw.choice(scopes)) if draw.random() < 0.1 and not late else None
    item = draw.choice(GOODS.get(category, ("Goods",)))
    leaves = _pick(draw, LEAVES)
    release = captures[1][0] if len(captures) > 1 and draw.random() < 0.3 else None
    sent = () if void is not None else captures[:1] if release is not None else captures
    return Purchase(day, merchant, amount, item, product, sent, refunds, void, release, early, leaves)


def _captures(draw: Random, day: int, amount: int) -> tuple[tuple[int, int], ...]:
    first = day + draw.choice((0, 0, 0, 1, 1, 2, 3))
    if draw.random() < 0.08:
        part = amount * draw.randrange(30, 70) // 100
        return (first, part), (first + draw.randrange(1, 8), amount - part)
    return ((first, amount),)


def _refunds(draw: Random, captures: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    if draw.random() >= 0.09:
        return ()
    day, amount = captures[0]
    share = 100 if draw.random() < 0.4 else draw.randrange(10, 90)
    return ((day + draw.randrange(3, 30), max(amount * share // 100, 1)),)
