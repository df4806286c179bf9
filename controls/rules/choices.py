"""Conditions made of choices: tests of one fact each, joined by "and" or "or", for people who write no CEL."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from controls.rules.facts import DECIMAL, NUMERIC, Fact, FactType
from controls.rules.tree import Node, NodeType

Joined = Literal["and", "or"]


class Operator(StrEnum):
    """How a test compares a fact with its value."""

    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"
    IS = "is"
    IS_NOT = "is_not"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    CONTAINS = "contains"
    BEGINS = "begins"
    ENDS = "ends"
    HAS = "has"
    HAS_NOT = "has_not"
    YES = "yes"
    NO = "no"


_COMPARED = (Operator.ABOVE, Operator.AT_LEAST, Operator.BELOW, Operator.AT_MOST, Operator.IS, Operator.IS_NOT)
OPERATORS: dict[FactType, tuple[Operator, ...]] = {
    **dict.fromkeys(NUMERIC, _COMPARED),
    FactType.TEXT: (
        Operator.IS,
        Operator.IS_NOT,
        Operator.ONE_OF,
        Operator.NONE_OF,
        Operator.CONTAINS,
        Operator.BEGINS,
        Operator.ENDS,
    ),
    FactType.TEXTS: (Operator.HAS, Operator.HAS_NOT),
    FactType.YES: (Operator.YES, Operator.NO),
    FactType.MOMENT: (),
}
"""The operators of each type; a MOMENT can be compared only in CEL."""
MANY = frozenset({Operator.ONE_OF, Operator.NONE_OF})
"""The operators that take a list of values."""
BARE = frozenset({Operator.YES, Operator.NO})
"""The operators that take no value."""

SIGNS = {
    Operator.ABOVE: ">",
    Operator.AT_LEAST: ">=",
    Operator.BELOW: "<",
    Operator.AT_MOST: "<=",
    Operator.IS: "==",
    Operator.IS_NOT: "!=",
}
_BY_SIGN = {f"_{sign}_": operator for operator, sign in SIGNS.items()}
_METHODS = {Operator.CONTAINS: "contains", Operator.BEGINS: "startsWith", Operator.ENDS: "endsWith"}
_BY_METHOD = {method: operator for operator, method in _METHODS.items()}

_OF_ONE_VALUE = (Operator.IS, Operator.IS_NOT, Operator.ONE_OF, Operator.NONE_OF)


@dataclass(frozen=True, slots=True)
class Choice:
    """A test of one fact. `value` is a number, a text, a tuple of texts for `MANY`, or None for `BARE`; amounts are in whole units."""

    fact: str
    operator: Operator
    value: Any = None


def write_choices(choices: Sequence[Choice], joined: Joined, facts: Mapping[str, Fact]) -> str:
    """Return the condition in CEL; KeyError for an unknown fact, ValueError for an operator that does not fit its type."""
    sign = " && " if joined == "and" else " || "
    return sign.join(_write(choice, facts[choice.fact]) for choice in choices)


def _write(choice: Choice, fact: Fact) -> str:
    operator, name = choice.operator, choice.fact
    if operator not in OPERATORS[fact.type]:
        raise ValueError(f"{operator} does not fit {fact.type}")
    if operator in BARE:
        return name if operator == Operator.YES else f"!{name}"
    if operator in MANY:
        listed = f"{name} in [{', '.join(_literal(one, fact) for one in choice.value)}]"
        return listed if operator == Operator.ONE_OF else f"!({listed})"
    value = _literal(choice.value, fact)
    if operator in _METHODS:
        return f"{name}.{_METHODS[operator]}({value})"
    if operator in (Operator.HAS, Operator.HAS_NOT):
        return f"{value} in {name}" if operator == Operator.HAS else f"!({value} in {name})"
    return f"{name} {SIGNS[operator]} {value}"


def _literal(value: Any, fact: Fact) -> str:
    """Return a value as CEL source; texts are written as JSON, whose escapes CEL also reads."""
    if fact.type in DECIMAL:
        return str(float(value))
    if fact.type == FactType.WHOLE:
        return str(int(value))
    return json.dumps(str(value), ensure_ascii=False)


def read_choices(tree: Node, facts: Mapping[str, Fact]) -> tuple[Joined, list[Choice]] | None:
    """Return the choices in a condition and how they are joined; None if the condition cannot be expressed by choices."""
    joined: Joined = "or" if tree.word == "_||_" and tree.type == NodeType.CALL else "and"
    found = [_read(part, facts) for part in flat(tree, "_||_" if joined == "or" else "_&&_")]
    choices = [choice for choice in found if choice is not None]
    return (joined, choices) if len(choices) == len(found) else None


def unknown_values(tree: Node, facts: Mapping[str, Fact]) -> list[tuple[Fact, str]]:
    """Return the values with which a condition compares facts that never have them: those whose values are all known."""
    read = [choice for node in tree.walk() if (choice := _read(node, facts)) is not None and choice.operator in _OF_ONE_VALUE]
    pairs = [(facts[one.fact], value) for one in read for value in (one.value if isinstance(one.value, tuple) else (one.value,))]
    return [(fact, str(value)) for fact, value in pairs if fact.type == FactType.TEXT and fact.choices and value not in fact.choices]


def flat(tree: Node, word: str) -> list[Node]:
    """Return the operands that one operator joins, at any nesting: `(a && b) && c` has three."""
    if tree.type == NodeType.CALL and tree.word == word:
        return [one for part in tree.parts for one in flat(part, word)]
    return [tree]


def _read(node: Node, facts: Mapping[str, Fact]) -> Choice | None:
    """Return a part of a condition as a choice; None if it is not one."""
    if node.type == NodeType.NAME:
        return _bare(node, facts, Operator.YES)
    if node.type != NodeType.CALL:
        return None
    match node.word, node.parts:
        case "!_", (inner,):
            return _denied(inner, facts)
        case "@in", (left, right):
            return _in(left, right, facts, Operator.HAS, Operator.ONE_OF)
        case word, (left, right) if word in _BY_SIGN or word in _BY_METHOD:
            operator = _BY_SIGN.get(word) or _BY_METHOD[word]
            return _choice(left, operator, right.value, facts) if right.type == NodeType.VALUE else None
    return None


def _denied(inner: Node, facts: Mapping[str, Fact]) -> Choice | None:
    if inner.type == NodeType.NAME:
        return _bare(inner, facts, Operator.NO)
    if inner.type == NodeType.CALL and inner.word == "@in":
        return _in(inner.parts[0], inner.parts[1], facts, Operator.HAS_NOT, Operator.NONE_OF)
    return None


def _bare(node: Node, facts: Mapping[str, Fact], operator: Operator) -> Choice | None:
    return Choice(node.word, operator) if node.word in facts and facts[node.word].type == FactType.YES else None


def _in(left: Node, right: Node, facts: Mapping[str, Fact], has: Operator, one_of: Operator) -> Choice | None:
    if left.type == NodeType.VALUE:
        return _choice(right, has, left.value, facts)
    if right.type == NodeType.LIST and all(part.type == NodeType.VALUE for part in right.parts):
        return _choice(left, one_of, tuple(part.value for part in right.parts), facts)
    return None


def _choice(node: Node, operator: Operator, value: Any, facts: Mapping[str, Fact]) -> Choice | None:
    known = node.type == NodeType.NAME and node.word in facts and operator in OPERATORS[facts[node.word].type]
    return Choice(node.word, operator, value) if known else None
