"""Pure calculations of the network: how many people a thing may join, and how a ring falls apart."""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from fraud.states import LinkKind

MOST_PEOPLE: dict[LinkKind, int] = {
    LinkKind.PERSON: 50,
    LinkKind.DEVICE: 50,
    LinkKind.CARD: 50,
    LinkKind.PHONE: 50,
    LinkKind.EMAIL: 50,
    LinkKind.ADDRESS: 30,
    LinkKind.NETWORK: 10,
}
"""How many accounts share a thing at most before it is a hub.

A house has many flats and a carrier many phones; few strangers share a card."""

Thing = tuple[LinkKind, str]
"""A kind, and the keyed hash of a value."""


def things_of(values: Mapping[str, str]) -> list[Thing]:
    """Return what links a person with others, from keyed hashes by the columns of a sighting."""
    columns = {LinkKind.PERSON: "person_key"}
    return [(kind, values.get(columns.get(kind, kind), "")) for kind in LinkKind]


Account = TypeVar("Account", bound=Hashable)


def parts_of(accounts: Iterable[Account], shared: Iterable[tuple[Hashable, Account]]) -> list[list[Account]]:
    """Return the parts into which accounts fall by what they share, pairs of a thing and an account; the largest part first.

    Takes time in proportion to the pairs.
    """
    roots = {one: one for one in accounts}

    def root(one: Account) -> Account:
        while roots[one] != one:
            roots[one] = one = roots[roots[one]]
        return one

    first: dict[Hashable, Account] = {}
    for thing, account in shared:
        roots[root(account)] = root(first.setdefault(thing, account))
    parts: dict[Account, list[Account]] = {}
    for one in roots:
        parts.setdefault(root(one), []).append(one)
    return sorted(parts.values(), key=len, reverse=True)
