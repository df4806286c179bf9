"""HTML that is safe from injection: everything that is not Markup already is escaped and translated."""

import html
from typing import TypeAlias, Union

from storefront.languages import say

VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})

Attribute: TypeAlias = str | int | bool | None
Child: TypeAlias = Union["Markup", str, int, list["Markup"], None]


class Markup(str):
    """Text that is already HTML."""

    __slots__ = ()


def join(*children: Child) -> Markup:
    """Join children; texts are translated and escaped, None is left out."""
    return Markup("".join(_write(child) for child in children))


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """Return an element. `class_` and `for_` lose their underscore, others become hyphens; None and False leave an attribute out."""
    written = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None and value is not False)
    return Markup(f"<{name}{written}>" if name in VOID else f"<{name}{written}>{join(*children)}</{name}>")


def document(*children: Child, **attributes: Attribute) -> Markup:
    """Return a whole page."""
    return Markup(f"<!doctype html>{tag('html', *children, **attributes)}")


def _write(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, list):
        return "".join(child)
    return child if isinstance(child, Markup) else html.escape(say(str(child)))


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
