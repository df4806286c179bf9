"""The network of people within two steps who share something with a buyer: which of them are shown, and their places in the drawing."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from checkout.labels import LabelWords, describe_labels
from checkout.models import Order
from core.moments import amount_words
from core.readable import words
from fraud.network import neighborhood
from fraud.network.queries import Edge
from fraud.states import LinkKind

MOST = 30
"""The most people, and the most things, that are shown."""
FEW = 8
"""The most people, and the most of their orders, that are shown beside an order."""
PERSON_WIDTH, THING_WIDTH, GAP, ROW = 160, 120, 60, 48
"""Sizes of the drawing, in pixels. It has a column of people for each step, and a column of shared things between two of them."""
KINDS: dict[LinkKind, Any] = {
    LinkKind.PERSON: _("Person"),
    LinkKind.DEVICE: _("Device"),
    LinkKind.CARD: _("Card"),
    LinkKind.PHONE: _("Phone"),
    LinkKind.EMAIL: _("E-mail"),
    LinkKind.ADDRESS: _("Address"),
    LinkKind.NETWORK: _("Internet address"),
}
STEPS = (_("This person"), _("One step"), _("Two steps"))


@dataclass(frozen=True, slots=True)
class Box:
    """The left edge and the vertical middle of a box in the drawing, in pixels."""

    x: int
    mid_x: int
    mid_y: int


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A person's account in the network: its distance in steps, whether it is known as `fraud` or `honest` (or empty), its labels."""

    consumer: Consumer
    near: str
    known: str
    labels: list[LabelWords]
    box: Box

    @property
    def name(self) -> str:
        """The name, or the account's id if the name is unknown."""
        return str(self.consumer.name or self.consumer.public_id)


@dataclass(frozen=True, slots=True)
class Shared:
    """A thing that several people used, the last time, and its name on the page: a kind and a number."""

    name: str
    people: list[Neighbor]
    last_at: datetime
    box: Box


@dataclass(frozen=True, slots=True)
class Network:
    """The network of a person; `hubs` names things that too many people share, `is_cut` means that not all is shown."""

    people: list[Neighbor]
    things: list[Shared]
    hubs: list[str]
    is_cut: bool
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Linked:
    """People who share something with a person, with the names of the shared things, and their newest orders with status and amount."""

    people: list[tuple[Neighbor, list[str]]]
    orders: list[tuple[Neighbor, Order, str, str]]
    is_cut: bool


def network_of(consumer: Consumer) -> Network:
    """Return the network of a person's accounts, nearest first, known fraud before others. At most four queries."""
    edges = neighborhood(consumer.holder_id)
    steps = {edge.consumer_id: edge.step for edge in edges}
    labels: dict[uuid.UUID, list[LabelWords]] = defaultdict(list)
    for label in describe_labels(steps):
        labels[label.consumer_id].append(label)
    known = {key: _known(labels[key]) for key in steps}
    nearest = sorted(steps, key=lambda key: (steps[key], known[key] != "fraud"))
    kept = nearest[:MOST]
    shared = _shared(edges, set(kept))
    boxes = _places([steps[key] for key in kept], [found[0].step for found in shared[:MOST]])
    accounts = Consumer.objects.in_bulk(kept)
    people = {
        key: Neighbor(accounts[key], str(STEPS[steps[key]]), known[key], labels[key], box) for key, box in zip(kept, boxes, strict=False)
    }
    return Network(
        list(people.values()),
        _things(shared[:MOST], people, boxes[len(kept) :]),
        [str(KINDS[kind]) for kind in dict.fromkeys(edge.kind for edge in edges if edge.is_hub and edge.step == 0)],
        is_cut=max(len(nearest), len(shared)) > MOST,
        width=max((box.mid_x for box in boxes), default=0) + PERSON_WIDTH // 2,
        height=max((box.mid_y for box in boxes), default=0) + ROW // 2,
    )


def linked_to(consumer: Consumer) -> Linked:
    """Return the other people who share something with a person, nearest first, with their newest orders. At most five queries."""
    network = network_of(consumer)
    others = {one.consumer.pk: one for one in network.people if one.consumer.pk != consumer.pk}
    shared: dict[uuid.UUID, list[str]] = defaultdict(list)
    for thing in network.things:
        for one in thing.people:
            shared[one.consumer.pk].append(thing.name)
    nearest = list(others.items())[:FEW]
    found = Order.objects.filter(consumer__in=list(others)).select_related("merchant").order_by("-id")[:FEW] if others else ()
    return Linked(
        [(one, shared[key]) for key, one in nearest],
        [(others[order.consumer_id], order, words(order.status), amount_words(order.amount_minor, order.currency)) for order in found],
        is_cut=network.is_cut or len(others) > FEW,
    )


def _known(labels: Sequence[LabelWords]) -> str:
    """Return `fraud`, `honest` or empty by a person's labels; a label of the person as honest overrides labels of their orders."""
    if any(one.is_fraud for one in labels) and all(one.is_fraud or one.about for one in labels):
        return "fraud"
    return "honest" if labels else ""


def _shared(edges: Iterable[Edge], kept: set[uuid.UUID]) -> list[list[Edge]]:
    """Return the links of each thing that several of the people share, nearest first, then by the number of people."""
    found: dict[tuple[LinkKind, str], list[Edge]] = defaultdict(list)
    for edge in edges:
        if not edge.is_hub and edge.consumer_id in kept:
            found[edge.kind, edge.key].append(edge)
    several = [one for one in found.values() if len(one) > 1 and one[0].step < 2]
    return sorted(several, key=lambda one: (one[0].step, -len(one)))


def _things(shared: Sequence[Sequence[Edge]], people: dict[uuid.UUID, Neighbor], boxes: Sequence[Box]) -> list[Shared]:
    numbers: dict[LinkKind, int] = defaultdict(int)
    things = []
    for edges, box in zip(shared, boxes, strict=True):
        kind = edges[0].kind
        numbers[kind] += 1
        seen = [people[edge.consumer_id] for edge in edges]
        things.append(Shared(f"{KINDS[kind]} {numbers[kind]}", seen, max(edge.last_at for edge in edges), box))
    return things


def _places(people: Sequence[int], things: Sequence[int]) -> list[Box]:
    """Return the boxes of people, then of things. Columns go from left to right by step, each centered vertically."""
    columns = [(step, 0) for step in people] + [(step, 1) for step in things]
    rows = {column: columns.count(column) for column in columns}
    most, used = max(rows.values(), default=0), dict.fromkeys(rows, 0)
    boxes = []
    for step, of_things in columns:
        x = step * (PERSON_WIDTH + THING_WIDTH + 2 * GAP) + of_things * (PERSON_WIDTH + GAP)
        y = (most - rows[step, of_things]) * ROW // 2 + used[step, of_things] * ROW + ROW // 2
        used[step, of_things] += 1
        boxes.append(Box(x, x + (THING_WIDTH if of_things else PERSON_WIDTH) // 2, y))
    return boxes
