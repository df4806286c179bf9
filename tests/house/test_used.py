"""Each function and class is used by the product itself, not by tests alone."""

import ast
import re
from collections import Counter

from tests.house.sources import ROOT, modules

WORD = re.compile(r"[A-Za-z_]\w*")
ASIDE = {"tests", "benchmarks", "docs"}
# What Django and pytest call by its name.
BY_NAME = re.compile(r"pytest_\w+|\w+Config")
OTHERS = {
    "core/together.py: Together": "migrations use it",
    "merchants/api/authentication.py: ApiKeyScheme": "drf-spectacular finds it as a subclass",
}


def test_what_is_defined_is_used_outside_of_tests():
    product = {path: tree for path, tree in modules().items() if path.parts[0] not in ASIDE}
    texts = [ROOT / path for path in product]
    texts += [path for pattern in ("templates/**/*.html", "*.toml", "deploy/*") for path in ROOT.glob(pattern) if path.is_file()]
    words = Counter(word for path in texts for word in WORD.findall(path.read_text()))
    for path, tree in product.items():
        if path.name == "__init__.py":
            # A package that passes a name on does not use it.
            words.subtract(alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names)
            passed = [node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"]
            words.subtract(one.value for value in passed for one in ast.walk(value) if isinstance(one, ast.Constant))
    defined = [
        (f"{path}: {node.name}", node.name)
        for path, tree in product.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list and not BY_NAME.fullmatch(node.name)
    ]
    assert {place for place, name in defined if words[name] < 2} == set(OTHERS)
