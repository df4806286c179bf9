"""The facts that decisions have, told by the apps that decide: a model of other columns could decide nothing."""

from collections.abc import Collection

from learning.models import ModelVersion, Role

DECIDING = frozenset({Role.CHAMPION, Role.CHALLENGER})
"""The roles by which a model decides about people; a shadow is only recorded."""
MOST_NAMED = 5
"""So many columns are named."""
_facts: dict[str, frozenset[str]] = {}


def tell_facts(family: str, facts: Collection[str]) -> None:
    """Say which facts the decisions of a family have."""
    _facts[family] = frozenset(facts)


def foreign_columns(version: ModelVersion) -> list[str]:
    """Return the columns of a version that decisions of its family do not have, by name."""
    return sorted(set(version.lineage.get("columns", ())) - _facts[version.family])


def named(columns: Collection[str]) -> str:
    """Return names of columns as a text, with how many more there are."""
    more = len(columns) - MOST_NAMED
    return ", ".join([*columns][:MOST_NAMED]) + (f" (+{more})" if more > 0 else "")
