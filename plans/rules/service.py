"""Service fees: what a purchase costs besides its interest, paid with the first payment of what was sent. Amounts in minor units."""

from fractions import Fraction

from plans.rules.split import round_half_up

BPS = 10_000


def service_fee(fixed_minor: int, bps: int, most_minor: int, lent_minor: int) -> int:
    """Return the fee for an amount of credit: a fixed part and a share of it, rounded half up; at most `most_minor` unless that is 0."""
    if lent_minor <= 0:
        return 0
    fee = fixed_minor + round_half_up(Fraction(lent_minor * bps, BPS))
    return min(fee, most_minor) if most_minor else fee


def service_share(fee_minor: int, *, amount_minor: int, before_minor: int, part_minor: int) -> int:
    """Return what a capture of `part_minor` after captures of `before_minor` bears of the fee of an order of `amount_minor`.

    In proportion, rounded half up over the captures so far, so that the shares of all captures add up to the fee.
    """
    upto, given = (round_half_up(Fraction(fee_minor * minor, amount_minor)) for minor in (before_minor + part_minor, before_minor))
    return upto - given
