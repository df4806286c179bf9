"""Arrays as PostgreSQL literals, one constant each.

The driver writes a list as `ARRAY['a', 'b', ...]`, an expression with one constant for each element, which driver and server handle one by
one. For hundreds of rows that costs more than the statement itself; a literal `'{a,b}'` is a single constant.
"""

from collections.abc import Iterable

_BETWEEN = "\0"  # the one character that a PostgreSQL text cannot contain


def plain_array(values: Iterable[object]) -> str:
    """Return keys, numbers or moments as an array literal; None is NULL."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def text_array(values: Iterable[str]) -> str:
    """Return texts as an array literal; ValueError for a text with a null character, which the database would refuse."""
    texts = list(values)
    if not texts:
        return "{}"
    body = _BETWEEN.join(texts)
    if body.count(_BETWEEN) != len(texts) - 1:
        raise ValueError("a text with a null character")
    escaped = body.replace("\\", "\\\\").replace('"', '\\"').replace(_BETWEEN, '","')
    return f'{{"{escaped}"}}'
