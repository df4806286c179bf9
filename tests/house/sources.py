"""The sources that the house tests read: the product's own files, parsed once."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {"tests", "migrations", ".venv", "var", "node_modules", "staticfiles", ".git", "build", "dist"}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# The highest layer first; apps in the same line do not import each other.
LAYERS = [
    {part.strip() for part in line.split("|")}
    for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
    if contract["type"] == "layers" and "containers" not in contract
    for line in contract["layers"]
]
APPS = sorted(set().union(*LAYERS))
RANK = {app: rank for rank, layer in enumerate(LAYERS) for app in layer}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> dict[Path, ast.Module]:
    """Return every module but tests and migrations, by its path from the root."""
    found = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
    return {path: ast.parse((ROOT / path).read_text()) for path in found if not SKIPPED & set(path.parts)}


def app_modules() -> Iterator[tuple[Path, ast.Module]]:
    """Yield the modules of the apps."""
    yield from ((path, tree) for path, tree in modules().items() if path.parts[0] in RANK)


def in_room(path: Path, room: str) -> bool:
    """Return whether a module is an app's `room.py` or in its package of that name."""
    return path.stem == room or room in path.parts[:-1]


def room(name: str) -> Iterator[tuple[Path, ast.Module]]:
    """Yield the modules of one room in every app, and none from outside the apps."""
    yield from ((path, tree) for path, tree in app_modules() if in_room(path, name))


@cache
def walk(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return every node of a tree, itself included; many tests walk all modules, so each tree is walked once."""
    return tuple(ast.walk(tree))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function inside, including methods and nested ones."""
    yield from (node for node in walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names imported anywhere inside: the module, and the module with each name."""
    for node in walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(node: ast.AST) -> str:
    """Return the dotted name of the called function, as far as it has one."""
    parts: list[str] = []
    target = node.func if isinstance(node, ast.Call) else node
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    parts.append(target.id if isinstance(target, ast.Name) else "")
    return ".".join(reversed(parts))


@cache
def tracked() -> dict[Path, str]:
    """Return the text of every file in the Git repository; without a repository, of every file outside the skipped folders."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        paths = [Path(name) for name in listed.stdout.split("\0") if name]
    else:
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*") if not (SKIPPED - {"tests", "migrations"}) & set(path.parts)]
    found = {}
    for path in paths:
        if (ROOT / path).is_file():
            data = (ROOT / path).read_bytes()
            if b"\0" not in data[:4096]:
                found[path] = data.decode(errors="replace")
    return found
