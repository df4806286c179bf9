"""Conditions in CEL, Google's Common Expression Language: the only module that knows the library.

CEL always terminates: its only loops are over a list's elements, and the library limits their steps. Regular expressions are RE2's,
which take time linear in the text; their own size is limited by `controls.rules.patterns`.
"""

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from cel_expr_python import cel

from controls.rules.divisors import with_divisors
from controls.rules.facts import DECIMAL, Fact, FactType, value_of
from controls.rules.patterns import find_too_large, patterns_of
from controls.rules.tree import Node, NodeType, read_tree
from core.sentences import Sentence, marked

MAX_LENGTH = 2_000
"""The longest condition, in characters."""
MAX_DEPTH = 2
"""The deepest nesting of tests of elements."""

_TYPES = {
    FactType.AMOUNT: cel.Type.DOUBLE,
    FactType.NUMBER: cel.Type.DOUBLE,
    FactType.SHARE: cel.Type.DOUBLE,
    FactType.WHOLE: cel.Type.INT,
    FactType.TEXT: cel.Type.STRING,
    FactType.YES: cel.Type.BOOL,
    FactType.TEXTS: cel.Type.List(cel.Type.STRING),
    FactType.MOMENT: cel.Type.TIMESTAMP,
}
TYPE_NAMES = {
    "double": marked("a number with decimals"),
    "int": marked("a whole number"),
    "string": marked("a text"),
    "bool": marked("yes or no"),
    "list(string)": marked("a list of texts"),
    "google.protobuf.Timestamp": marked("a moment"),
    "google.protobuf.Duration": marked("a length of time"),
}
_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNKNOWN = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"no matching overload for '([^']*)' applied to '(.*)'")
_MISSING = re.compile(r'No value with name "([^"]*)"')
_WHOLE = re.compile(r"-?\d+(?![\d.xXuUeE])")
_MATCHED = frozenset({"_>_", "_>=_", "_<_", "_<=_", "_==_", "_!=_", "_+_", "_-_", "_*_", "_/_", "@in", "_?_:_"})
_ARITHMETIC = frozenset({"_+_", "_-_", "_*_", "_/_", "-_"})
_DIVISOR = "divisor"
"""The function around each divisor in what is evaluated; conditions cannot name it."""


def _divisor(number: float) -> float:
    """Return a divisor; ZeroDivisionError for zero, because CEL divides decimal numbers by zero and gets infinity."""
    if number == 0:
        raise ZeroDivisionError("divide by zero")
    return number


_DIVISORS = cel.FunctionDecl(
    _DIVISOR, [cel.Overload(f"divisor_{one.name()}", one, [one], impl=_divisor) for one in (cel.Type.INT, cel.Type.UINT, cel.Type.DOUBLE)]
)


_TRYING = cel.NewEnv(variables={"pattern": cel.Type.STRING})
_TRIED = _TRYING.compile("''.matches(pattern)")
"""Matches a pattern with an empty text, which is neither true nor false if it cannot be read."""


class Fault(ValueError):
    """What is wrong with a condition: a code, a sentence for people, and the place, both counted from 1."""

    def __init__(self, code: str, sentence: Sentence, *, line: int = 1, column: int = 1) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.line, self.column = code, sentence, line, column


@dataclass(frozen=True, slots=True)
class Result:
    """Whether a condition holds for a case; it does not hold if it cannot be evaluated, and then `trouble` says why.

    Trouble is `unknown` with the name of an unknown fact, or `failed` with the library's message (such as a division by zero).
    """

    holds: bool
    trouble: str = ""
    about: str = ""


_YES, _NO = Result(True), Result(False)


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked condition: its text, its tree, and the names of the facts that it reads."""

    text: str
    tree: Node = field(repr=False)
    uses: frozenset[str]
    _program: Any = field(repr=False, compare=False)

    def test(self, case: "Case") -> Result:
        """Return whether the condition holds for a case."""
        try:
            found = self._program.eval(case.activation).value()
            if found is True or found is False:
                return _YES if found else _NO
            told = str(found)
        except RuntimeError as error:
            told = str(error)
        missing = _MISSING.search(told)
        return Result(False, "unknown", missing[1]) if missing else Result(False, "failed", told.partition(": ")[2] or told)


@dataclass(frozen=True, slots=True)
class Case:
    """The known facts of one case, ready for any number of conditions of one language."""

    activation: Any


class Language:
    """The conditions over a vocabulary of facts."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        """Take the facts by their names."""
        self.facts = facts
        variables = {name: _TYPES[fact.type] for name, fact in facts.items()}
        self._env = cel.NewEnv(variables=variables)
        self._dividing = cel.NewEnv(variables=variables, functions=[_DIVISORS])

    def compile(self, text: str) -> Condition:
        """Parse and check a condition; Fault says what is wrong with it and where.

        Whole numbers that are compared with decimal facts get decimals: `amount > 500` becomes `amount > 500.0`.
        """
        if len(text) > MAX_LENGTH:
            raise Fault("too_long", Sentence("A condition has at most %(most)s characters.", most=MAX_LENGTH))
        if not text.strip():
            raise Fault("empty", Sentence("Write a condition."))
        typed = self._tree(text, checked=False)[0]
        _check_patterns(text, typed)
        ends = self._whole_among_decimals(text, typed)
        for end in reversed(ends):
            text = f"{text[:end]}.0{text[end:]}"
        try:
            tree, program = self._tree(text, checked=True)
        except Fault as fault:
            fault.column -= sum(2 for place, end in enumerate(ends) if _is_before(text, end + 2 * place, fault))
            raise
        if tree.depth > MAX_DEPTH:
            raise Fault("too_deep", Sentence("Tests of a list's elements stand in one another more than %(most)s deep.", most=MAX_DEPTH))
        found = program.return_type()
        if found != cel.Type.BOOL:
            told = TYPE_NAMES.get(_type_name(found), _type_name(found))
            raise Fault("not_yes_or_no", Sentence("A condition must be true or false; this is %(type)s.", type=told))
        uses = frozenset(node.word for node in tree.walk() if node.type == NodeType.NAME and node.word in self.facts)
        return Condition(text, tree, uses, self._careful(text, program))

    def case(self, kept: Mapping[str, Any], *, exponent: int, uses: Collection[str] | None = None) -> Case:
        """Return a case of stored facts; facts that are missing or None are unknown.

        `exponent` is the number of decimals of the case's currency, `uses` the facts that its conditions read, all if None.
        """
        values = {name: value_of(self.facts[name], kept.get(name), exponent=exponent) for name in (self.facts if uses is None else uses)}
        return Case(self._env.Activation({name: value for name, value in values.items() if value is not None}))

    def _tree(self, text: str, *, checked: bool) -> tuple[Node, Any]:
        try:
            program = self._env.compile(text, disable_check=not checked)
        except RuntimeError as error:
            raise self._fault(str(error)) from None
        return read_tree(program.serialize()), program

    def _careful(self, text: str, program: Any) -> Any:
        """Return the program that is evaluated: a division by zero makes it fail, whatever the numbers' type."""
        guarded = with_divisors(text, _DIVISOR)
        if guarded == text:
            return program
        try:
            return self._dividing.compile(guarded)
        except RuntimeError as error:
            raise self._fault(str(error)) from None

    def _whole_among_decimals(self, text: str, tree: Node) -> list[int]:
        """Return where the whole numbers end that are combined with a decimal number, in their order: CEL needs decimals there."""
        places = {
            one.at
            for node in tree.walk()
            if node.type == NodeType.CALL and node.word in _MATCHED and any(self._is_decimal(part) for part in node.parts)
            for part in node.parts
            for one in (part.parts if part.type == NodeType.LIST else (part,))
            if one.type == NodeType.VALUE and isinstance(one.value, int) and not isinstance(one.value, bool)
        }
        return [found.end() for at in sorted(places) if (found := _WHOLE.match(text, at))]

    def _is_decimal(self, node: Node) -> bool:
        if node.type == NodeType.NAME:
            return node.word in self.facts and self.facts[node.word].type in DECIMAL
        if node.type == NodeType.CALL:
            return node.word == "double" or (node.word in _ARITHMETIC and any(self._is_decimal(part) for part in node.parts))
        return node.type == NodeType.VALUE and isinstance(node.value, float)

    def _fault(self, message: str) -> Fault:
        found = _ERROR.search(message)
        line, column, said = (int(found[1]), int(found[2]), found[3]) if found else (1, 1, message)
        if unknown := _UNKNOWN.search(said):
            near = difflib.get_close_matches(unknown[1], self.facts, n=1)
            told = Sentence("There is no fact “%(name)s”.", name=unknown[1])
            if near:
                told = Sentence("There is no fact “%(name)s”. Do you mean “%(near)s”?", name=unknown[1], near=near[0])
            return Fault("unknown_fact", told, line=line, column=column)
        if overload := _OVERLOAD.search(said):
            return Fault("wrong_types", _mismatch(overload[1], overload[2]), line=line, column=column)
        if said.startswith("Syntax error"):
            return Fault("syntax", Sentence("This cannot be read here."), line=line, column=column)
        return Fault("other", Sentence("This does not hold together: %(said)s", said=said), line=line, column=column)


def _mismatch(operator: str, types: str) -> Sentence:
    """Return the message for an operator that does not fit its operands; `types` is the library's text, such as `(double, string)`."""
    sign = operator.strip("_@") or operator
    sides = [TYPE_NAMES.get(one.strip(), one.strip()) for one in types.strip("()").split(", ")]
    if len(sides) == 2:
        return Sentence("“%(sign)s” does not go with %(left)s and %(right)s.", sign=sign, left=sides[0], right=sides[1])
    return Sentence("“%(sign)s” does not go with %(left)s.", sign=sign, left=", ".join(sides))


def _check_patterns(text: str, tree: Node) -> None:
    """Refuse patterns that are too large, are no text in quotes, or cannot be read."""
    if found := find_too_large(tree):
        raise Fault("pattern", found[1], **_place(text, found[0].at))
    for node in patterns_of(tree):
        if not isinstance(_TRIED.eval(_TRYING.Activation({"pattern": node.value})).value(), bool):
            raise Fault("pattern", Sentence("This pattern cannot be read."), **_place(text, node.at))


def _is_before(text: str, at: int, fault: Fault) -> bool:
    """Return whether an offset is on the line of a fault, and before it."""
    place = _place(text, at)
    return place["line"] == fault.line and place["column"] < fault.column


def _place(text: str, at: int) -> dict[str, int]:
    """Return line and column, both from 1, of an offset in characters."""
    return {"line": text.count("\n", 0, at) + 1, "column": at - text.rfind("\n", 0, at)}


def _type_name(found: Any) -> str:
    return str(found.name()).lower()
