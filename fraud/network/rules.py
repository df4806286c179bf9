"""Pure calculations of the network: how many people a thing may join, and the parts of a ring."""

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
"""The most accounts that share a thing before it becomes a hub.

A house has many flats and a carrier many phones; few strangers share a card.
"""

Thing = tuple[LinkKind, str]
"""A kind, and the keyed hash of a value."""


def things_of(values: Mapping[str, str]) -> list[Thing]:
    """Return the things that link a person with others, from keyed hashes by column of a sighting."""
    columns = {LinkKind.PERSON: "person_key"}
    return [(kind, values.get(columns.get(kind, kind), "")) for kind in LinkKind]


Account = TypeVar("Account", bound=Hashable)


def parts_of(accounts: Iterable[Account], shared: Iterable[tuple[Hashable, Account]]) -> list[list[Account]]:
    """Return the connected components of accounts, largest first; `shared` has pairs of a thing and an account.

    Takes time linear in the number of pairs.
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
