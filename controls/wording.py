"""Conditions in translated, whole sentences, for people who do not read CEL."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from babel.lists import format_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from controls.rules.choices import Operator, flat
from controls.rules.facts import Fact, FactType
from controls.rules.tree import Node, NodeType
from core.formats import parse_locale
from core.moments import amount_words, desk_locale, number_words, percent_words
from core.money import exponent
from core.sentences import Text

OPERATOR_TITLES: dict[Operator, Text] = {
    Operator.ABOVE: gettext_lazy("is more than"),
    Operator.AT_LEAST: gettext_lazy("is at least"),
    Operator.BELOW: gettext_lazy("is less than"),
    Operator.AT_MOST: gettext_lazy("is at most"),
    Operator.IS: gettext_lazy("is"),
    Operator.IS_NOT: gettext_lazy("is not"),
    Operator.ONE_OF: gettext_lazy("is one of"),
    Operator.NONE_OF: gettext_lazy("is none of"),
    Operator.CONTAINS: gettext_lazy("contains"),
    Operator.BEGINS: gettext_lazy("begins with"),
    Operator.ENDS: gettext_lazy("ends with"),
    Operator.HAS: gettext_lazy("include"),
    Operator.HAS_NOT: gettext_lazy("do not include"),
    Operator.YES: gettext_lazy("is true"),
    Operator.NO: gettext_lazy("is not true"),
}
"""The titles of operators in drop-downs."""

_COMPARED: dict[str, str] = {
    "_>_": gettext_noop("%(left)s is more than %(right)s"),
    "_>=_": gettext_noop("%(left)s is at least %(right)s"),
    "_<_": gettext_noop("%(left)s is less than %(right)s"),
    "_<=_": gettext_noop("%(left)s is at most %(right)s"),
    "_==_": gettext_noop("%(left)s is %(right)s"),
    "_!=_": gettext_noop("%(left)s is not %(right)s"),
    "contains": gettext_noop("%(left)s contains %(right)s"),
    "startsWith": gettext_noop("%(left)s begins with %(right)s"),
    "endsWith": gettext_noop("%(left)s ends with %(right)s"),
    "matches": gettext_noop("%(left)s matches the pattern %(right)s"),
    "_+_": gettext_noop("%(left)s plus %(right)s"),
    "_-_": gettext_noop("%(left)s minus %(right)s"),
}
_TIMES: dict[str, str] = {
    "_*_": gettext_noop("%(left)s times %(right)s"),
    "_/_": gettext_noop("%(left)s divided by %(right)s"),
    "_%_": gettext_noop("the rest of %(left)s divided by %(right)s"),
    "_[_]": gettext_noop("entry %(right)s (0 is the first) of %(left)s"),
}
_DENIED: dict[str, str] = {
    "@in": gettext_noop("%(left)s is none of %(right)s"),
    "contains": gettext_noop("%(left)s does not contain %(right)s"),
    "startsWith": gettext_noop("%(left)s does not begin with %(right)s"),
    "endsWith": gettext_noop("%(left)s does not end with %(right)s"),
}
_PARTS: dict[str, str] = {
    "getHours": gettext_noop("the hour of %(of)s"),
    "getDayOfWeek": gettext_noop("the day of the week (0 is Sunday) of %(of)s"),
    "getDayOfMonth": gettext_noop("the day of the month (0 is the first) of %(of)s"),
    "getDate": gettext_noop("the day of the month of %(of)s"),
    "getMonth": gettext_noop("the month (0 is January) of %(of)s"),
    "getFullYear": gettext_noop("the year of %(of)s"),
    "size": gettext_noop("the number of entries of %(of)s"),
}
MOST_LISTED = 8


class Wording:
    """Puts conditions into words; `currency` is that of their amounts, empty if unknown."""

    def __init__(self, facts: Mapping[str, Fact], *, currency: str = "") -> None:
        """Take the facts by their names."""
        self.facts, self.currency = facts, currency

    def condition(self, tree: Node) -> str:
        """Return a condition in words, without a full stop."""
        return self._words(tree)

    def value(self, fact: Fact, value: Any) -> str:
        """Return a value of a fact in words; amounts are in whole units of the currency."""
        if fact.type == FactType.AMOUNT and self.currency:
            return amount_words(int(Decimal(str(value)).scaleb(exponent(self.currency))), self.currency)
        if fact.type == FactType.SHARE:
            return percent_words(int(Decimal(str(value)) * 10_000))
        if isinstance(value, str) and value in fact.choices:
            return str(fact.choices[value])
        return self._plain(value)

    def _words(self, node: Node, beside: Fact | None = None) -> str:
        """Return a node in words; `beside` is the fact that a value is compared with."""
        if node.type == NodeType.VALUE:
            return self.value(beside, node.value) if beside else self._plain(node.value)
        if node.type == NodeType.NAME:
            return str(self.facts[node.word].title) if node.word in self.facts else node.word
        if node.type == NodeType.LIST:
            return self._list(node, beside)
        if node.type == NodeType.LOOP:
            return self._loop(node)
        return self._test(node) if node.type in (NodeType.SOME, NodeType.EVERY) else self._call(node)

    def _test(self, node: Node) -> str:
        told = {"name": node.word, "list": self._words(node.parts[0]), "test": self._words(node.parts[1])}
        if node.type == NodeType.SOME:
            return _("some entry %(name)s of %(list)s fits: %(test)s") % told
        return _("every entry %(name)s of %(list)s fits: %(test)s") % told

    def _loop(self, node: Node) -> str:
        """Return `exists_one`, `filter` or `map` in words; CEL writes each as a step that adds to a result, some after a test."""
        told, step = {"name": node.word, "list": self._words(node.parts[0])}, node.parts[1]
        if step.word == "_?_:_":
            told["test"], added = self._words(step.parts[0]), step.parts[1].parts[1]
            if added.type == NodeType.VALUE:
                return _("exactly one entry %(name)s of %(list)s fits: %(test)s") % told
            told["list"] = _("those entries %(name)s of %(list)s that fit (%(test)s)") % told
            step = step.parts[1]
        value = step.parts[1].parts[0]
        if value.type == NodeType.NAME and value.word == node.word:
            return told["list"]
        return _("each entry %(name)s of %(list)s, made into: %(value)s") % (told | {"value": self._words(value)})

    def _call(self, node: Node) -> str:
        word, parts = node.word, node.parts
        own = {"_&&_": self._joined, "_||_": self._joined, "!_": self._denied, "_?_:_": self._choice, "@in": self._in}
        if word in own:
            return own[word](node)
        if word in _PARTS:
            return _(_PARTS[word]) % {"of": self._words(parts[0])}
        if word in _TIMES:
            return _(_TIMES[word]) % {"left": self._words(parts[0]), "right": self._words(parts[1])}
        if word in _COMPARED:
            return _(_COMPARED[word]) % self._sides(parts)
        return _("%(function)s of %(of)s") % {"function": word or "?", "of": _list_of([self._words(part) for part in parts])}

    def _choice(self, node: Node) -> str:
        test, yes, no = map(self._words, node.parts)
        return _("if %(test)s: %(yes)s, otherwise: %(no)s") % {"test": test, "yes": yes, "no": no}

    def _in(self, node: Node) -> str:
        left, right = node.parts
        if self._is_list(right):
            return _("%(right)s is among %(left)s") % {"left": self._words(right), "right": self._words(left, self._fact(right))}
        return _("%(left)s is one of %(right)s") % self._sides(node.parts)

    def _sides(self, parts: Sequence[Node]) -> dict[str, str]:
        left, right = parts
        return {"left": self._words(left, self._fact(right)), "right": self._words(right, self._fact(left))}

    def _joined(self, node: Node) -> str:
        told = [self._inner(part) for part in flat(node, node.word)]
        template = _("%(first)s and %(second)s") if node.word == "_&&_" else _("%(first)s or %(second)s")
        found = told[0]
        for one in told[1:]:
            found = template % {"first": found, "second": one}
        return found

    def _inner(self, node: Node) -> str:
        joined = node.type == NodeType.CALL and node.word in ("_&&_", "_||_", "_?_:_")
        return f"({self._words(node)})" if joined else self._words(node)

    def _denied(self, denial: Node) -> str:
        node = denial.parts[0]
        if node.type == NodeType.CALL and node.word in _DENIED and not (node.word == "@in" and self._is_list(node.parts[1])):
            return _(_DENIED[node.word]) % self._sides(node.parts)
        if node.type == NodeType.CALL and node.word == "@in":
            told = {"left": self._words(node.parts[1]), "right": self._words(node.parts[0], self._fact(node.parts[1]))}
            return _("%(right)s is not among %(left)s") % told
        return _("not: %(test)s") % {"test": self._inner(node)}

    def _is_list(self, node: Node) -> bool:
        return node.type == NodeType.NAME and node.word in self.facts and self.facts[node.word].type == FactType.TEXTS

    def _fact(self, node: Node) -> Fact | None:
        """Return the fact whose unit applies to a value compared with this node; looks through sums and products."""
        if node.type == NodeType.NAME:
            return self.facts.get(node.word)
        if node.type == NodeType.CALL and node.word in ("_+_", "_-_", "_*_"):
            return next(filter(None, map(self._fact, node.parts)), None)
        return None

    def _list(self, node: Node, beside: Fact | None) -> str:
        told = [self._words(part, beside) for part in node.parts]
        more = len(told) - MOST_LISTED
        if more > 0:
            told = [*told[:MOST_LISTED], _("%(count)s more") % {"count": more}]
        return _list_of(told)

    def _plain(self, value: Any) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, int | float):
            return number_words(value)
        return _("“%(text)s”") % {"text": value}


def _list_of(told: Sequence[str]) -> str:
    return format_list(list(told), locale=parse_locale(desk_locale()))
