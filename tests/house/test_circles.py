"""No file needs a file that needs it, also inside an app, in `core` and in the sandbox."""

import ast
from pathlib import Path

from tests.house.sources import modules, walk


def dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def needed(path: Path, tree: ast.Module) -> set[str]:
    """Return what a file imports by its dotted names, relative names too, each name as a module of its package first."""
    found = set()
    package = path.parent.parts
    for node in walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = [*package[: len(package) - node.level + 1], *([node.module] if node.module else [])] if node.level else [node.module]
            found |= {".".join([*start, alias.name]) for alias in node.names} | {".".join(start)}
    return found


def needs_of(files: dict[Path, ast.Module]) -> dict[str, set[str]]:
    """Return which files each file needs; a package whose module is imported by name counts only if more than that is."""
    names = {dotted(path) for path in files}
    needs = {}
    for path, tree in files.items():
        wanted = needed(path, tree)
        by_name = {name.rpartition(".")[0] for name in wanted if name in names}
        more = {name.rpartition(".")[0] for name in wanted if name not in names}
        needs[dotted(path)] = {name for name in wanted & names if name not in by_name or name in more} - {dotted(path)}
    return needs


def in_circles(needs: dict[str, set[str]]) -> list[str]:
    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        todo = [start]
        while todo:
            new = needs.get(todo.pop(), set()) - seen
            seen |= new
            todo += new
        return seen

    return sorted(name for name in needs if name in reached(name))


def test_no_files_import_each_other_in_a_circle():
    assert in_circles(needs_of(modules())) == []


def test_a_circle_is_found_by_relative_and_absolute_names():
    texts = {
        "a/__init__.py": "from .b import x",
        "a/b.py": "from a.c import y",
        "a/c.py": "from . import b\nimport a.d",
        "a/d.py": "import os",
    }
    assert in_circles(needs_of({Path(name): ast.parse(text) for name, text in texts.items()})) == ["a.b", "a.c"]
