"""The syntax tree of a condition, read from the serialized form that the CEL library returns.

That form is the message `cel.expr.ParsedExpr` or `cel.expr.CheckedExpr` inside a `google.protobuf.Any`. The library has no classes for it,
so the few needed fields are read from the wire format by their numbers (cel-spec, `proto/cel/expr/syntax.proto`).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_PARSED, _CHECKED = "cel.expr.ParsedExpr", "cel.expr.CheckedExpr"
_EXPR = {_PARSED: 2, _CHECKED: 4}
_SOURCE = {_PARSED: 3, _CHECKED: 5}


class NodeType(StrEnum):
    """What a node is: a value, a name, a call of a function or operator, a list, a test of a list's elements, another loop, or other."""

    VALUE = "value"
    NAME = "name"
    CALL = "call"
    LIST = "list"
    SOME = "some"
    EVERY = "every"
    LOOP = "loop"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a condition.

    `at` is its offset in the text in characters. `word` is the name, the function or operator as CEL calls it (`_>_`, `contains`), or the
    variable of a loop; `parts` are its arguments (the object of a method first), elements, a loop's list and step, or whatever else stands
    in it. No part is left out, because the check of who may use a fact reads this tree.
    """

    type: NodeType
    at: int
    word: str = ""
    value: Any = None
    parts: tuple["Node", ...] = ()

    def walk(self) -> Iterator["Node"]:
        """Return this node and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def depth(self) -> int:
        """The nesting depth of loops over elements."""
        own = int(self.type in (NodeType.SOME, NodeType.EVERY, NodeType.LOOP))
        return own + max((part.depth for part in self.parts), default=0)


def read_tree(message: bytes) -> Node:
    """Return the tree of a serialized condition; ValueError for anything else."""
    outer = _Message(message)
    name = outer.text(1).rpartition("/")[2]
    if name not in _EXPR:
        raise ValueError(f"unexpected message {name!r}")
    inner = outer.inner(2)
    source = inner.inner(_SOURCE[name])
    places = {pair.number(1): pair.number(2) for pair in source.all_inner(4)}
    return _node(inner.inner(_EXPR[name]), places)


def _node(expr: "_Message", places: dict[int, int]) -> Node:
    at = places.get(expr.number(2), 0)
    if expr.has(3):
        return Node(NodeType.VALUE, at, value=_constant(expr.inner(3)))
    if expr.has(4):
        return Node(NodeType.NAME, at, expr.inner(4).text(1))
    if expr.has(6):
        call = expr.inner(6)
        target = [call.inner(1)] if call.has(1) else []
        return Node(NodeType.CALL, at, call.text(2), parts=tuple(_node(part, places) for part in [*target, *call.all_inner(3)]))
    if expr.has(7):
        return Node(NodeType.LIST, at, parts=tuple(_node(part, places) for part in expr.inner(7).all_inner(1)))
    return _loop(expr.inner(9), places, at) if expr.has(9) else _other(expr, places, at)


def _other(expr: "_Message", places: dict[int, int], at: int) -> Node:
    """Return the node of a field's selection, or of a map or message; its parts are the object, or all keys and values."""
    if expr.has(5):
        return Node(NodeType.OTHER, at, expr.inner(5).text(2), parts=(_node(expr.inner(5).inner(1), places),))
    entries = expr.inner(8).all_inner(2) if expr.has(8) else []
    return Node(
        NodeType.OTHER, at, parts=tuple(_node(entry.inner(field), places) for entry in entries for field in (3, 4) if entry.has(field))
    )


_TESTS = {"_||_": NodeType.SOME, "_&&_": NodeType.EVERY}


def _loop(loop: "_Message", places: dict[int, int], at: int) -> Node:
    """Return `list.exists(x, ...)` or `list.all(x, ...)`, which CEL writes as a loop that joins the results by "or" or "and".

    Other loops (`filter`, `map`, `exists_one`) keep their whole step.
    """
    step = _node(loop.inner(6), places)
    kind = _TESTS.get(step.word, NodeType.LOOP) if step.type == NodeType.CALL else NodeType.LOOP
    return Node(kind, at, loop.text(1), parts=(_node(loop.inner(2), places), step if kind == NodeType.LOOP else step.parts[-1]))


def _constant(message: "_Message") -> Any:
    if message.has(2):
        return bool(message.number(2))
    if message.has(3):
        number = message.number(3)
        return number - 2**64 if number >= 2**63 else number
    if message.has(4):
        return message.number(4)
    if message.has(5):
        return struct.unpack("<d", message.raw(5))[0]
    if message.has(6):
        return message.text(6)
    return message.raw(7) if message.has(7) else None


class _Message:
    """The fields of a message in the wire format, by their numbers."""

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[Any]] = {}
        place = 0
        while place < len(data):
            key, place = _varint(data, place)
            value: Any
            match key & 7:
                case 0:
                    value, place = _varint(data, place)
                case 1:
                    value, place = data[place : place + 8], place + 8
                case 2:
                    length, place = _varint(data, place)
                    value, place = data[place : place + length], place + length
                case 5:
                    value, place = data[place : place + 4], place + 4
                case other:
                    raise ValueError(f"unexpected wire type {other}")
            self._fields.setdefault(key >> 3, []).append(value)

    def has(self, field: int) -> bool:
        return field in self._fields

    def raw(self, field: int) -> bytes:
        found: bytes = self._fields[field][-1] if field in self._fields else b""
        return found

    def number(self, field: int) -> int:
        found: int = self._fields[field][-1] if field in self._fields else 0
        return found

    def text(self, field: int) -> str:
        return self.raw(field).decode()

    def inner(self, field: int) -> "_Message":
        return _Message(self.raw(field))

    def all_inner(self, field: int) -> list["_Message"]:
        return [_Message(data) for data in self._fields.get(field, [])]


def _varint(data: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, place
