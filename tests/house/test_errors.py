"""Whatever an error says to people can be said in every language: each of its texts stands in the catalogs."""

import ast
import re
from collections.abc import Iterator

from django.conf import settings

from core.translations import ERRORS, FUNCTIONS, WITHOUT
from tests.gathered import gathered

ROOT = settings.BASE_DIR
CLASS = re.compile(r"^class (\w+)\(", re.MULTILINE)
FAMILY = re.compile(r"^class (\w+)\((?:DomainError|Invalid|Malformed|Forbidden|NotFound|Conflict|TooMany|Unavailable|Gone)\)", re.MULTILINE)
UNREAD = ("learning/", "core/management/", "webhooks/gateways/")
"""What only commands of a shell say, and failures of deliveries, which pages put in words by their kind (`portals.merchant.webhooks`)."""


def _sources() -> Iterator[tuple[str, ast.Module, str]]:
    for path in sorted(ROOT.glob("*/**/*.py")):
        parts = path.relative_to(ROOT).parts
        if not any(part in WITHOUT or part.startswith(".") for part in parts):
            text = path.read_text()
            yield str(path.relative_to(ROOT)), ast.parse(text), text


def _texts(value: ast.expr | None) -> Iterator[str]:
    """Yield the texts that a value can be, and the source of those that are put together on the spot; not those in calls."""
    match value:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.JoinedStr():
            yield ast.unparse(value)
        case ast.IfExp():
            yield from (*_texts(value.body), *_texts(value.orelse))
        case ast.BoolOp(values=values) | ast.Dict(values=values):
            yield from (text for one in values for text in _texts(one))
        case ast.DictComp():
            yield from _texts(value.value)
        case ast.Call(func=ast.Attribute(value=ast.Name("dict"), attr="fromkeys"), args=[_, one]):
            yield from _texts(one)


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _unnamed(tree: ast.Module) -> None:
    """Put sentences in the place of the variables that hold them."""
    held = {
        getattr(one.targets[0], "id", ""): one.value
        for one in ast.walk(tree)
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant) and " " in str(one.value.value)
    }
    for call in [one for one in ast.walk(tree) if isinstance(one, ast.Call)]:
        call.args = [held.get(getattr(one, "id", ""), one) for one in call.args]


def _said(tree: ast.Module, errors: set[str]) -> Iterator[str]:
    """Yield the texts that errors of a file say: sentences and fields, what `refuse` is given, what a `..._fault` returns."""
    _unnamed(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call() if _name(node) in errors:
                yield from (text for one in node.args[:1] for text in _texts(one))
                yield from (text for one in node.keywords if one.arg == "fields" for text in _texts(one.value))
            case ast.Call() if _name(node) == "refuse":
                yield from (text for one in node.args for text in _texts(one))
            case ast.FunctionDef(name=name) if name.endswith(("_fault", "_faults")) and name not in FUNCTIONS:
                yield from (text for one in ast.walk(node) if isinstance(one, ast.Return) for text in _texts(one.value))


def test_every_text_of_an_error_reaches_the_catalogs():
    known = {one.id if isinstance(one.id, str) else one.id[0] for one in gathered()}
    sources = [one for one in _sources() if not one[0].startswith(UNREAD)]
    errors = {name for path, _tree, text in sources if path.rsplit("/", 1)[-1][:-3] in ERRORS for name in CLASS.findall(text)}
    errors |= {name for _path, _tree, text in sources for name in FAMILY.findall(text)}
    lost = {(path, text) for path, tree, _text in sources for text in _said(tree, errors) if text not in known}
    assert sorted(lost) == []


def test_texts_that_are_not_marked_are_found():
    """The first test would notice each of the ways in which a text was lost."""
    source = """
raise Invalid(f"No {what} here.", fields={"a": "is gone" if x else ""})
refuse({"b": "" if y else "say more", "c": Sentence("marked")})
def day_fault(): return "is past" if z else ""
def check():
    held = "is held"
    raise Invalid(held, fields=dict.fromkeys(["c"], "cannot be"))
"""
    assert sorted(_said(ast.parse(source), {"Invalid"})) == ["cannot be", "f'No {what} here.'", "is gone", "is held", "is past", "say more"]
