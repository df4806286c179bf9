"""Templates get plain values: a page builder in Python reads states and rows, the template writes words."""

import re

import pytest

from tests.house.sources import ROOT
from tests.house.test_states import VALUES

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
TAG = re.compile(r"\{%-?\s*(.*?)\s*-?%\}", re.DOTALL)
COMPARED = re.compile(r"""([\w.|:]+)\s*(?:==|!=|in|not in)\s*["']([\w ]+)["']|["'](\w+)["']\s*(?:==|!=)\s*([\w.|:]+)""")
PATHS = re.compile(r"(?<![\w.\"'/])[a-z_]\w*(?:\.\w+)+")
MOST_DOTS = 2
DJANGOS_OWN = {"cl", "field"}
"""Objects that Django's forms and lists give to templates: their own attributes lie deeper, and a field may be named like a state."""


def states_compared(text: str):
    """Yield what is compared with a word of a machine's states."""
    for tag in TAG.findall(text):
        if tag.startswith(("if ", "elif ")):
            for left, word, first, right in COMPARED.findall(tag):
                if {*(word or first).split()} & VALUES:
                    yield f"{left or right} {word or first}"


def paths_read(text: str):
    """Yield the dotted names that tags, variables and the arguments of components read."""
    code = [*TAG.findall(text), *re.findall(r"\{\{\s*(.*?)\s*\}\}", text, re.DOTALL), *re.findall(r'\s:\w+="(.*?)"', text, re.DOTALL)]
    for part in code:
        yield from PATHS.findall(re.sub(r"""(["']).*?\1""", "''", part))


def head(path: str) -> str:
    return path.partition(".")[0]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_compares_a_state_with_a_word(path):
    assert [found for found in states_compared(path.read_text()) if head(found) not in DJANGOS_OWN] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_follows_rows_from_table_to_table(path):
    assert [found for found in paths_read(path.read_text()) if found.count(".") > MOST_DOTS and head(found) not in DJANGOS_OWN] == []


def test_no_page_of_people_asks_a_row_for_its_words():
    pages = [path for path in TEMPLATES if {"portals", "components", "layouts"} & set(path.parts)]
    assert [str(path) for path in pages if re.search(r"\.get_\w+_display", path.read_text())] == []


def test_the_rules_find_what_they_are_for():
    text = """{% if order.status == "voided" or 'paid' == row.status %}{{ order.plan.product.name }}{% elif why != "canceled" %}
    <c-amount :value="a.b.c.d" note="a.b.c.d" />{% url 'a.b.c.d' x.y %}{% endif %}"""
    assert list(states_compared(text)) == ["order.status voided", "row.status paid", "why canceled"]
    assert [path for path in paths_read(text) if path.count(".") > MOST_DOTS] == ["order.plan.product.name", "a.b.c.d"]
