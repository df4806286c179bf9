"""What a payment before its date, or from a bank account, earns by a rule, and what caps leave of it. Pure."""

from collections.abc import Mapping

SHARE, MONEY, CREDIT, NOTHING = "share", "money", "credit", "nothing"
"""What a rule may say of a payment: a share of it goes back, an amount goes back or is a credit against fees, or nothing."""
WHOLE_BPS = 10_000


def reward_of(
    paid_minor: int, said: str, value: float | None, decimals: int, *, before_minor: int = 0, price_minor: int | None = None
) -> int:
    """Return what a payment earns, in minor units: never more than the payment itself; rounded down.

    An amount (`MONEY`, `CREDIT`) is in whole units of a currency with so many decimals, for a whole installment: where `price_minor` is
    more than the payment, it earns its part (`part_of`).
    """
    if value is None or said not in {SHARE, MONEY, CREDIT}:
        return 0
    if said == SHARE:
        return min(paid_minor, paid_minor * round(value * WHOLE_BPS) // WHOLE_BPS)
    price = paid_minor if price_minor is None else price_minor
    return min(paid_minor, part_of(min(price, round(value * 10**decimals)), paid_minor, before_minor, price))


def part_of(whole_minor: int, paid_minor: int, before_minor: int, price_minor: int) -> int:
    """Return what a part of an installment earns of what the whole would, in minor units.

    `before_minor` of the price `price_minor` was paid before it. Parts that pay the whole earn all of it together, to the minor unit.
    """
    after = min(price_minor, before_minor + paid_minor)
    return whole_minor * after // price_minor - whole_minor * min(before_minor, after) // price_minor if price_minor else 0


def left_of_caps(paid_minor: int, caps: Mapping[str, int], *, of_plan_minor: int, of_year_minor: int) -> int:
    """Return the most that a payment may earn by a market's caps, in minor units.

    `of_plan_minor` is what stands of the rewards of its plan, `of_year_minor` of those of its person in twelve months.
    """
    rooms = (paid_minor * caps["share_bps"] // WHOLE_BPS, caps["plan_minor"] - of_plan_minor, caps["person_year_minor"] - of_year_minor)
    return max(0, min(rooms))


def share_taken(standing_minor: int, paid_minor: int, back_minor: int) -> int:
    """Return what is kept of a reward when `back_minor` of the `paid_minor` that still stand of its payment go back; all with the last."""
    return standing_minor if back_minor >= paid_minor else standing_minor * back_minor // paid_minor
