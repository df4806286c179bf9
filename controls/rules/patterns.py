r"""Limits of the patterns (regular expressions) of conditions, so that trying one takes next to no time.

The library compiles a pattern each time that it is tried, and a repetition as often as it counts: `\pL{300}` takes a third of a second.
"""

import re
from collections.abc import Iterator

from controls.rules.tree import Node, NodeType
from core.sentences import Sentence

MOST_SIZE = 200
"""The largest size of all patterns of a condition together, in characters; a counted repetition adds its count."""
_COUNTED = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_HEAVY = re.compile(r"\\[pP]|[)}]\{\d")


def patterns_of(tree: Node) -> Iterator[Node]:
    """Return the nodes of a condition's patterns: the last argument of each `matches`."""
    return (node.parts[-1] for node in tree.walk() if node.type == NodeType.CALL and node.word == "matches" and node.parts)


def size_of(pattern: str) -> int:
    """Return the size of a pattern: its length in characters plus the counts of its repetitions (300 for `{300}`)."""
    return len(pattern) + sum(max(map(int, filter(None, found.groups()))) for found in _COUNTED.finditer(pattern))


def find_too_large(tree: Node) -> tuple[Node, Sentence] | None:
    """Return the first pattern that cannot be used, and why; None if all can."""
    size = 0
    for node in patterns_of(tree):
        if node.type != NodeType.VALUE or not isinstance(node.value, str):
            return node, Sentence("A pattern is a text in quotes: facts and what is calculated cannot be one.")
        if _HEAVY.search(node.value):
            return node, Sentence("This pattern takes too long: it has “\\p”, or counts how often a group repeats.")
        size += size_of(node.value)
        if size > MOST_SIZE:
            return node, Sentence(
                "The patterns of a condition have at most %(most)s characters; counted repetitions count.", most=MOST_SIZE
            )
    return None
