"""What the documents name is there: files and their headings, commands, make targets, variables."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

from bnpl import env
from bnpl.env import ROOT
from tests.sizes import WHOLE

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md"), ROOT / "sandbox" / "README.md"])
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)]*))?\)")
FILE = re.compile(r"`([a-z_]+/[\w/.-]+\.(?:py|md|sh|html|css|js|json|conf))`")
TREE = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"var"}
VARIABLE = re.compile(r"\bBNPL_[A-Z_]*[A-Z]\b")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")
TARGET = re.compile(r"`?make ([a-z-]+)`")


@cache
def headings(path: Path) -> set[str]:
    """Return the anchors of a document's headings."""
    found = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def is_there(path: Path, name: str) -> bool:
    """Return whether a file that a document names exists; it may name a template or a style sheet without its folder."""
    return "NAME" in name or any((folder / name).exists() for folder in (ROOT, path.parent, ROOT / "templates", ROOT / "static"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_is_there(path: Path):
    text = path.read_text()
    links = [(path.parent / link if link else path, part) for link, part in LINK.findall(text) if not link.startswith(("http", "mailto:"))]
    assert [str(link) for link, _part in links if not link.exists()] == []
    assert [f"{link}#{part}" for link, part in links if part and link.suffix == ".md" and part not in headings(link)] == []
    assert [name for name in FILE.findall(text) if name.split("/")[0] in TREE and not is_there(path, name)] == []
    assert [name for name in VARIABLE.findall(text) if name.removesuffix("_FILE") not in {*env.KNOWN, WHOLE}] == []
    assert [name for name in COMMAND.findall(text) if name not in get_commands()] == []
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert [name for name in TARGET.findall(text) if name not in targets] == []


def test_decisions_are_numbered_without_gaps_and_fit_on_a_page():
    decisions = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    index = (ROOT / "docs" / "adr" / "README.md").read_text()
    for path in decisions:
        lines = path.read_text().splitlines()
        assert lines[0].startswith(f"# {path.name[:4]} "), path
        assert len(lines) <= 60, path
        assert f"({path.name})" in index, path
