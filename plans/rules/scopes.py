"""For which purchases a product is meant, and which of several products stands for another. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

CLASS_AXES = ("group", "kind")
"""The kinds of customer classes that may narrow a product. The others tell of risk or of a place, which rules use after asking the law."""


@dataclass(frozen=True, slots=True)
class Where:
    """A purchase as scopes see it: the shop's brand, short name and trade, and the customer's classes, each as `axis:code`."""

    brand: str
    shop: str
    trade: str = ""
    classes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a product is meant: one of the brands, one of the shops, one of the trades, and one of the classes. Empty means all."""

    brands: frozenset[str] = frozenset()
    shops: frozenset[str] = frozenset()
    trades: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()

    def fits(self, where: Where) -> bool:
        """Return whether a purchase is within it; trades are compared without regard to capitals."""
        return (
            (not self.brands or where.brand in self.brands)
            and (not self.shops or where.shop in self.shops)
            and (not self.trades or where.trade.casefold() in {one.casefold() for one in self.trades})
            and (not self.classes or not self.classes.isdisjoint(where.classes))
        )

    @property
    def is_all(self) -> bool:
        """Whether it is meant for every purchase."""
        return not (self.brands or self.shops or self.trades or self.classes)

    @property
    def narrowness(self) -> tuple[bool, bool, bool, bool]:
        """How narrow it is, to compare: one by shop is narrower than one by trade, then by class, then by brand."""
        return bool(self.shops), bool(self.trades), bool(self.classes), bool(self.brands)


class Scoped(Protocol):
    """A product, as far as scopes matter."""

    code: str
    stands_for: str

    @property
    def scope(self) -> Scope:
        """For whom it is meant."""
        ...


Of = TypeVar("Of", bound=Scoped)


def left_standing(products: Sequence[Of]) -> list[Of]:
    """Return those of the products that fit a purchase that are offered: each that is replaced by none, in their order.

    A product with `stands_for` takes the place of that product; of several for the same one the narrowest is left, the first of equals.
    Any other product adds to the offer.
    """
    best: dict[str, Of] = {}
    for one in products:
        if one.stands_for and (one.stands_for not in best or one.scope.narrowness > best[one.stands_for].scope.narrowness):
            best[one.stands_for] = one
    return [one for one in products if (best[one.stands_for] is one if one.stands_for else one.code not in best)]


def replaceable(code: str, products: Iterable[Of]) -> list[Of]:
    """Return those of the products on offer in whose place the product `code` may be offered.

    Not itself; and none that stands for another, nor any if one stands for `code`: a product takes the place of one, never of a third.
    """
    known = list(products)
    if any(one.stands_for == code for one in known if one.code != code):
        return []
    return [one for one in known if one.code != code and not one.stands_for]
