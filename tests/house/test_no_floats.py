"""Money is never divided into a float, in Python or in a script of a page."""

import ast
import re
from collections.abc import Iterator

from tests.house.sources import ROOT, called, modules, walk

MONEY = re.compile(r"(^|_)(minor|amount|amounts|price|total|refunded)$")
IN_SCRIPTS = re.compile(r"\b\w*(amount|minor|price|total)\w*\s*/\s*[\w(]|toFixed|parseFloat", re.IGNORECASE)


def names_in(node: ast.AST) -> Iterator[str]:
    """Yield the names, attributes and keys that an expression reads."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant):
            yield str(part.slice.value)


def becomes_float(node: ast.AST) -> bool:
    """Tell whether an expression makes a binary fraction of an amount."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return any(MONEY.search(name) for name in names_in(node.left)) and "Decimal" not in set(names_in(node))
    return isinstance(node, ast.Call) and called(node) == "float" and any(MONEY.search(name) for name in names_in(node))


def test_no_amount_becomes_a_float():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        if path.parts[0] not in {"tests", "benchmarks"}
        for node in walk(tree)
        if becomes_float(node)
    ]
    # The rules of plans divide by exact fractions; their rates are found in floats first and refined in decimals.
    assert [place for place in found if not place.startswith("plans/rules/")] == []


def test_no_script_divides_an_amount():
    scripts = [path for folder in ("static", "examples") for path in (ROOT / folder).rglob("*.js") if "vendor" not in path.parts]
    lines = [(path, line) for path in scripts for line in path.read_text().splitlines()]
    assert [f"{path.relative_to(ROOT)}: {line.strip()}" for path, line in lines if IN_SCRIPTS.search(line)] == []
